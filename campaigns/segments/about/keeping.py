"""Each save of a segment becomes a version that stays."""

from __future__ import annotations

from campaigns.segments.models import Segment, SegmentVersion


def keep_version(segment: Segment) -> None:
    """Keep what was just stored; in the transaction that stored it."""
    SegmentVersion.objects.create(
        segment=segment,
        number=segment.version,
        name=segment.name,
        description=segment.description,
        time_zone=segment.time_zone,
        rules=segment.rules,
        saved_by=segment.edited_by,
        saved_at=segment.updated_at,
    )
