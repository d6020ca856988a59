"""Segments in files. They may name each other in any order, but not in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import Any, ClassVar

from django.db import models

from campaigns.as_files.keys import Entry
from campaigns.as_files.marks import FileProblem, Node
from campaigns.as_files.section import Data, Run, Section, find
from campaigns.as_files.sections.rules import named_in, rules_from, with_names
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.models import Segment
from campaigns.segments.plain import Draft, SegmentRefused
from campaigns.segments.rules import ids_in
from campaigns.segments.saving import draft_of, set_enabled, store


class Segments(Section[Segment]):
    key: ClassVar = "segments"
    word: ClassVar = "segment"

    def all(self) -> models.QuerySet[Segment]:
        return Segment.objects.active().select_related("customer_database")

    def exported(self, one: Segment) -> Data:
        return {
            "id": one.pk,
            "name": one.name,
            "description": one.description,
            "customer_database": str(one.customer_database),
            "time_zone": one.time_zone,
            "disabled": one.disabled_at is not None,
            **_rules_or_sql(draft_of(one).rules),
        }

    def ordered(self, entries: Sequence[Entry], matched: Mapping[int, Segment]) -> Iterable[Entry]:
        """What a segment names comes before it; stored segments that the file leaves out count too."""
        by_name = {one.name: one for one in entries}
        graph: dict[str, set[str]] = {
            one.name: {named.raw.strip(" ") for named in named_in(one.at("rules"))}
            for one in entries
            if one.has("rules")
        }
        current = {one.pk: one.name for one in self.all()}
        current |= {segment.pk: entries[place].name for place, segment in matched.items()}
        for segment in self.all():
            inside = {current[pk] for pk in ids_in(segment.rules) if pk in current}
            graph.setdefault(current[segment.pk], inside)
        try:
            order = TopologicalSorter(graph | {one.name: graph.get(one.name, set()) for one in entries})
            return [by_name[name] for name in order.static_order() if name in by_name]
        except CycleError as error:
            raise _circle(error.args[1], by_name) from None

    def store(self, entry: Entry, stored: Segment | None, run: Run, *, connect: bool) -> Segment:
        try:
            one = store(self._draft(entry, stored), stored, None, None)
        except SegmentRefused as error:
            problem = error.problems[0]
            is_sql = entry.has("sql") and problem.path[0] == "rules"
            place = entry.at("sql") if is_sql else entry.node.at(problem.path)
            raise place.problem(problem.message) from None
        set_enabled(one, None, is_enabled=not entry.get("disabled", one.disabled_at is not None))
        return one

    def _draft(self, entry: Entry, stored: Segment | None) -> Draft:
        base = draft_of(stored) if stored is not None else Draft("", None, {})
        database = base.customer_database
        if entry.has("customer_database"):
            among = CustomerDatabase.objects.active()
            database = find(among, entry.get("customer_database", None), "customer database").pk
        return replace(
            base,
            name=entry.name,
            customer_database=database,
            description=entry.get("description", base.description),
            time_zone=entry.get("time_zone", base.time_zone),
            rules=self._rules(entry, base.rules),
        )

    def _rules(self, entry: Entry, stored: Mapping[str, Any]) -> Mapping[str, Any]:
        if entry.has("sql") and entry.has("rules"):
            raise entry.at("sql").problem("A segment has either rules or sql. Remove one of them.")
        if entry.has("sql"):
            return {"all": [{"sql": entry.get("sql", "").rstrip()}]}
        return rules_from(entry.at("rules"), self._named) if entry.has("rules") else stored

    def _named(self, node: Node) -> Segment:
        return find(self.all(), node, self.word)


def _rules_or_sql(rules: Mapping[str, Any]) -> Data:
    """A query under a key of its own, as people write it."""
    only = rules.get("all", ())
    if len(only) == 1 and "sql" in only[0]:
        return {"sql": only[0]["sql"]}
    return {"rules": with_names(rules)}


def _circle(way: Sequence[str], by_name: Mapping[str, Entry]) -> FileProblem:
    names = " → ".join(f"“{name}”" for name in reversed(way))
    first = next(by_name[name] for name in way if name in by_name)
    return first.at("rules").problem(f"The segments would go in a circle: {names}. Choose another segment.")
