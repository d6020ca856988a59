"""Rules to one Ibis expression. Pure: nothing is read here but the shape of the tables.

`flags` answers for everybody, with one boolean column per named group, so that include, exclude and sub-audiences of a
campaign cost one pass over the profile table. Other tables come as left joins of one row per customer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from campaigns.customers.catalogue import Catalogue, Table
from campaigns.customers.reading import changed_since
from campaigns.segments.conditions import check_fit, holds, joined, known, matches
from campaigns.segments.fitting import MANY, look_up, result_type
from campaigns.segments.rules import (
    Condition,
    Group,
    InList,
    InSegment,
    Node,
    Query,
    Rows,
    RuleError,
)
from campaigns.segments.times import Moment

KEY = "customer_key"
Named = Mapping[str, tuple[Group, ZoneInfo]]


def _nothing(known: Table) -> None:
    """Where nobody looks."""


def _none_here(name: object) -> Any:
    raise RuleError("Neither queries nor uploaded lists can be read here.")


@dataclass(frozen=True)
class Context:
    """What rules are compiled against.

    `table` gives a table by name, `query` the keys of a SELECT, `keys` those of an uploaded list by its id, both as one
    column of text, `customer_key`; `segments` holds every segment that a rule names, at any depth; in the tables of
    `complete` each row is known to have a key, so that counting need not read the keys. `single` looks whether a table
    still has one row for a customer, as the catalogue says; RuleError where it has more.
    """

    table: Callable[[str], Any]
    catalogue: Catalogue
    now: datetime
    segments: Mapping[int, tuple[Group, ZoneInfo]] = field(default_factory=dict)
    complete: frozenset[str] = frozenset()
    query: Callable[[str], Any] = _none_here
    keys: Callable[[int], Any] = _none_here
    single: Callable[[Table], None] = _nothing


def everybody(context: Context) -> Any:
    """The distinct non-null keys of the profile table, or of all tables with the key."""
    catalogue = context.catalogue
    if catalogue.profile_table:
        return _keyed(context, catalogue.profile_table, {})
    tables = [_keyed(context, table.name, {}) for table in catalogue.tables]
    return reduce(lambda one, other: one.union(other), tables).distinct()


def members(group: Group, zone: ZoneInfo, context: Context) -> Any:
    """One column, `customer_key`: the members of a segment with these rules."""
    plan = _Plan(context)
    plan.need(group, zone, ())
    base = plan.joined()
    return base.filter(plan.predicate(base, group, zone)).select(KEY)


def flags(
    context: Context,
    named: Named,
    columns: Mapping[str, str] | None = None,
    first: Sequence[tuple[Group, ZoneInfo]] = (),
) -> Any:
    """Everybody: `customer_key`, a boolean for each named group, and columns ({"name": "table.column"}) beside them.

    The columns have to be of tables with one row per customer. `first`: groups of which the number of the first that
    matches stands in `first`, -1 where none does; cheaper than a boolean for each. RuleError where a rule does not fit
    the tables.
    """
    plan = _Plan(context)
    for group, zone in (*named.values(), *first):
        plan.need(group, zone, ())
    extra = {name: plan.need_column(column) for name, column in (columns or {}).items()}
    base = plan.joined()
    wanted = {name: holds(plan.predicate(base, group, zone)) for name, (group, zone) in named.items()}
    if first:
        wanted["first"] = _first(plan.predicate(base, group, zone) for group, zone in first)
    return base.select(base[KEY], **wanted, **{name: base[place] for name, place in extra.items()})


def _first(predicates: Iterable[Any]) -> Any:
    """Left NULL where they are: to a CASE that is no, and an engine looks no further than the first that holds."""
    cases = ((found, ibis.literal(number, "int16")) for number, found in enumerate(predicates))
    return ibis.cases(*cases, else_=ibis.literal(-1, "int16"))


def members_with(
    group: Group | None,
    zone: ZoneInfo,
    context: Context,
    columns: Mapping[str, str],
    some: Callable[[Any], Any] = lambda found: found,
) -> Any:
    """`members` (without a group: everybody) and columns as those of `flags`; `some` takes a few of the members.

    Tables that the rules do not read are joined to those members alone.
    """
    plan = _Plan(context)
    if group is not None:
        plan.need(group, zone, ())
    plan.places.setdefault(context.catalogue.profile_table, {})
    later = {name: column for name, column in columns.items() if column.rpartition(".")[0] not in plan.places}
    extra = {name: plan.need_column(column) for name, column in columns.items() if name not in later}
    base = plan.joined()
    if group is not None:
        base = base.filter(plan.predicate(base, group, zone))
    found = some(base.select(base[KEY], **{name: base[place] for name, place in extra.items()}))
    return _joined_later(found, context, later).select(KEY, *columns)


def _joined_later(found: Any, context: Context, columns: Mapping[str, str]) -> Any:
    plan = _Plan(context)
    places = {name: plan.need_column(column) for name, column in columns.items()}
    for table, wanted in plan.places.items():
        found = _beside(found, _keyed(context, table, wanted))
    return found.rename(places)


class _Plan:
    """Gathers what the rules need from each table, joins it once, then writes the predicates over the join."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.places: dict[str, dict[str, str]] = {}  # table -> column -> its name in the join
        self.rows: dict[tuple[Rows, ZoneInfo], str] = {}
        self.sets: dict[int | str, str] = {}  # the id of a list, or a query -> its name in the join
        self.count = 0

    def need(self, node: Node, zone: ZoneInfo, above: tuple[int, ...]) -> None:
        if isinstance(node, Group):
            for rule in node.rules:
                self.need(rule, zone, above)
        elif isinstance(node, Condition):
            self.need_column(node.attribute)
        elif isinstance(node, Rows):
            self.rows.setdefault((node, zone), self._name())
        elif isinstance(node, InList | Query):
            self.sets.setdefault(_set_of(node), self._name())
        else:
            if node.segment in above:
                raise RuleError("A segment names itself through other segments. Break the circle.")
            self.need(*self.segment(node), (*above, node.segment))

    def segment(self, node: InSegment) -> tuple[Group, ZoneInfo]:
        try:
            return self.context.segments[node.segment]
        except KeyError:
            raise RuleError("A segment that the rules name no longer exists. Choose another one.") from None

    def need_column(self, attribute: str) -> str:
        table, _, column = attribute.rpartition(".")
        if look_up(self.context.catalogue, attribute)[0].many:
            raise RuleError(MANY.format(table=table))
        return self.places.setdefault(table, {}).setdefault(column, self._name())

    def _name(self) -> str:
        self.count += 1
        return f"c{self.count}"

    def joined(self) -> Any:
        """Everybody with all that the predicates read, one row per customer."""
        profile = self.context.catalogue.profile_table
        places = self.places.get(profile, {})
        base = _keyed(self.context, profile, places) if profile else everybody(self.context)
        for table, places in self.places.items():
            if table != profile:
                base = _beside(base, _keyed(self.context, table, places))
        for (node, zone), name in self.rows.items():
            base = _beside(base, self._aggregated(node, zone, name))
        for one, name in self.sets.items():
            keys = self.context.keys(one) if isinstance(one, int) else self.context.query(one)
            base = _beside(base, keys.filter(keys[KEY].notnull()).distinct().mutate(**{name: True}))
        return base

    def _aggregated(self, node: Rows, zone: ZoneInfo, name: str) -> Any:
        table = self.context.table(node.table)
        found = self.context.catalogue.table(node.table)
        if found is None:
            raise RuleError(f"The table {node.table} is gone. Choose another one.")
        if node.comparison is not None:
            check_fit(result_type(node, self.context.catalogue), node.comparison, self._moment(zone))
        _check_columns(
            table, found, [found.key, *(_name_of(name) for name in (node.of, node.ordered_by) if name)]
        )
        table = table.filter(table[found.key].notnull())
        if node.where is not None:
            table = table.filter(self._on_rows(table, found, node.where, zone, wanted=True))
        if node.ordered_by:
            table = table.filter(known(table[_name_of(node.ordered_by)]).notnull())
        by = table[found.key].cast("string").name(KEY)
        if node.ordered_by:
            return _at_the_end(table, by, node, name)
        return table.group_by(by).aggregate(
            _aggregate(table, node).name(name), table.count().name(_rows_of(name))
        )

    def _on_rows(self, table: Any, known: Table, node: Node, zone: ZoneInfo, *, wanted: bool) -> Any:
        if isinstance(node, Group):
            return _combine(
                node, wanted, lambda rule, sign: self._on_rows(table, known, rule, zone, wanted=sign)
            )
        assert isinstance(node, Condition)
        column = _name_of(node.attribute)
        _check_columns(table, known, [column])
        return _signed(matches(table[column], node.comparison, self._moment(zone)), wanted)

    def _moment(self, zone: ZoneInfo) -> Moment:
        return Moment(self.context.now, zone)

    def predicate(self, base: Any, node: Node, zone: ZoneInfo, *, wanted: bool = True) -> Any:
        """Whether a row of the join matches or, where not `wanted`, does not. NULL is no, as it is to a filter."""
        if isinstance(node, Group):
            return _combine(node, wanted, lambda rule, sign: self.predicate(base, rule, zone, wanted=sign))
        if isinstance(node, InSegment):
            return self.predicate(base, *self.segment(node), wanted=wanted is node.member)
        return _signed(self._leaf(base, node, zone), wanted)

    def _leaf(self, base: Any, node: Node, zone: ZoneInfo) -> Any:
        if isinstance(node, Condition):
            table, _, column = node.attribute.rpartition(".")
            return matches(base[self.places[table][column]], node.comparison, self._moment(zone))
        if isinstance(node, InList | Query):
            found = base[self.sets[_set_of(node)]].notnull()
            return ~found if isinstance(node, InList) and not node.member else found
        assert isinstance(node, Rows)
        return self._rows_match(base, node, zone)

    def _rows_match(self, base: Any, node: Rows, zone: ZoneInfo) -> Any:
        name = self.rows[node, zone]
        value, has_rows = base[name], base[_rows_of(name)].notnull()
        if node.comparison is None:
            return has_rows if node.exists else ~has_rows
        if node.aggregate in ("count", "count_distinct"):
            return matches(value.fill_null(0), node.comparison, self._moment(zone))
        # An aggregate of no rows is nothing to compare with, not even for “is not”.
        return has_rows & matches(value, node.comparison, self._moment(zone))


