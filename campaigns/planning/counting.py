"""One pass over a customer database: who is left of everybody, and how many have a value a destination can use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from threading import Event
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from campaigns.planning.headcount import Column, Excluded, Headcount
from campaigns.planning.plain import Draft, DraftSubAudience
from campaigns.planning.sending import columns_of
from campaigns.planning.world import World
from campaigns.segments import rules
from campaigns.segments.models import Segment
from campaigns.segments.sizing import SizeUnknown, opened, with_everybody
from campaigns.segments.times import zone_of
from config import clock

if TYPE_CHECKING:
    from campaigns.customers.connection import Connection
    from campaigns.segments.compile import Context, Named

UTC = ZoneInfo("UTC")
LEFT, OUTSIDE, NOWHERE = -1, -2, -1


def count(draft: Draft, world: World, stop: Event | None = None) -> Headcount:
    """Who is left. Raises SizeUnknown, also where it takes longer than COUNT_SECONDS or `stop` is set."""
    if world.database is None or not draft.include:
        raise SizeUnknown(
            "Choose a customer database and include a segment; then there is something to count."
        )
    try:
        question = _Question(draft, _excluded(draft, world), columns_of(draft, world), _ruled(draft))
    except rules.RuleError as error:
        raise SizeUnknown(error.message) from error
    with opened(world.database, [group for group, _ in question.rules()], stop) as (connection, context):
        people = _people(connection, _quick(connection, context), question, world)
        rows = connection.rows(question.tallied(people))
    return _answer(question, rows, checked=connection.duckdb is not None)


def _excluded(draft: Draft, world: World) -> list[Segment]:
    """In the order they apply: the suppression list first."""
    first = world.database.suppression if world.database else None
    rest = [world.segments[pk] for pk in draft.exclude if pk in world.segments]
    return [*([first] if first else []), *(segment for segment in rest if segment != first)]


def _quick(connection: Connection, context: Context) -> Context:
    """The statistics of a DuckDB's files tell whether the keys have to be read at all."""
    if connection.duckdb is None or not context.catalogue.profile_table:
        return context
    return with_everybody(connection, context)[1]


def _people(connection: Connection, context: Context, question: _Question, world: World) -> Any:
    """Everybody with their flags, and for each column the customer's usable values: `usable_N`, not NULL."""
    from campaigns.customers.contacts import column_values, usable
    from campaigns.customers.normalise import teach
    from campaigns.segments.compile import flags

    assert world.database is not None
    single = {}
    for number, column in enumerate(question.columns):
        table = context.catalogue.table(column.path.rpartition(".")[0])
        if table is not None and not table.many:
            single[f"value_{number}"] = column.path
    first = list(question.ruled.values())
    people = question.placed(flags(context, question.named(), single, first))
    country = world.database.default_country
    if connection.duckdb is not None:
        teach(connection.duckdb, country)
    for number, column in enumerate(question.columns):
        name = f"usable_{number}"
        if f"value_{number}" in single:
            found = usable(connection, people[f"value_{number}"].cast("string"), column.identifier, country)
            # Only whom it matters of: looking at a value is the dearest part.
            people = people.mutate(**{name: people.is_placed.ifelse(found, False).cast("int64")})
            continue
        values = column_values(connection, context.catalogue, column.path)
        values = values.filter(usable(connection, values.value, column.identifier, country))
        each = values.group_by("customer_key").aggregate(**{name: values.value.nunique()})
        people = people.left_join(each, "customer_key").drop("customer_key_right")
        people = people.mutate(**{name: people.is_placed.ifelse(people[name].fill_null(0), 0)})
    return people


