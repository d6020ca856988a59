"""What the editor shows: rules with their fields, problems and notes, ready for the templates."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from campaigns.customers.catalogue import Catalogue, stored
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.choices import (
    CHOICES,
    EXISTS,
    LIST,
    SEGMENT,
    VERBS,
    Attribute,
    attributes,
    is_missing,
    kind_of,
    result_of,
    tables_of,
    text_of,
)
from campaigns.segments.editor import data_of, needs_of, needs_order
from campaigns.segments.fields import Fields, fields
from campaigns.segments.models import Segment
from campaigns.segments.named import Named, names
from campaigns.segments.operators import AGGREGATES, SORTABLE
from campaigns.segments.plain import Draft
from campaigns.segments.rules import Group, Node, RuleError, to_data
from campaigns.segments.rules import parse as parse_rules
from campaigns.segments.saving import rule_problems
from campaigns.segments.times import zone_of
from campaigns.segments.tree import (
    Branch,
    Compared,
    Place,
    Relation,
    Row,
    at,
    can_move,
    countable,
    id_of,
    items,
    place_at,
    relation_of,
    without,
)
from campaigns.segments.values import NO_DAYS, NO_LENGTH
from campaigns.segments.words import Names, in_words


@dataclass(frozen=True)
class RuleView:
    id: str
    name: str  # "Rule 2.1", for who cannot see where it stands
    row: Row
    table: str  # whose rows it is a condition on; empty outside of any
    attribute: str  # as it stands in the field
    fields: Fields | None
    gone: str  # what became of the segment or list that is named
    words: str
    error: str
    matches_empty: bool
    can_go_up: bool
    can_go_down: bool

    kind = "rule"

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
    items: Sequence[RuleView | RelationView | GroupView]
    error: str
    in_rows: bool
    can_go_up: bool
    can_go_down: bool

    kind = "group"

    @property
    def is_outermost(self) -> bool:
        return self.id == "r"


@dataclass(frozen=True)
class RelationView:
    """Rows of a table, with the conditions on them as a group."""

    group: GroupView
    relation: Relation
    tables: Sequence[str]
    columns: Sequence[Attribute]  # that the aggregate can be made of; empty where it needs none
    orders: Sequence[Attribute]
    fields: Fields | None
    words: str

    kind = "rows"

    @property
    def was(self) -> str:
        """What the comparison was chosen for."""
        return f"{self.relation.table}|{self.relation.verb}|{self.relation.of}"

    @property
    def verbs(self) -> Mapping[str, str]:
        return VERBS

    @property
    def error_id(self) -> str:
        return f"{self.group.id}-error" if self.group.error else ""


@dataclass(frozen=True)
class World:
    """What rules are edited against, read once for a page."""

    database: CustomerDatabase
    catalogue: Catalogue

    @cached_property
    def attributes(self) -> Sequence[Attribute]:
        return attributes(self.catalogue)

    @cached_property
    def known(self) -> dict[str, Attribute]:
        return {one.path: one for one in self.attributes}

    @cached_property
    def tables(self) -> list[str]:
        return tables_of(self.known)


def look(database: CustomerDatabase) -> World:
    return World(database, stored(database))


# The unit of a length of time has a field of its own here.
_BESIDE_UNITS = {
    NO_LENGTH: "Enter a whole number, such as 90.",
    NO_DAYS: "Enter a whole number from 0 to 366, such as 7.",
}


class Board:
    """One look at a tree of rules. `named`: what they name."""

    def __init__(
        self, draft: Draft, branch: Branch, world: World, segment: Segment | None, named: Named
    ) -> None:
        self.draft, self.branch, self.world, self.segment, self.named = draft, branch, world, segment, named
        problems = list(rule_problems(draft, segment, world.database))
        self.problems = {place_at(one.path[1:], branch): one for one in reversed(problems)}
        below = {place: item for place, item in items(branch) if place in self.problems}
        self.missing = {place for place, item in below.items() if _is_missing(item, world.known)}
        # What is merely not filled in yet is no error before somebody tried to save it.
        fresh = {place for place in self.missing if _is_fresh(below[place])}
        self.shown = set(self.problems) - fresh

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
        return zone_of(self.draft.time_zone)

    @cached_property
    def _wrong(self) -> set[Place]:
        """What is not counted. Rows with one of their conditions left out would be other rows."""
        return {relation_of(self.branch, place) or place for place in self.problems}

    @cached_property
    def countable(self) -> Group | None:
        """The rules without those that have a problem; None where nothing is left."""
        if () in self.problems:
            return None
        left = without(self.branch, self._wrong)
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
        for place, item in countable(self.branch):
            if place in self._wrong:
                continue
            (node,) = parse_rules({"all": [data_of(item, self.world.known)]}).rules
            found[id_of(place)] = node
            if isinstance(item, Row) and item.kind == "attribute" and _matches_empty(item.compared):
                empty.append(id_of(place))
        return found, empty

    # Drawing

    def _group(self, place: Place, branch: Branch) -> GroupView:
        return GroupView(
            id=id_of(place),
            name=f"{'Rule' if branch.relation else 'Group'} {_numbered(place)}",
            match=branch.match,
            items=[self._item((*place, number), item) for number, item in enumerate(branch.rules)],
            error=self._error(place, branch) if place in self.shown else "",
            in_rows=relation_of(self.branch, place) is not None,
            can_go_up=bool(place) and can_move(self.branch, place, -1),
            can_go_down=bool(place) and can_move(self.branch, place, 1),
        )

    def _item(self, place: Place, item: Branch | Row) -> RuleView | RelationView | GroupView:
        if isinstance(item, Row):
            return self._rule(place, item)
        return self._relation(place, item, item.relation) if item.relation else self._group(place, item)

    def _rule(self, place: Place, row: Row) -> RuleView:
        kind = kind_of(row.attribute, self.world.known)
        error = self._error(place, row) if place in self.shown else ""
        error_id = f"{id_of(place)}-error" if error else ""
        text = {"segment": SEGMENT, "list": LIST}.get(row.kind) or text_of(row.attribute, self.world.known)
        has_fields = row.kind == "attribute" and (kind is not None or row.compared.choice in CHOICES)
        return RuleView(
            id=id_of(place),
            name=f"Rule {_numbered(place)}",
            row=row,
            table=self._table(place),
            attribute=text,
            fields=fields(id_of(place), row.compared, kind, row.attribute, error_id) if has_fields else None,
            gone=self._gone(row),
            words=self._words(row) if row.kind == "kept" else "",
            error=error,
            matches_empty=row.kind == "attribute" and _matches_empty(row.compared),
            can_go_up=can_move(self.branch, place, -1),
            can_go_down=can_move(self.branch, place, 1),
        )

    def _table(self, place: Place) -> str:
        """Whose rows a condition is about."""
        found = relation_of(self.branch, place)
        outer = at(self.branch, found) if found is not None else None
        return outer.relation.table if isinstance(outer, Branch) and outer.relation is not None else ""

    def _relation(self, place: Place, branch: Branch, relation: Relation) -> RelationView:
        group = self._group(place, branch)
        known = self.world.known
        kind = result_of(relation.verb, relation.of, known)
        picked = relation.of if relation.verb in ("first", "latest") else ""
        error_id = f"{group.id}-error" if group.error else ""
        return RelationView(
            group=group,
            relation=relation,
            tables=_with(self.world.tables, relation.table),
            columns=self._columns(relation, AGGREGATES[relation.verb].types)
            if needs_of(relation.verb)
            else (),
            orders=self._columns(relation, SORTABLE) if needs_order(relation.verb) else (),
            fields=fields(group.id, relation.compared, kind, picked, error_id)
            if relation.verb not in EXISTS and (kind is not None or relation.compared.choice)
            else None,
            words=self._relation_words(place, branch),
        )

    def _columns(self, relation: Relation, types: frozenset[str]) -> list[Attribute]:
        return [
            one for one in self.world.attributes if one.table == relation.table and one.column.type in types
        ]

    def _relation_words(self, place: Place, branch: Branch) -> str:
        if any(found[: len(place)] == place for found in self.problems):
            return ""
        return in_words(data_of(branch, self.world.known), self._names)

    def _words(self, row: Row) -> str:
        try:
            parse_rules({"all": [row.data]})
        except RuleError:
            return ""
        return in_words(row.data, self._names)

    @cached_property
    def _names(self) -> Names:
        segments, lists = names(self.named, "segment"), names(self.named, "list")
        return Names(segments, lists, self.world.catalogue.read_as)

    def _gone(self, row: Row) -> str:
        one = self.named.get((row.kind, row.named or 0))
        if one is None or one.archived_at is not None:
            return "deleted" if one is not None else ""
        return "disabled" if isinstance(one, Segment) and one.disabled_at is not None else ""

    def _error(self, place: Place, item: Branch | Row) -> str:
        if isinstance(item, Branch):
            return _unchosen(item.relation) or self._message(place)
        if item.kind in ("segment", "list") and item.typed and item.named is None:
            what = "segment" if item.kind == "segment" else "uploaded list"
            return f"There is no {what} “{item.typed}”. Choose one from the list."
        if item.kind == "attribute" and not item.attribute:
            return "Choose an attribute, or remove this rule."
        is_typed = item.attribute and item.attribute not in self.world.known
        if is_typed and not ("." in item.attribute and item.compared.choice):
            return f"There is no attribute “{text_of(item.attribute, self.world.known)}”. Choose one from the list."
        return self._message(place)

    def _message(self, place: Place) -> str:
        message = self.problems[place].message
        return _BESIDE_UNITS.get(message, message)


def _numbered(place: Place) -> str:
    return ".".join(str(number + 1) for number in place)


def _with(names: Sequence[str], chosen: str) -> list[str]:
    """What may be chosen, and what is, whatever became of it."""
    return [*names, *([chosen] if chosen and chosen not in names else [])]


def _matches_empty(compared: Compared) -> bool:
    return compared.choice in CHOICES and CHOICES[compared.choice].matches_empty


def _unchosen(relation: Relation | None) -> str:
    """What of a relation is still to be chosen, as a sentence."""
    if relation is None:
        return ""
    if not relation.table:
        return "Choose a table, or remove this rule."
    if needs_of(relation.verb) and not relation.of:
        return f"Choose the column for “{VERBS[relation.verb]}”."
    if needs_order(relation.verb) and not relation.ordered_by:
        return "Choose the column that says which row comes first."
    return ""


def _is_fresh(item: Branch | Row) -> bool:
    return item.relation is not None and item.relation.is_fresh if isinstance(item, Branch) else item.is_fresh


def _is_missing(item: Branch | Row, known: Mapping[str, Attribute]) -> bool:
    if isinstance(item, Branch):
        relation = item.relation
        if relation is None or _unchosen(relation):
            return relation is not None
        return relation.verb not in EXISTS and _lacks_value(relation.compared)
    if item.kind in ("segment", "list"):
        return item.named is None and not item.typed
    if item.kind == "kept":
        return False
    return not item.attribute if item.attribute not in known else _lacks_value(item.compared)


def _lacks_value(compared: Compared) -> bool:
    choice = CHOICES.get(compared.choice)
    return choice is None or is_missing(choice, compared.values)
