"""Where a segment is used: in campaigns, in other segments, as a suppression list. By reverse relations alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from campaigns.customers.models import CustomerDatabase
from campaigns.segments.models import Segment
from campaigns.segments.rules import ids_in
from campaigns.segments.uploaded.models import UploadedList


@dataclass(frozen=True)
class Use:
    """A campaign that uses a segment, and how: included, excluded or in a sub-audience."""

    pk: int
    name: str
    how: str
    when: str = ""  # its schedule runs, in words; empty where no run is to come


@dataclass(frozen=True)
class Uses:
    campaigns: Sequence[Use]
    segments: Sequence[Segment]
    suppresses: Sequence[CustomerDatabase]

    def __bool__(self) -> bool:
        return bool(self.campaigns or self.segments or self.suppresses)

    @property
    def scheduled(self) -> dict[str, str]:
        """{campaign with runs to come: when}"""
        return {use.name: use.when for use in self.campaigns if use.when}

    @property
    def campaign_names(self) -> list[str]:
        return list(dict.fromkeys(use.name for use in self.campaigns))


# {how: the way from a segment to the campaign}
_RELATIONS = {
    "includes it": "included_in",
    "excludes it": "excluded_from",
    "has it in a sub-audience": "sub_audiences__campaign",
}


def uses_of(segment: Segment) -> Uses:
    """By what is not archived; by campaigns also through other segments that name it, at any depth."""
    database = segment.customer_database
    others = [one for one in database.segments.active() if one.pk != segment.pk]
    through = _naming(segment.pk, others)
    found = _uses([segment.pk, *through], {database.pk})
    direct = found.pop(segment.pk)
    known = {use.pk for use in direct}
    indirect = {
        replace(use, how=f"through “{through[pk]}”: {use.how}")
        for pk, uses in found.items()
        for use in uses
        if use.pk not in known
    }
    return Uses(
        campaigns=_with_times(segment, sorted(direct | indirect, key=lambda use: (use.name, use.how))),
        segments=[other for other in others if segment.pk in ids_in(other.rules)],
        suppresses=list(segment.suppresses.filter(archived_at=None)),
    )


def _naming(pk: int, others: Sequence[Segment]) -> dict[int, Segment]:
    """The segments that name this one, or one that does."""
    found: dict[int, Segment] = {}
    while True:
        wanted = {pk, *found}
        more = [one for one in others if one.pk not in found and wanted & ids_in(one.rules)]
        if not more:
            return found
        found |= {one.pk: one for one in more}


def _with_times(segment: Segment, uses: Sequence[Use]) -> list[Use]:
    campaigns = segment.customer_database.campaigns.filter(pk__in={use.pk for use in uses})
    when = {one.pk: one.upcoming for one in campaigns}
    return [replace(use, when=when.get(use.pk, "")) for use in uses]


def uses_of_list(one: UploadedList) -> Uses:
    """What names an uploaded list in its rules and is not archived."""
    segments = one.customer_database.segments.active()
    ruled = _ruled_sub_audiences([one.customer_database_id])
    return Uses(
        campaigns=[
            Use(pk, name, "names it in the rules of a sub-audience")
            for pk, name, rules in ruled
            if one.pk in ids_in(rules, "list")
        ],
        segments=[segment for segment in segments if one.pk in ids_in(segment.rules, "list")],
        suppresses=(),
    )


def campaigns_using(segments: Sequence[Segment]) -> dict[int, int]:
    """How many campaigns use each; a handful of queries, whatever their number."""
    found = _uses([one.pk for one in segments], {one.customer_database_id for one in segments})
    return {pk: len({use.pk for use in uses}) for pk, uses in found.items()}


def _uses(pks: Collection[int], databases: Collection[int]) -> dict[int, set[Use]]:
    found: dict[int, set[Use]] = {pk: set() for pk in pks}
    for how, way in _RELATIONS.items():
        conditions = {f"{way}__isnull": False, f"{way}__archived_at": None}
        if way.startswith("sub_audiences"):
            conditions["sub_audiences__removed_at"] = None
        rows = Segment.objects.filter(pk__in=pks, **conditions).values_list(
            "pk", f"{way}__pk", f"{way}__name"
        )
        for pk, campaign, name in rows:
            found[pk].add(Use(campaign, name, how))
    for campaign, name, rules in _ruled_sub_audiences(databases):
        for pk in ids_in(rules) & found.keys():
            found[pk].add(Use(campaign, name, "names it in the rules of a sub-audience"))
    return found


def _ruled_sub_audiences(databases: Collection[int]) -> list[tuple[int, str, object]]:
    return list(
        CustomerDatabase.objects.filter(
            pk__in=databases,
            campaigns__archived_at=None,
            campaigns__sub_audiences__removed_at=None,
            campaigns__sub_audiences__rules__isnull=False,
        ).values_list("campaigns__pk", "campaigns__name", "campaigns__sub_audiences__rules")
    )