@dataclass(frozen=True)
class _Question:
    draft: Draft
    excluded: Sequence[Segment]
    columns: Sequence[Column]
    ruled: Mapping[int, tuple[rules.Group, ZoneInfo]]  # the sub-audiences that have rules or segments

    def segments(self) -> list[int]:
        """Each once."""
        inside = (pk for item in self.draft.sub_audiences if item.rules is None for pk in item.segments)
        return list(dict.fromkeys([*self.draft.include, *(one.pk for one in self.excluded), *inside]))

    def rules(self) -> list[tuple[rules.Group, ZoneInfo]]:
        return [*self.named().values(), *self.ruled.values()]

    def named(self) -> Named:
        """The rules to answer for everybody, by the name of their column."""
        found = {f"segment_{pk}": (_member_of([pk]), UTC) for pk in self.segments()}
        if not self.draft.assign_to_first_match_only:
            found |= {f"sub_{index}": one for index, one in self.ruled.items()}
        return found

    def placed(self, everybody: Any) -> Any:
        """With `out` (OUTSIDE, LEFT or who excludes), `place` (among `ruled`, or NOWHERE) and `is_placed`."""
        import ibis

        included = _any(everybody[f"segment_{pk}"] for pk in self.draft.include)
        excludes = [(everybody[f"segment_{one.pk}"], index) for index, one in enumerate(self.excluded)]
        people = everybody.mutate(out=_first([(~included, OUTSIDE), *excludes], LEFT))
        is_left = people.out == LEFT
        place = ibis.ifelse(is_left, people.first, NOWHERE) if self.ruled else ibis.literal(NOWHERE)
        has_rest = any(item.is_rest for item in self.draft.sub_audiences)
        people = people.mutate(place=place.cast("int16"))
        return people.mutate(is_placed=is_left if has_rest else people.place != NOWHERE)

    def tallied(self, people: Any) -> Any:
        """A row for each `out` and `place` that there is."""
        sums = {f"segment_{pk}": people[f"segment_{pk}"].sum() for pk in self.segments()}
        usable = [f"usable_{number}" for number in range(len(self.columns))]
        sums |= {name: people[name].sum() for name in usable}
        if not self.draft.assign_to_first_match_only:
            for index in self.ruled:
                is_there = (people.out == LEFT) & people[f"sub_{index}"]
                sums[f"in_{index}"] = is_there.sum()
                sums |= {f"in_{index}_{name}": is_there.ifelse(people[name], 0).sum() for name in usable}
        return people.group_by(["out", "place"]).aggregate(customers=people.count(), **sums)


def _ruled(draft: Draft) -> dict[int, tuple[rules.Group, ZoneInfo]]:
    found = {}
    zone = zone_of(draft.time_zone)
    for index, item in enumerate(draft.sub_audiences):
        if item.rules is not None:
            found[index] = rules.load(item.rules), zone
        elif item.segments:
            found[index] = _member_of(item.segments), zone
    return found


def _member_of(segments: Sequence[int]) -> rules.Group:
    return rules.Group("any", tuple(rules.InSegment(pk) for pk in segments))


def _any(flags: Iterable[Any]) -> Any:
    return reduce(or_, flags)


def _first(cases: list[tuple[Any, int]], otherwise: int) -> Any:
    """The number of the first case that holds."""
    import ibis

    other = ibis.literal(otherwise, "int16")
    return (
        ibis.cases(*((flag, ibis.literal(number, "int16")) for flag, number in cases), else_=other)
        if cases
        else other
    )


def _answer(question: _Question, rows: Sequence[Mapping[str, Any]], *, checked: bool) -> Headcount:
    left = [row for row in rows if row["out"] == LEFT]
    nowhere = [row for row in left if row["place"] == NOWHERE]
    parts = [_Part(question, index, item, left) for index, item in enumerate(question.draft.sub_audiences)]
    return Headcount(
        considered=_sum((row for row in rows if row["out"] != OUTSIDE), "customers"),
        excluded=tuple(
            Excluded(segment.name, _sum((row for row in rows if row["out"] == index), "customers"))
            for index, segment in enumerate(question.excluded)
        ),
        audience=_sum(left, "customers"),
        sub_audiences=tuple(part.sum("customers") for part in parts),
        no_sub_audience=0 if any(part.item.is_rest for part in parts) else _sum(nowhere, "customers"),
        counted_at=clock.now(),
        everybody=_sum(rows, "customers"),
        segments={pk: _sum(rows, f"segment_{pk}") for pk in question.segments()},
        usable=tuple(
            {column: part.sum(f"usable_{number}") for number, column in enumerate(question.columns)}
            for part in parts
        ),
        is_checked=checked,
    )


@dataclass(frozen=True)
class _Part:
    """A sub-audience in the rows of those who are left."""

    question: _Question
    index: int
    item: DraftSubAudience
    left: Sequence[Mapping[str, Any]]

    def sum(self, name: str) -> int:
        if self.item.is_rest:
            return _sum((row for row in self.left if row["place"] == NOWHERE), name)
        if self.index not in self.question.ruled:
            return 0
        if self.question.draft.assign_to_first_match_only:
            place = list(self.question.ruled).index(self.index)
            return _sum((row for row in self.left if row["place"] == place), name)
        return _sum(self.left, f"in_{self.index}" if name == "customers" else f"in_{self.index}_{name}")


def _sum(rows: Iterable[Mapping[str, Any]], name: str) -> int:
    return sum(int(row[name] or 0) for row in rows)
