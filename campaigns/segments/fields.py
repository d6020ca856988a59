"""The fields that a comparison is entered with, ready for the templates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.customers.catalogue import ColumnType
from campaigns.segments.choices import CHOICES, UNITS, Choice, control, offered
from campaigns.segments.editor import can_ignore_case
from campaigns.segments.tree import Compared

_DAY = re.compile(r"(\d{4}-\d\d-\d\d)?")
_DAY_AND_TIME = re.compile(r"(\d{4}-\d\d-\d\d)?(?:T(\d\d:\d\d))?")
_LABELS = {"span": "Number", "days": "Number of days", "list": "Values, one per line"}
# Comparisons whose values a picker can find in the customer database.
_PICKED = frozenset({"is", "is_not", "in", "not_in"})


@dataclass(frozen=True)
class Input:
    """One field of a value; `type`: text, number, list, date, time (a day and a time) or days."""

    id: str
    label: str
    value: str
    type: str
    time: str = ""


@dataclass(frozen=True)
class Fields:
    """A comparison and its value; `attribute`: whose values a picker offers, empty for none."""

    id: str
    choices: Sequence[Choice]
    choice: str
    control: str
    inputs: Sequence[Input]
    units: Sequence[str]
    unit: str
    can_ignore_case: bool
    ignore_case: bool
    attribute: str
    error_id: str


def fields(id: str, compared: Compared, kind: ColumnType | None, attribute: str, error_id: str) -> Fields:
    choice = CHOICES.get(compared.choice)
    entered = control(choice, kind) if choice else ""
    is_picked = entered in ("text", "number", "list") and choice is not None and choice.operator in _PICKED
    return Fields(
        id=id,
        choices=_choices(kind, choice),
        choice=compared.choice,
        control=entered,
        inputs=_inputs(id, compared, choice, entered) if choice else (),
        units=UNITS if entered == "span" else (),
        unit=compared.unit,
        can_ignore_case=can_ignore_case(compared, kind),
        ignore_case=compared.ignore_case,
        attribute=attribute if is_picked else "",
        error_id=error_id,
    )


def _choices(kind: ColumnType | None, chosen: Choice | None) -> list[Choice]:
    """What fits the column, and what is chosen even where it does not fit."""
    found = offered(kind) if kind is not None else []
    return [*found, *([chosen] if chosen is not None and chosen not in found else [])]


def _inputs(id: str, compared: Compared, choice: Choice, entered: str) -> list[Input]:
    if entered == "none":
        return []
    labels = ("From", "To") if choice.shape == "two" else (_LABELS.get(entered, "Value"),)
    texts = (*compared.values, "", "")
    return [
        _input(f"{id}-value{suffix}", label, text, entered)
        for suffix, label, text in zip(("", "2"), labels, texts, strict=False)
    ]


def _input(id: str, label: str, text: str, entered: str) -> Input:
    """A text that the browser's own field for dates could not hold stays a text."""
    if entered == "date":
        return Input(id, label, text, "date" if _DAY.fullmatch(text) else "text")
    if entered == "time":
        found = _DAY_AND_TIME.fullmatch(text)
        if found is None:
            return Input(id, label, text, "text")
        return Input(id, label, found[1] or "", "time", found[2] or "")
    return Input(id, label, text, "days" if entered == "span" else entered)
