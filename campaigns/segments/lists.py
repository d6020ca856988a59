"""The list of segments: found by name, with how many campaigns use each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.segments.models import Segment, SegmentQuerySet
from campaigns.segments.uses import campaigns_using


@dataclass(frozen=True)
class ListRow:
    segment: Segment
    campaigns: int


def found(search: str = "") -> SegmentQuerySet:
    """Segments by a part of their name or description, by name."""
    segments = (
        Segment.objects.active().select_related("customer_database", "edited_by").order_by("name", "pk")
    )
    if search:
        segments = segments.filter(name__icontains=search) | segments.filter(description__icontains=search)
    return segments


def list_rows(segments: Sequence[Segment]) -> list[ListRow]:
    used = campaigns_using(segments)
    return [ListRow(segment, used[segment.pk]) for segment in segments]
