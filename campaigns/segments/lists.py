"""The list of segments: found by name, with how many campaigns use each, and which name what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.customers.catalogue import stored
from campaigns.customers.models import CustomerDatabase, large
from campaigns.customers.uses import fits
from campaigns.segments.models import Segment, SegmentQuerySet
from campaigns.segments.rules import ids_in
from campaigns.segments.uploaded.models import UploadedList
from campaigns.segments.uses import campaigns_using


@dataclass(frozen=True)
class ListRow:
    segment: Segment
    campaigns: int
    is_broken: bool


def found(search: str = "") -> SegmentQuerySet:
    """Segments by a part of their name or description, by name."""
    segments = (
        Segment.objects.active()
        .select_related("customer_database", "edited_by")
        .defer(*large("customer_database__"))
        .order_by("name", "pk")
    )
    if search:
        segments = segments.filter(name__icontains=search) | segments.filter(description__icontains=search)
    return segments


def list_rows(segments: Sequence[Segment]) -> list[ListRow]:
    used, broken = campaigns_using(segments), _broken(segments)
    return [ListRow(segment, used[segment.pk], segment.pk in broken) for segment in segments]


def _broken(segments: Sequence[Segment]) -> set[int]:
    """Those whose rules name what their customer database no longer has, or a list that is gone."""
    databases = CustomerDatabase.objects.in_bulk({one.customer_database_id for one in segments})
    catalogues = {pk: stored(one) for pk, one in databases.items()}
    named = {one.pk: ids_in(one.rules, "list") for one in segments}
    lists = UploadedList.objects.active().filter(pk__in=set().union(*named.values()))
    there = set(lists.values_list("pk", flat=True))
    return {
        one.pk
        for one in segments
        for pk in [one.customer_database_id]
        if not named[one.pk] <= there
        or (catalogues[pk].tables and not fits(one.rules, databases[pk], catalogues[pk]))
    }
