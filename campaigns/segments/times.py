"""Dates and times of rules: what a value or a length of time means, as instants. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.segments.values import RuleError, Span


@dataclass(frozen=True)
class Moment:
    """One reading of the clock, and the zone in which its day counts."""

    now: datetime  # aware
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """The first instant of a local day, in UTC; where midnight is skipped, the first after the gap."""
        try:
            return datetime.combine(day, time(), self.zone).astimezone(UTC)
        except OverflowError:  # it began in the year 0 of UTC, of which there is no time
            return datetime.min.replace(tzinfo=UTC)

    def end_of(self, day: date) -> datetime | None:
        """The first instant after a local day, in UTC; None where the calendar ends with it."""
        following = day_after(day)
        return None if following is None else self.start_of(following)


def day_after(day: date) -> date | None:
    """None where the calendar ends: many a database says 31 December 9999 for “never”."""
    return None if day == date.max else day + timedelta(days=1)


def instant_after(instant: datetime) -> datetime | None:
    """By the smallest step of a clock; None where the calendar ends."""
    step = timedelta(microseconds=1)
    return None if instant.replace(tzinfo=None) > datetime.max - step else instant + step


def time_zone_problem(name: str) -> str:
    """Why this is no time zone, as a sentence; empty when it is one."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return f"“{name}” is no time zone. Use a name such as America/Chicago or UTC."
    return ""


def zone_of(name: str) -> ZoneInfo:
    """The zone to go on with where one is typed: UTC while it is none."""
    return ZoneInfo("UTC" if time_zone_problem(name) else name)


def shifted(day: date, span: Span, direction: int) -> date:
    """The day so much later (`direction` 1) or earlier (-1); a day that a month lacks is its last."""
    try:
        if span.unit in ("days", "weeks"):
            return day + timedelta(days=direction * span.number * (7 if span.unit == "weeks" else 1))
        months = day.year * 12 + day.month - 1 + direction * span.number * (12 if span.unit == "years" else 1)
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last))
    except (OverflowError, ValueError, IndexError):
        raise RuleError(f"{span} reaches beyond the calendar. Enter less.") from None


def read_moment(value: object, zone: ZoneInfo) -> date | datetime:
    """A day, or an instant in UTC; a time without a zone is local to the segment."""
    text = str(value)
    try:
        if len(text) <= 10:
            return date.fromisoformat(text)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise RuleError("Enter a date such as 2027-03-01, or a time such as 2027-03-01T09:00.") from None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise RuleError("Enter a time within the years 1 to 9999.") from None


def whole_days(wanted: Collection[int], year: int) -> list[tuple[date, date]]:
    """The runs of days of a year that are among month * 100 + day: first day, first day after."""
    runs: list[tuple[date, date]] = []
    for day in (date(year, 1, 1) + timedelta(days=offset) for offset in range(365 + calendar.isleap(year))):
        if day.month * 100 + day.day not in wanted:
            continue
        tomorrow = day + timedelta(days=1)
        if runs and runs[-1][1] == day:
            runs[-1] = (runs[-1][0], tomorrow)
        else:
            runs.append((day, tomorrow))
    return runs


def anniversaries(today: date, days: int) -> list[int]:
    """month * 100 + day of today and the next `days`; 29 February counts on the 28th of other years."""
    found = set()
    for offset in range(days + 1):
        day = today + timedelta(days=offset)
        found.add(day.month * 100 + day.day)
        if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
            found.add(229)
    return sorted(found)
