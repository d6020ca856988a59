"""When a campaign is to be launched, as a campaign's file says it; pure.

A schedule is `{}` (none), `{"asap": true}`, `{"at": "2027-03-01T09:00"}`, `{"daily": "09:00"}`,
`{"weekly": ["mon", "thu"], "time": "09:00"}` or `{"monthly": 1, "time": "09:00"}`; the recurring ones
may end with `"until": "2027-06-01"` or `"times": 12`. Times are local in the campaign's time zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
# {key: as people read it}
CADENCES = {
    "asap": "As soon as possible",
    "at": "At a time",
    "daily": "Daily",
    "weekly": "Weekly",
    "monthly": "Monthly",
}
# How late a run may start, in minutes: what is proposed, and what can be chosen.
GRACE_MINUTES = 60
LEAST_GRACE, MOST_GRACE = 5, 7 * 24 * 60
_ENDS = {"until", "times"}
_KEYS = {
    "asap": {"asap"},
    "at": {"at"},
    "daily": {"daily"} | _ENDS,
    "weekly": {"weekly", "time"} | _ENDS,
    "monthly": {"monthly", "time"} | _ENDS,
}
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def schedule_problem(schedule: Mapping[str, Any]) -> str:
    """Why this is no schedule, as a sentence; empty when it is one."""
    if not schedule:
        return ""
    cadences = [cadence for cadence in _KEYS if cadence in schedule]
    if len(cadences) != 1:
        return "A schedule has exactly one of: " + ", ".join(_KEYS) + "."
    cadence = cadences[0]
    unknown = set(schedule) - _KEYS[cadence]
    if unknown:
        return f"A schedule with “{cadence}” cannot have “{sorted(unknown)[0]}”. Remove it."
    return _CHECKS[cadence](schedule) or _end_problem(schedule)


def _asap_problem(schedule: Mapping[str, Any]) -> str:
    return "" if schedule["asap"] is True else "“asap” is either true or left out."


def _at_problem(schedule: Mapping[str, Any]) -> str:
    return local_time_problem(schedule["at"])


def _daily_problem(schedule: Mapping[str, Any]) -> str:
    return _time_problem(schedule["daily"])


def _weekly_problem(schedule: Mapping[str, Any]) -> str:
    days = schedule["weekly"]
    if not isinstance(days, list) or not days or any(day not in list(DAYS) for day in days):
        return "Choose the days of the week (“weekly”) out of " + ", ".join(DAYS) + "."
    if len(set(days)) < len(days):
        return "“weekly” names a day twice. Name it once."
    return _time_problem(schedule.get("time"))


def _monthly_problem(schedule: Mapping[str, Any]) -> str:
    day = schedule["monthly"]
    if not isinstance(day, int) or isinstance(day, bool) or not 1 <= day <= 31:
        return "Say the day of the month (“monthly”), 1 to 31."
    return _time_problem(schedule.get("time"))


_CHECKS = {
    "asap": _asap_problem,
    "at": _at_problem,
    "daily": _daily_problem,
    "weekly": _weekly_problem,
    "monthly": _monthly_problem,
}


def _time_problem(value: object) -> str:
    is_time = isinstance(value, str) and _TIME.fullmatch(value)
    return "" if is_time else 'Say the time as hours and minutes, such as "09:00".'


def _end_problem(schedule: Mapping[str, Any]) -> str:
    if "until" in schedule and "times" in schedule:
        return "A schedule ends on a date (“until”) or after a number of runs (“times”), not both."
    times = schedule.get("times", 1)
    if not isinstance(times, int) or isinstance(times, bool) or times < 1:
        return "Say after how many runs it ends (“times”), 1 or more."
    if "until" in schedule and not _is_date(schedule["until"]):
        return "Say the last day (“until”) as a date such as 2027-06-01."
    return ""


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def local_time_problem(value: object) -> str:
    """Why this is no local date and time ("2027-03-02T09:00"), as a sentence; empty when it is one."""
    try:
        if isinstance(value, str) and _LOCAL.fullmatch(value):
            datetime.fromisoformat(value)
            return ""
    except ValueError:
        pass
    return "Enter a date and a time such as 2027-03-02T09:00."


def grace_problem(minutes: object) -> str:
    """Why this is no grace, as a sentence; empty when it is one."""
    if isinstance(minutes, int) and not isinstance(minutes, bool) and LEAST_GRACE <= minutes <= MOST_GRACE:
        return ""
    return f"Say how late a run may start: {LEAST_GRACE} to {MOST_GRACE:,} minutes."


def recurs(schedule: Mapping[str, Any]) -> bool:
    """Whether it may run more than once."""
    return any(cadence in schedule for cadence in ("daily", "weekly", "monthly"))


def upcoming(schedule: Mapping[str, Any], time_zone: str, next_run_at: datetime | None) -> str:
    """`in_words` with the next run; empty where no run is to come."""
    if next_run_at is None:
        return ""
    words = in_words(schedule, time_zone)
    return f"{words}, next {_day(next_run_at.astimezone(ZoneInfo(time_zone)))}" if recurs(schedule) else words


def _day(when: datetime) -> str:
    return f"on {when.day} {when:%B %Y at %H:%M}"


def local_words(instant: datetime, time_zone: str) -> str:
    """ "Mon 1 Mar 2027 09:00 CST" """
    local = instant.astimezone(ZoneInfo(time_zone))
    return f"{local:%a} {local.day} {local:%b %Y %H:%M %Z}"


def in_words(schedule: Mapping[str, Any], time_zone: str) -> str:
    """The schedule as a sentence without its full stop: "every week on Monday at 09:00, America/Chicago"."""
    if not schedule or "asap" in schedule:
        return "as soon as possible"
    if "at" in schedule:
        return f"{_day(datetime.fromisoformat(schedule['at']))}, {time_zone}"
    return f"{_cadence(schedule)}{_end(schedule)}, {time_zone}"


def _cadence(schedule: Mapping[str, Any]) -> str:
    if "daily" in schedule:
        return f"every day at {schedule['daily']}"
    if "weekly" in schedule:
        days = " and ".join(DAYS[day] for day in schedule["weekly"])
        return f"every week on {days} at {schedule['time']}"
    return f"every month on day {schedule['monthly']} at {schedule['time']}"


def _end(schedule: Mapping[str, Any]) -> str:
    if "until" in schedule:
        return f" until {schedule['until']}"
    return f", {schedule['times']} times" if "times" in schedule else ""
