"""The sub-audiences and treatment groups of a campaign's entry, and where its problems stand in the file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from campaigns.as_files.keys import Entry
from campaigns.as_files.marks import Node
from campaigns.as_files.matching import match_parts
from campaigns.as_files.section import find
from campaigns.as_files.sections.rules import rules_from
from campaigns.planning.draft import Draft, DraftGroup, DraftSubAudience
from campaigns.planning.plain import Path
from campaigns.segments.models import Segment
from campaigns.segments.rules import VERSION
from destinations.models import Destination


class Finder:
    """Segments and destinations by name: those that are not archived, and then what the campaign has already."""

    def __init__(self, draft: Draft) -> None:
        in_parts = [pk for item in draft.sub_audiences for pk in item.segments]
        groups = [group for item in draft.sub_audiences for group in item.groups]
        kept_segments = Segment.objects.filter(pk__in=[*draft.include, *draft.exclude, *in_parts])
        kept_destinations = Destination.objects.filter(
            pk__in=[pk for group in groups for pk in group.destinations]
        )
        self._segments: list[Segment] = [*Segment.objects.active(), *kept_segments]
        self._destinations: list[Destination] = [*Destination.objects.active(), *kept_destinations]

    def segment(self, node: Node) -> Segment:
        return find(self._segments, node, "segment")

    def destination(self, node: Node) -> Destination:
        return find(self._destinations, node, "destination")


def sub_audiences_from(entry: Entry, base: Draft, finder: Finder) -> tuple[DraftSubAudience, ...]:
    stored = {item.id: item for item in base.sub_audiences if item.id is not None}
    entries: tuple[Entry, ...] = entry.get("sub_audiences", ())
    matched = match_parts(entries, {pk: item.name for pk, item in stored.items()}, "sub-audience")
    return tuple(
        _sub_audience(one, stored[pk] if pk is not None else DraftSubAudience(""), finder)
        for one, pk in zip(entries, matched, strict=True)
    )


def _sub_audience(entry: Entry, base: DraftSubAudience, finder: Finder) -> DraftSubAudience:
    if entry.has("rules") and entry.has("segments"):
        raise entry.at("segments").problem("A sub-audience is made by rules or by segments, not by both.")
    item = replace(base, name=entry.name, on_change=entry.get("on_change", base.on_change))
    if entry.has("rules"):
        item = replace(item, segments=(), rules=_rules(entry.at("rules"), finder))
    if entry.has("segments"):
        chosen = tuple(finder.segment(node).pk for node in entry.get("segments", ()))
        if not chosen:
            raise entry.at("segments").problem(
                "Name at least one segment, or write rules: null for the rest."
            )
        item = replace(item, rules=None, segments=chosen)
    if entry.has("treatment_groups"):
        item = replace(item, groups=_groups(entry, base, finder))
    return item


def _rules(node: Node, finder: Finder) -> dict[str, Any] | None:
    if node.value is None:
        return None
    return {"version": VERSION, "rules": rules_from(node, finder.segment)}


def _groups(entry: Entry, base: DraftSubAudience, finder: Finder) -> tuple[DraftGroup, ...]:
    stored = {group.id: group for group in base.groups if group.id is not None}
    entries: tuple[Entry, ...] = entry.get("treatment_groups", ())
    names = {pk: group.name for pk, group in stored.items()}
    matched = match_parts(entries, names, "treatment group")
    return tuple(
        _group(one, stored[pk] if pk is not None else DraftGroup("", ""), finder)
        for one, pk in zip(entries, matched, strict=True)
    )


def _group(entry: Entry, base: DraftGroup, finder: Finder) -> DraftGroup:
    destinations = base.destinations
    if entry.has("destinations"):
        found = {finder.destination(node).pk for node in entry.get("destinations", ())}
        destinations = tuple(sorted(found))
    return replace(
        base,
        name=entry.name,
        percent=entry.get("percent", base.percent),
        is_control=entry.get("is_control", base.is_control),
        destinations=destinations,
    )


def place_of(entry: Entry, path: Path, draft: Draft) -> Node:
    """Where a problem of the draft stands in the file, or the nearest thing around it."""
    if path[:1] == ("time_zone",):
        return entry.node.at(("schedule", "time_zone"))
    if path[:1] == ("attributes",):
        return _attribute(entry, path[1])
    return entry.node.at(path)


def _attribute(entry: Entry, pk: str | int) -> Node:
    """An attribute's problem: at the attribute, or at the first group that goes to the destination."""
    names = set(Destination.objects.filter(pk=pk).values_list("name", flat=True))
    for one in entry.get("attributes", ()):
        if one.at("destination").raw.strip(" ") in names:
            found: Node = one.at("identifier")
            return found
    return _first_sent_to(entry, names) or entry.node


def _first_sent_to(entry: Entry, names: set[str]) -> Node | None:
    groups = (group for item in entry.get("sub_audiences", ()) for group in item.get("treatment_groups", ()))
    nodes = (node for group in groups for node in group.get("destinations", ()))
    return next((node for node in nodes if node.raw.strip(" ") in names), None)
