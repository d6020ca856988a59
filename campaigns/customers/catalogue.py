"""What a customer database holds: its tables with the customer key, their columns, and how many rows a customer has."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings

from campaigns.customers.marks import NOTHING, Mark, Marks, marks_of
from config.masking import sounds_personal

if TYPE_CHECKING:
    from campaigns.customers.models import CustomerDatabase

ColumnType = Literal["text", "number", "date", "datetime", "boolean", "other"]
_TYPE_WORDS = {"datetime": "date and time", "boolean": "yes/no"}
UNUSABLE = (
    "The attribute {attribute} cannot be used in rules: {why}. Ask an operator to give it another name."
)
GONE = "The attribute {attribute} is gone from the customer database. Choose another one."


@dataclass(frozen=True)
class Column:
    """`values`: all that it has, the most frequent first, where they are few and nobody's own; else empty."""

    name: str
    type: ColumnType
    values: tuple[str, ...] = ()
    mark: Mark = NOTHING

    @property
    def label(self) -> str:
        """How people read it: what an operator said, else loyalty_tier is “Loyalty tier”."""
        return self.mark.label or self.proposed_label

    @property
    def proposed_label(self) -> str:
        words = self.name.replace("_", " ").strip()
        return words[:1].upper() + words[1:]

    @property
    def description(self) -> str:
        return self.mark.description

    @property
    def is_hidden(self) -> bool:
        """Offered nowhere; rules that name it already keep their meaning."""
        return self.mark.hidden

    @property
    def unusable(self) -> str:
        """Why no rule can name it as "table.column", in half a sentence; empty where one can. A query in SQL can."""
        if "." in self.name:
            return "its name has a dot"
        return (
            "" if self.name.isprintable() else "its name has a line break or a character that cannot be seen"
        )

    @property
    def is_personal(self) -> bool:
        """Whether only those see its values who may see personal data."""
        return self.sounds_personal if self.mark.personal is None else self.mark.personal

    @property
    def sounds_personal(self) -> bool:
        """What its name proposes; a yes or no about an address is no address."""
        return self.type != "boolean" and sounds_personal(self.name)

    @property
    def type_in_words(self) -> str:
        return _TYPE_WORDS.get(self.type, self.type)


@dataclass(frozen=True)
class Table:
    """A table with the customer key; `many` where a customer may have several rows."""

    name: str
    key: str  # the key column as this table spells it
    many: bool
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    @cached_property
    def read_as(self) -> Mapping[str, str]:
        """What people read for each column: its label, but the name where the label could mean another one too."""
        words = ({column.name.casefold(), column.label.casefold()} for column in self.columns)
        meant = Counter(word for of_one in words for word in of_one)
        return {
            column.name: column.label if meant[column.label.casefold()] == 1 else column.name
            for column in self.columns
        }

    @property
    def personal(self) -> int:
        """How many columns are."""
        return sum(column.is_personal for column in self.columns)

    @property
    def hidden(self) -> int:
        return sum(column.is_hidden for column in self.columns)