def _set_of(node: InList | Query) -> int | str:
    return node.list if isinstance(node, InList) else node.sql


def _check_columns(table: Any, known: Table, columns: Iterable[str]) -> None:
    """RuleError where one of an open table's columns is no longer as the catalogue says."""
    for column in columns:
        if problem := changed_since(table, known, column):
            raise RuleError(problem)


def _name_of(attribute: str) -> str:
    return attribute.rpartition(".")[2]


def _rows_of(name: str) -> str:
    """The column that counts the rows an aggregate was made of; NULL where there are none."""
    return f"{name}_rows"


def _aggregate(table: Any, node: Rows) -> Any:
    if node.aggregate in ("", "count"):
        return table.count().cast("int64")
    column = known(table[_name_of(node.of)])
    verbs = {"count_distinct": "nunique", "sum": "sum", "average": "mean", "min": "min", "max": "max"}
    return getattr(column, verbs[node.aggregate])()


def _at_the_end(table: Any, key: Any, node: Rows, name: str) -> Any:
    """The `of` of each customer's first or latest row, of rows that all have a place in the order.

    Of rows at one place the smallest value is the first and the largest the latest, so that every run and every engine
    picks the same; a row without a value comes behind those.
    """
    place, value = table[_name_of(node.ordered_by)], known(table[_name_of(node.of)])
    end = ibis.asc if node.aggregate == "first" else ibis.desc
    number = ibis.row_number().over(group_by=key, order_by=[end(place), end(value, nulls_first=False)])
    numbered = table.select(key, value.name(name), number.name("number"))
    return numbered.filter(numbered.number == 0).select(KEY, name, ibis.literal(1).name(_rows_of(name)))


