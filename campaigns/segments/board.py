"""What the editor shows: rules with their fields, problems and notes, ready for the templates."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.customers.catalogue import stored
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.choices import (
    CHOICES,
    SEGMENT,
    UNITS,
    Attribute,
    Choice,
    attributes,
    control,
    is_missing,
    kind_of,
    offered,
    text_of,
)
from campaigns.segments.editor import can_ignore_case, data_of
from campaigns.segments.models import Segment
from campaigns.segments.plain import Draft
from campaigns.segments.rules import Group, Node, RuleError, to_data
from campaigns.segments.rules import parse as parse_rules
from campaigns.segments.saving import rule_problems
from campaigns.segments.times import time_zone_problem
from campaigns.segments.tree import Branch, Place, Row, can_move, id_of, place_at, rows, without
from campaigns.segments.words import in_words


@dataclass(frozen=True)
class Input:
    """One field of a value; `type`: text, number, list, date, time (a day and a time) or days."""

    id: str
    label: str
    value: str
    type: str
    time: str = ""


@dataclass(frozen=True)
class RuleView:
    id: str
    name: str  # "Rule 2.1", for who cannot see where it stands
    row: Row
    attribute: str  # as it stands in the field
    choices: Sequence[Choice]
    control: str
    inputs: Sequence[Input]
    units: Sequence[str]
    can_ignore_case: bool
    segments: Sequence[Segment]
    words: str
    error: str
    matches_empty: bool
    can_go_up: bool
    can_go_down: bool

    is_group = False

    @property
    def kept(self) -> str:
        """What the form carries of a rule without fields."""
        return json.dumps(self.row.data)

    @property
    def error_id(self) -> str:
        return f"{self.id}-error" if self.error else ""


@dataclass(frozen=True)
class GroupView:
    id: str
    name: str
    match: str
    items: Sequence[RuleView | GroupView]
    error: str
    can_go_up: bool
    can_go_down: bool

    is_group = True

    @property
    def is_outermost(self) -> bool:
        return self.id == "r"


@dataclass(frozen=True)
class World:
    """What rules are edited against, read once for a page."""

    database: CustomerDatabase
    attributes: Sequence[Attribute]
    segments: Sequence[Segment]  # of this customer database, archived ones too: stored rules may name them

    @cached_property
    def known(self) -> dict[str, Attribute]:
        return {one.path: one for one in self.attributes}

    @cached_property
    def names(self) -> dict[int, str]:
        return {one.pk: one.name for one in self.segments}


def look(database: CustomerDatabase) -> World:
    return World(database, attributes(stored(database)), list(database.segments.all()))


class Board:
    """One look at a tree of rules."""

    def __init__(
        self, draft: Draft, branch: Branch, world: World, segment: Segment | None, *, tried: bool
    ) -> None:
        self.draft, self.branch, self.world, self.segment = draft, branch, world, segment
        problems = list(rule_problems(draft, segment, world.database))
        self.problems = {place_at(one.path[1:], branch): one for one in reversed(problems)}
        self.missing = {place for place, row in rows(branch) if _is_missing(row, world.known)}
        # What is merely not filled in yet is no error before somebody tried to save.
        self.shown = set(self.problems) - (set() if tried else self.missing)

    @cached_property
    def group(self) -> GroupView:
        return self._group((), self.branch)

    @property
    def errors(self) -> int:
        return len(self.problems)

    @property
    def only_missing(self) -> bool:
        return set(self.problems) <= self.missing

    # Counting

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo("UTC" if time_zone_problem(self.draft.time_zone) else self.draft.time_zone)

    @cached_property
    def countable(self) -> Group | None:
        """The rules without those that have a problem; None where nothing is left."""
        if () in self.problems:
            return None
        left = without(self.branch, set(self.problems))
        return parse_rules(data_of(left, self.world.known)) if left is not None else None

    @property
    def fingerprint(self) -> str:
        """Equal for forms that count the same people."""
        counted = [to_data(self.countable) if self.countable else None, self.zone.key, self.errors]
        return hashlib.sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()[:16]

    def single(self) -> tuple[dict[str, Node], list[str]]:
        """Each rule that can be counted by itself, by its id, and the ids of those that match empty values too."""
        found: dict[str, Node] = {}
        empty = []
        for place, row in rows(self.branch):
            if place in self.problems:
                continue
            (node,) = parse_rules({"all": [data_of(row, self.world.known)]}).rules
            found[id_of(place)] = node
            if row.kind == "attribute" and CHOICES[row.choice].matches_empty:
                empty.append(id_of(place))
        return found, empty

    # Drawing

    def _group(self, place: Place, branch: Branch) -> GroupView:
        items = [
            self._group((*place, number), item)
            if isinstance(item, Branch)
            else self._rule((*place, number), item)
            for number, item in enumerate(branch.rules)
        ]
        error = self.problems[place].message if place in self.shown else ""
        return GroupView(
            id=id_of(place),
            name=f"Group {_numbered(place)}",
            match=branch.match,
            items=items,
            error=error,
            can_go_up=bool(place) and can_move(self.branch, place, -1),
            can_go_down=bool(place) and can_move(self.branch, place, 1),
        )

    def _rule(self, place: Place, row: Row) -> RuleView:
        kind = kind_of(row.attribute, self.world.known)
        choice = CHOICES.get(row.choice)
        entered = control(choice, kind) if choice else ""
        return RuleView(
            id=id_of(place),
            name=f"Rule {_numbered(place)}",
            row=row,
            attribute=SEGMENT if row.kind == "segment" else text_of(row.attribute),
            choices=_choices(kind, choice),
            control=entered,
            inputs=_inputs(id_of(place), row, choice, entered) if choice else (),
            units=UNITS if entered == "span" else (),
            can_ignore_case=can_ignore_case(row, kind),
            segments=self._segments(row) if row.kind == "segment" else (),
            words=self._words(row) if row.kind == "kept" else "",
            error=self._error(place, row) if place in self.shown else "",
            matches_empty=row.kind == "attribute" and choice is not None and choice.matches_empty,
            can_go_up=can_move(self.branch, place, -1),
            can_go_down=can_move(self.branch, place, 1),
        )

    def _words(self, row: Row) -> str:
        try:
            parse_rules({"all": [row.data]})
        except RuleError:
            return ""
        return in_words(row.data, self.world.names)

    def _segments(self, row: Row) -> list[Segment]:
        """Those that may be chosen, and the chosen one whatever became of it."""
        own = self.segment.pk if self.segment else 0
        found = [one for one in self.world.segments if one.is_offered and one.pk != own]
        chosen = [one for one in self.world.segments if one.pk == row.segment and one not in found]
        return [*chosen, *found]

    def _error(self, place: Place, row: Row) -> str:
        if row.kind == "attribute" and not row.attribute:
            return "Choose an attribute, or remove this rule."
        if (
            row.attribute
            and row.attribute not in self.world.known
            and not ("." in row.attribute and row.choice)
        ):
            return f"There is no attribute “{text_of(row.attribute)}”. Choose one from the list."
        return self.problems[place].message


def _numbered(place: Place) -> str:
    return ".".join(str(number + 1) for number in place)


def _is_missing(row: Row, known: Mapping[str, Attribute]) -> bool:
    if row.kind == "segment":
        return row.segment is None
    if row.kind == "kept":
        return False
    if row.attribute not in known:
        return not row.attribute
    choice = CHOICES.get(row.choice)
    return choice is None or is_missing(choice, row.values)


def _choices(kind: Any, chosen: Choice | None) -> list[Choice]:
    """What fits the column, and what is chosen even where it does not fit."""
    found = offered(kind) if kind is not None else []
    return [*found, *([chosen] if chosen is not None and chosen not in found else [])]


_DAY = re.compile(r"(\d{4}-\d\d-\d\d)?")
_DAY_AND_TIME = re.compile(r"(\d{4}-\d\d-\d\d)?(?:T(\d\d:\d\d))?")
_LABELS = {"span": "Number", "days": "Number of days", "list": "Values, one per line"}


def _inputs(id: str, row: Row, choice: Choice, entered: str) -> list[Input]:
    labels = ("From", "To") if choice.shape == "two" else (_LABELS.get(entered, "Value"),)
    texts = (*row.values, "", "")
    return (
        [
            _input(f"{id}-value{suffix}", label, text, entered)
            for suffix, label, text in zip(("", "2"), labels, texts, strict=False)
        ]
        if entered != "none"
        else []
    )


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