@dataclass(frozen=True)
class Catalogue:
    tables: tuple[Table, ...]
    profile_table: str = ""

    def table(self, name: str) -> Table | None:
        return next((table for table in self.tables if table.name == name), None)

    def column(self, attribute: str) -> Column | None:
        """By "table.column"."""
        table, _, name = attribute.rpartition(".")
        found = self.table(table)
        return found.column(name) if found else None

    def read_as(self, attribute: str) -> str:
        """What people read for "table.column", without the table; its own name where it is gone."""
        table, _, name = attribute.rpartition(".")
        found = self.table(table)
        return found.read_as.get(name, name) if found else name

    def titles(self, attributes: Iterable[str]) -> dict[str, str]:
        """What people read above columns: as `read_as`, with the table where two would read alike."""
        read = {one: self.read_as(one) for one in attributes}
        alike = Counter(read.values())
        return {
            one: title if alike[title] == 1 else f"{title} · {one.rpartition('.')[0]}"
            for one, title in read.items()
        }

    def personal(self, attribute: str) -> bool | None:
        """What an operator said about "table.column"; None: nothing, so that its name decides. For `mask`."""
        column = self.column(attribute)
        return column.mark.personal if column else None

    def visible(self) -> Catalogue:
        """Without hidden columns: what pages may offer. What is stored is checked and read by the whole one."""
        return self._with(lambda path, column: None if column.is_hidden else column)

    def usable(self) -> Catalogue:
        """Of what is visible, the columns that rules can name."""
        return self._with(lambda path, column: None if column.is_hidden or column.unusable else column)

    def gone(self, attribute: str) -> str:
        """Why "table.column" is no attribute, as a sentence."""
        for table in self.tables:
            for column in table.columns:
                if column.unusable and f"{table.name}.{column.name}" == attribute:
                    return UNUSABLE.format(attribute=attribute, why=column.unusable)
        return GONE.format(attribute=attribute)

    def marked(self, marks: Marks) -> Catalogue:
        """With what operators said; values of columns that are personal or hidden by that are dropped."""
        if not marks:
            return self
        return self._with(lambda path, column: _marked(column, marks.get(path, NOTHING)))

    def with_values(self, values: Mapping[str, tuple[str, ...]]) -> Catalogue:
        """With the distinct values of columns, by "table.column"."""
        return self._with(lambda path, column: replace(column, values=values.get(path, ())))

    def _with(self, change: Callable[[str, Column], Column | None]) -> Catalogue:
        tables = []
        for table in self.tables:
            columns = (change(f"{table.name}.{column.name}", column) for column in table.columns)
            tables.append(replace(table, columns=tuple(column for column in columns if column is not None)))
        return replace(self, tables=tuple(tables))

    def to_json(self) -> dict[str, Any]:
        """What was read; marks are stored beside it."""
        return {"tables": [_table_json(table) for table in self.tables], "profile_table": self.profile_table}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Catalogue:
        tables = tuple(
            Table(**{**table, "columns": tuple(_column(column) for column in table["columns"])})
            for table in data["tables"]
        )
        return cls(tables, data.get("profile_table", ""))


def _marked(column: Column, mark: Mark) -> Column:
    if column.mark == mark:
        return column
    found = replace(column, mark=mark)
    return replace(found, values=()) if found.is_personal or found.is_hidden else found


def _table_json(table: Table) -> dict[str, Any]:
    columns = [_column_json(column) for column in table.columns]
    return {"name": table.name, "key": table.key, "many": table.many, "columns": columns}


def _column_json(column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {"name": column.name, "type": column.type}
    return {**found, "values": list(column.values)} if column.values else found


def _column(data: Mapping[str, Any]) -> Column:
    return Column(data["name"], data["type"], tuple(data.get("values", ())))


def stored(database: CustomerDatabase) -> Catalogue:
    """The catalogue as it was last read, with what operators said; empty where it never was."""
    if not database.catalogue:
        return Catalogue(())
    return _parsed(json.dumps(database.catalogue), json.dumps(database.column_marks))


@lru_cache(maxsize=8)
def _parsed(catalogue: str, marks: str) -> Catalogue:
    """By what it says rather than by whose it is, so that an old one is never given."""
    return Catalogue.from_json(json.loads(catalogue)).marked(marks_of(json.loads(marks)))


def read_catalogue(database: CustomerDatabase, *, with_values: bool = True) -> Catalogue:
    """Look into the customer database, for CATALOGUE_SECONDS at most; distinct values are read besides.

    Raises CustomerDatabaseError where it cannot serve as one.
    """
    from campaigns.customers.connection import open_database
    from campaigns.customers.reading import read
    from campaigns.customers.values import read_values

    with open_database(database) as connection:
        with connection.limited(settings.CATALOGUE_SECONDS):
            found = read(connection, database.customer_key, database.profile_table, database.contact_table)
        found = found.marked(marks_of(database.column_marks))
        return found.with_values(read_values(connection, found)) if with_values else found
