"""From a schedule to the instants of its runs; pure.

A day that a month lacks is its last. A local time that is skipped is the first moment after the gap, one that comes
twice is the first of the two. Days are those of the schedule's time zone, so a run stays at its hour across the year.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

NEXT_SHOWN = 5
# Beyond, dates in some time zone would leave what Python can say.
_LAST_YEAR = 9990
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def runs(schedule: Mapping[str, Any], time_zone: str, since: datetime) -> Iterator[datetime]:
    """The instants of a schedule that began to hold at `since`, in UTC, rising, each once.

    As soon as possible is `since` itself; every other run is later than it. `times` counts from there.
    """
    if not schedule or "asap" in schedule:
        yield since.astimezone(UTC)
        return
    yield from islice(_after(schedule, ZoneInfo(time_zone), since), schedule.get("times"))


def next_run(
    schedule: Mapping[str, Any], time_zone: str, since: datetime, after: datetime
) -> datetime | None:
    """The first run later than `after`; None where the schedule is over."""
    return next(runs_after(schedule, time_zone, since, after), None)


def runs_after(
    schedule: Mapping[str, Any], time_zone: str, since: datetime, after: datetime
) -> Iterator[datetime]:
    """`runs` that are later than `after`; without walking there, where nothing has to be counted."""
    counted = "times" in schedule or not schedule or "asap" in schedule
    begin = since if counted else max(since, after)
    return (instant for instant in runs(schedule, time_zone, begin) if instant > after)


def next_five(schedule: Mapping[str, Any], time_zone: str, now: datetime) -> list[datetime]:
    """What a schedule that is made now would do, local in its time zone."""
    found = islice(runs(schedule, time_zone, now), NEXT_SHOWN)
    return [instant.astimezone(ZoneInfo(time_zone)) for instant in found]


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant in UTC of a local time without a zone."""
    found = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None, fold=0) == local:
        return found
    return _end_of_gap(local, zone)


def _end_of_gap(local: datetime, zone: ZoneInfo) -> datetime:
    """The clock jumps over `local`: the first second that has the later offset."""
    early = local.replace(tzinfo=zone, fold=1).astimezone(UTC)  # before the jump, by the offset after it
    late = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    offset = late.astimezone(zone).utcoffset()
    low, high = 0, int((late - early).total_seconds())
    while low < high:
        middle = (low + high) // 2
        if (early + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle + 1
    return early + timedelta(seconds=low)


def _after(schedule: Mapping[str, Any], zone: ZoneInfo, since: datetime) -> Iterator[datetime]:
    """Later than `since`, rising; `until` ends it, `times` does not."""
    # Two days before, for a zone may have left out a whole day.
    first = since.astimezone(zone).date() - timedelta(days=2)
    last = since.astimezone(UTC)
    for local in _locals(schedule, first):
        if "until" in schedule and local.date() > date.fromisoformat(schedule["until"]):
            return
        instant = instant_of(local, zone)
        if instant > last:
            last = instant
            yield instant


def _locals(schedule: Mapping[str, Any], first: date) -> Iterator[datetime]:
    """The local times of a schedule, rising, from about the day `first`."""
    if "at" in schedule:
        yield datetime.fromisoformat(schedule["at"])
        return
    at = time.fromisoformat(schedule["daily"] if "daily" in schedule else schedule["time"])
    days = _months(first, schedule["monthly"]) if "monthly" in schedule else _days(first)
    for day in days:
        if "weekly" not in schedule or _WEEKDAYS[day.weekday()] in schedule["weekly"]:
            yield datetime.combine(day, at)


def _days(first: date) -> Iterator[date]:
    while first.year < _LAST_YEAR:
        yield first
        first += timedelta(days=1)


def _months(first: date, day: int) -> Iterator[date]:
    year, month = first.year, first.month
    while year < _LAST_YEAR:
        yield date(year, month, min(day, monthrange(year, month)[1]))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
