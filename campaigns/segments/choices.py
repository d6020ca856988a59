"""What the editor offers for a rule: comparisons by the type of the attribute, and the controls of their values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from campaigns.customers.catalogue import Catalogue, Column, ColumnType
from campaigns.segments.operators import AGGREGATES, MATCH_EMPTY, OPERATORS

Control = Literal["none", "text", "number", "list", "date", "time", "span", "days"]
UNITS = ("days", "weeks", "months", "years")
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Choice:
    """An operator, or one with its value in it: “is true”, “is not empty”."""

    operator: str
    label: str
    value: bool | None = None

    @property
    def key(self) -> str:
        return self.operator if self.value is None else f"{self.operator}:{str(self.value).lower()}"

    @property
    def shape(self) -> str:
        return "none" if self.value is not None else OPERATORS[self.operator].shape

    @property
    def matches_empty(self) -> bool:
        return self.operator in MATCH_EMPTY


_EMPTY = (Choice("empty", "is empty", True), Choice("empty", "is not empty", False))
_YES_NO = (
    Choice("is", "is true", True),
    Choice("is", "is false", False),
    Choice("is_not", "is not true", True),
    Choice("is_not", "is not false", False),
)
_VALUED = tuple(
    Choice(name, operator.label) for name, operator in OPERATORS.items() if operator.shape != "flag"
)
CHOICES = {choice.key: choice for choice in (*_VALUED, *_YES_NO, *_EMPTY)}


# What is asked of the rows of a table with many per customer.
EXISTS = {"any": True, "no": False}
VERBS = {"any": "any row", "no": "no row", **{name: one.label for name, one in AGGREGATES.items()}}


def offered(kind: ColumnType) -> list[Choice]:
    """The comparisons for a type of column, the usual one first."""
    if kind == "boolean":
        return [*_YES_NO, *_EMPTY]
    found = [choice for choice in _VALUED if kind in OPERATORS[choice.operator].types]
    return [*found, *_EMPTY]


def control(choice: Choice, kind: ColumnType | None) -> Control:
    """What the value is entered with."""
    if choice.shape in ("none", "list", "span", "days"):
        return choice.shape  # type: ignore[return-value]
    if kind in ("date", "number"):
        return kind
    return "time" if kind == "datetime" else "text"


# Values as text in fields, and back -----------------------------------------------------------------------


def as_fields(choice: Choice, value: Any) -> tuple[tuple[str, ...], str]:
    """A value as the texts of its fields, and the unit of a length of time."""
    if choice.shape == "none":
        return (), "days"
    if choice.shape in ("span", "days"):
        number, _, unit = str(value).partition(" ")
        return (number,), unit if unit in UNITS else "days"
    if choice.shape == "list":
        return ("\n".join(_text(item) for item in value),), "days"
    return tuple(_text(item) for item in (value if choice.shape == "two" else [value])), "days"


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_value(choice: Choice, texts: Sequence[str], unit: str, kind: ColumnType | None) -> Any:
    """What the fields say, as the file format has it; what is no number stays text, for its error's sake."""
    if choice.shape == "none":
        return choice.value
    first = texts[0] if texts else ""
    if choice.shape in ("span", "days"):
        return f"{first.strip()} {unit}"
    as_number = _is_number(choice.operator, kind)
    if choice.shape == "list":
        return [_scalar(line, as_number) for line in first.splitlines() if line.strip()]
    if choice.shape == "two":
        return [_scalar(text, as_number) for text in (*texts, "", "")[:2]]
    return _scalar(first, as_number)


def _is_number(operator: str, kind: ColumnType | None) -> bool:
    """By the column; where the column is gone or does not fit, by what the operator compares."""
    types = OPERATORS[operator].types
    return kind == "number" if kind in types else types == {"number"}


def _scalar(text: str, as_number: bool) -> str | int | float | None:
    if not text.strip():
        return None
    if not as_number or not _NUMBER.fullmatch(text.strip()):
        return text
    plain = text.strip().replace(",", "")
    return int(plain) if re.fullmatch(r"[+-]?\d{1,100}", plain) else float(plain)


def is_missing(choice: Choice, texts: Sequence[str]) -> bool:
    """Whether a value has still to be entered."""
    needed = {"none": 0, "two": 2}.get(choice.shape, 1)
    return sum(1 for text in texts[:needed] if text.strip()) < needed


# Attributes -------------------------------------------------------------------------------------------------

# They stand among the attributes, for rules about members of another segment or of an uploaded list.
SEGMENT = "Segment"
LIST = "Uploaded list"
ROWS_OF = "rows of "


@dataclass(frozen=True)
class Attribute:
    """A column of a table, as the picker lists it; `many`: of a table with several rows per customer."""

    table: str
    column: Column
    read_as: str
    many: bool = False

    @property
    def path(self) -> str:
        return f"{self.table}.{self.column.name}"

    @property
    def text(self) -> str:
        """As it stands in the field: “City · customer_360”."""
        return f"{self.read_as} · {self.table}"

    def is_called(self, column: str) -> bool:
        return column in (self.read_as, self.column.name)

    @property
    def own_text(self) -> str:
        """As it can be typed as well: “city · customer_360”."""
        return _own_text(self.path)


def _own_text(attribute: str) -> str:
    table, dot, column = attribute.rpartition(".")
    return f"{column} · {table}" if dot else attribute


def text_of(attribute: str, known: Mapping[str, Attribute]) -> str:
    """What stands in the field for an attribute, also for one that is gone."""
    return known[attribute].text if attribute in known else _own_text(attribute)


def attributes(catalogue: Catalogue) -> list[Attribute]:
    """What rules may ask about, the profile table's first; the customer key once, hidden columns never."""
    visible = catalogue.usable().tables
    tables = sorted(visible, key=lambda table: (table.many, table.name != catalogue.profile_table))
    first = next((table for table in tables if not table.many), None)
    return [
        Attribute(table.name, column, table.read_as[column.name], table.many)
        for table in tables
        for column in table.columns
        if column.name != table.key or table is first
    ]


def attribute_typed(text: str, known: Mapping[str, Attribute], table: str = "") -> str:
    """The attribute that a text means ("City · profiles", "profiles.city", "city"), else the text itself.

    `table`: the only one whose columns are meant.
    """
    text = text.strip()
    if text in known:
        return text
    column, dot, of = text.rpartition(" · ")
    if dot:
        in_table = (path for path, one in known.items() if one.table == of and one.is_called(column))
        return next(in_table, f"{of}.{column}")
    named = [
        path
        for path, one in known.items()
        if text.lower() in (one.column.name.lower(), one.column.label.lower())
        and (not table or one.table == table)
    ]
    return named[0] if len(named) == 1 else text


def kind_of(attribute: str, known: Mapping[str, Attribute]) -> ColumnType | None:
    return known[attribute].column.type if attribute in known else None


def tables_of(known: Mapping[str, Attribute]) -> list[str]:
    """The tables with many rows per customer."""
    return list(dict.fromkeys(one.table for one in known.values() if one.many))


def result_of(verb: str, of: str, known: Mapping[str, Attribute]) -> ColumnType | None:
    """What an aggregate is compared as."""
    aggregate = AGGREGATES.get(verb)
    return (aggregate.result or kind_of(of, known)) if aggregate else None
