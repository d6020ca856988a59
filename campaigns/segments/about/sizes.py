"""How large segments were: kept once a day and at each launch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Model

from campaigns.segments.models import Segment, SegmentSize


def local_day(moment: datetime, time_zone: str) -> date:
    return moment.astimezone(ZoneInfo(time_zone)).date()


def keep_daily(segments: Iterable[Segment], sizes: Mapping[int, int], everybody: int, at: datetime) -> None:
    """`sizes`: members by id. Whose day has a number already keeps that one; who was edited meanwhile gets none."""
    now = dict(Segment.objects.filter(pk__in=sizes).values_list("pk", "version"))
    counted = [one for one in segments if one.pk in sizes and now.get(one.pk) == one.version]
    SegmentSize.objects.bulk_create(
        (_size(one.pk, one.time_zone, sizes[one.pk], everybody, at) for one in counted), ignore_conflicts=True
    )
    for one in counted:
        rows = Segment.objects.filter(pk=one.pk, version=one.version)
        rows.update(size=sizes[one.pk], size_counted_at=at)


def keep_of_launch(launch: Model, sizes: Mapping[int, int], everybody: int, at: datetime) -> None:
    """`sizes`: members by the segments' ids, by the rules that the launch froze."""
    zones = Segment.objects.filter(pk__in=sizes).values_list("pk", "time_zone")
    found = [_size(pk, zone, sizes[pk], everybody, at) for pk, zone in zones]
    for one in found:
        one.launch_id = launch.pk
    SegmentSize.objects.bulk_create(found, ignore_conflicts=True)


def _size(segment: int, time_zone: str, customers: int, everybody: int, at: datetime) -> SegmentSize:
    return SegmentSize(
        segment_id=segment,
        day=local_day(at, time_zone),
        counted_at=at,
        customers=customers,
        everybody=everybody,
    )
