"""The calendar of runs: a month, or one day of it in full."""

from __future__ import annotations

from datetime import UTC, date, timedelta

from django.http import HttpResponse
from django.shortcuts import render

from campaigns.launches.runs.calendar import entries, month_of
from config import clock
from config.accounts.access import viewer_required
from config.requests import Request, asked

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_YEARS = (2000, 2200)


@viewer_required
def calendar(request: Request) -> HttpResponse:
    """`?month=2027-03`, or `?day=2027-03-05`; else the present month."""
    today = clock.now().astimezone(UTC).date()
    day = _date(asked(request, "day"))
    if day is not None:
        context = {"day": day, "entries": entries(day, day).get(day, []), "month": day}
        return render(request, "launches/runs/day.html", context)
    first = _date(asked(request, "month") + "-01") or today.replace(day=1)
    days = month_of(first.year, first.month, today)
    context = {
        "month": first,
        "before": (first - timedelta(days=1)).replace(day=1),
        "after": (first + timedelta(days=31)).replace(day=1),
        "today": today,
        "days": days,
        "weekdays": WEEKDAYS,
        "is_empty": not any(one.entries for one in days if one.is_in_month),
    }
    return render(request, "launches/runs/calendar.html", context)


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if _YEARS[0] < found.year < _YEARS[1] else None