def _combine(group: Group, wanted: bool, part: Callable[[Node, bool], Any]) -> Any:
    """The rules of a group together; `part` gives one of them, or its opposite.

    A group is never negated itself, for only from plain conditions an engine can tell which parts of a table to read.
    """
    parts = [part(rule, wanted is not (group.match == "none")) for rule in group.rules]
    return joined(or_ if wanted is (group.match == "any") else and_, parts)


def _signed(found: Any, wanted: bool) -> Any:
    return found if wanted else ~holds(found)


def _keyed(context: Context, name: str, places: Mapping[str, str]) -> Any:
    """`customer_key` as text and the wanted columns under their new names, without rows that have no key."""
    table, known = context.table(name), context.catalogue.table(name)
    if known is None:
        raise RuleError(f"The table {name} is gone. Choose another one.")
    key = known.key
    _check_columns(table, known, [key, *places])
    if not known.many:
        context.single(known)
    if name not in context.complete:
        table = table.filter(table[key].notnull())
    return table.select(
        table[key].cast("string").name(KEY), **{new: table[old] for old, new in places.items()}
    )


def _beside(base: Any, table: Any) -> Any:
    joined = base.left_join(table, base[KEY] == table[KEY], rname="{name}_right")
    return joined.drop(f"{KEY}_right")
