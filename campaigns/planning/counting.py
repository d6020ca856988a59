"""One pass over a customer database: a draft's audience, its exclusions and its sub-audiences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from campaigns.planning.headcount import Excluded, Headcount
from campaigns.planning.plain import Draft, DraftSubAudience
from campaigns.planning.world import World
from campaigns.segments import rules
from campaigns.segments.models import Segment
from campaigns.segments.sizing import SizeUnknown, opened
from campaigns.segments.times import zone_of
from config import clock

if TYPE_CHECKING:
    from campaigns.segments.compile import Named

UTC = ZoneInfo("UTC")


def count(draft: Draft, world: World) -> Headcount:
    """Who is left. Raises SizeUnknown, also where it takes longer than COUNT_SECONDS."""
    if world.database is None or not draft.include:
        raise SizeUnknown(
            "Choose a customer database and include a segment; then there is something to count."
        )
    excluded = _excluded(draft, world)
    try:
        named = _named(draft, [segment.pk for segment in excluded])
    except rules.RuleError as error:
        raise SizeUnknown(error.message) from error
    with opened(world.database, [group for group, _ in named.values()]) as (connection, context):
        # Imports Ibis, which most requests do without.
        from campaigns.segments.compile import flags

        row = connection.row(_totals(flags(context, named), len(excluded), draft))
    return Headcount(
        considered=int(row["considered"] or 0),
        excluded=tuple(
            Excluded(segment.name, int(row[f"excluded_{index}"] or 0))
            for index, segment in enumerate(excluded)
        ),
        audience=int(row["audience"] or 0),
        sub_audiences=tuple(int(row[f"sub_{index}"] or 0) for index in range(len(draft.sub_audiences))),
        no_sub_audience=int(row["nowhere"] or 0),
        counted_at=clock.now(),
    )


def _excluded(draft: Draft, world: World) -> list[Segment]:
    """In the order they apply: the suppression list first."""
    first = world.database.suppression if world.database else None
    rest = [world.segments[pk] for pk in draft.exclude if pk in world.segments]
    return [*([first] if first else []), *(segment for segment in rest if segment != first)]


def _named(draft: Draft, excluded: Sequence[int]) -> Named:
    """The rules to answer for everybody, by the name of their column."""
    found = {"included": (_any_of(draft.include), UTC)}
    for index, pk in enumerate(excluded):
        found[f"is_excluded_{index}"] = (_any_of([pk]), UTC)
    zone = zone_of(draft.time_zone)
    for index, item in enumerate(draft.sub_audiences):
        if (group := _rules_of(item)) is not None:
            found[f"is_sub_{index}"] = (group, zone)
    return found


def _rules_of(item: DraftSubAudience) -> rules.Group | None:
    if item.rules is not None:
        return rules.load(item.rules)
    return _any_of(item.segments) if item.segments else None


def _any_of(segments: Sequence[int]) -> rules.Group:
    return rules.Group("any", tuple(rules.InSegment(pk) for pk in segments))


def _totals(everybody: Any, excluded: int, draft: Draft) -> Any:
    """One row: `considered`, `excluded_N`, `audience`, `sub_N` and `nowhere`."""
    import ibis

    people = everybody.filter(everybody.included)
    out = [(people[f"is_excluded_{index}"], ibis.literal(index)) for index in range(excluded)]
    people = people.mutate(out_by=_first(out))
    left = people.out_by == -1
    ruled = [i for i in range(len(draft.sub_audiences)) if f"is_sub_{i}" in people.columns]
    people = people.mutate(first_sub=_first([(people[f"is_sub_{i}"], ibis.literal(i)) for i in ruled]))
    counts = {"considered": people.count(), "audience": left.sum()}
    for index in range(excluded):
        counts[f"excluded_{index}"] = (people.out_by == index).sum()
    unruled = left & (people.first_sub == -1)
    for index, item in enumerate(draft.sub_audiences):
        if item.is_rest:
            counts[f"sub_{index}"] = unruled.sum()
        elif index not in ruled:
            counts[f"sub_{index}"] = ibis.literal(0)
        elif draft.assign_to_first_match_only:
            counts[f"sub_{index}"] = (left & (people.first_sub == index)).sum()
        else:
            counts[f"sub_{index}"] = (left & people[f"is_sub_{index}"]).sum()
    has_rest = any(item.is_rest for item in draft.sub_audiences)
    counts["nowhere"] = ibis.literal(0) if has_rest else unruled.sum()
    return people.aggregate(**counts)


def _first(cases: list[tuple[Any, Any]]) -> Any:
    """The number of the first case that holds, -1 where none does."""
    import ibis

    return ibis.cases(*cases, else_=ibis.literal(-1)) if cases else ibis.literal(-1)
