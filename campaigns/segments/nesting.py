"""Segments inside segments: loaded at any depth, and circles found by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from campaigns.segments.models import Segment
from campaigns.segments.rules import Group, load, segment_ids


def with_all_inside(wanted: Iterable[int]) -> dict[int, tuple[Group, ZoneInfo]]:
    """These segments and all that they name, at any depth: what compile.Context asks for."""
    found: dict[int, tuple[Group, ZoneInfo]] = {}
    missing = set(wanted)
    while missing:
        level = Segment.objects.filter(pk__in=missing)
        loaded = {segment.pk: (load(segment.rules), ZoneInfo(segment.time_zone)) for segment in level}
        found |= loaded
        missing = {pk for group, _ in loaded.values() for pk in segment_ids(group)} - set(found)
    return found


def circle_through(pk: int, group: Group) -> str:
    """How segment `pk` with these rules would come back to itself, “A → B → A”; empty where it does not."""
    inside = with_all_inside(segment_ids(group) - {pk})
    named = {one: segment_ids(rules) for one, (rules, _) in inside.items()} | {pk: segment_ids(group)}
    way = _way_back(pk, pk, named, set())
    if not way:
        return ""
    names = Segment.objects.in_bulk(way)
    return " → ".join(f"“{names[one]}”" for one in (pk, *way))


def _way_back(start: int, goal: int, named: Mapping[int, set[int]], seen: set[int]) -> list[int]:
    for following in sorted(named.get(start, ())):
        if following == goal:
            return [goal]
        if following not in seen:
            seen.add(following)
            if way := _way_back(following, goal, named, seen):
                return [following, *way]
    return []
