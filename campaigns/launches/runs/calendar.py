"""Past launches and coming runs of all campaigns, by day. Three queries, whatever their number."""

from __future__ import annotations

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from django.urls import reverse

from campaigns.launches.models import Launch, Purpose
from campaigns.launches.runs.models import Run, RunState
from campaigns.planning.models import Campaign
from campaigns.planning.occurrences import runs_after

SHOWN_PER_DAY = 4
# Two days more than a time zone can lie away.
_MARGIN = timedelta(days=2)


@dataclass(frozen=True)
class Entry:
    """At the local time of its campaign; `state` is a launch's, a run's, or scheduled."""

    local: datetime
    name: str
    state: str
    url: str
    time_zone: str

    @property
    def at(self) -> str:
        return f"{self.local:%H:%M}"


@dataclass(frozen=True)
class Day:
    day: date
    is_in_month: bool
    is_today: bool
    entries: tuple[Entry, ...]

    @property
    def shown(self) -> tuple[Entry, ...]:
        return self.entries[:SHOWN_PER_DAY]

    @property
    def more(self) -> int:
        return max(0, len(self.entries) - SHOWN_PER_DAY)


def month_of(year: int, month: int, today: date) -> list[Day]:
    """Whole weeks, Monday first."""
    days = list(Calendar().itermonthdates(year, month))
    found = entries(days[0], days[-1])
    return [Day(day, day.month == month, day == today, tuple(found.get(day, ()))) for day in days]


def entries(first: date, last: date) -> dict[date, list[Entry]]:
    """{day: what was launched or is to run, the earliest first}, days and times as of each campaign's time zone."""
    begin = datetime.combine(first, time(), UTC) - _MARGIN
    end = datetime.combine(last, time(), UTC) + _MARGIN
    found: dict[date, list[Entry]] = defaultdict(list)
    for entry in (*_launches(begin, end), *_not_started(begin, end), *_coming(begin, end)):
        if first <= entry.local.date() <= last:
            found[entry.local.date()].append(entry)
    for day in found.values():
        day.sort(key=lambda entry: (entry.local, entry.name))
    return found


def _entry(campaign: Campaign, instant: datetime, state: str, url: str) -> Entry:
    local = instant.astimezone(ZoneInfo(campaign.time_zone)).replace(tzinfo=None)
    return Entry(local, campaign.name, state, url, campaign.time_zone)


def _launches(begin: datetime, end: datetime) -> Iterator[Entry]:
    found = Launch.objects.filter(purpose=Purpose.LAUNCH, created_at__range=(begin, end))
    for one in found.select_related("campaign").only(
        "state", "created_at", "campaign__name", "campaign__time_zone"
    ):
        yield _entry(one.campaign, one.created_at, one.state, reverse("launch", args=[one.pk]))


def _not_started(begin: datetime, end: datetime) -> Iterator[Entry]:
    words = {RunState.DUE: "waiting", RunState.COUNTING: "building"}
    found = Run.objects.filter(due_at__range=(begin, end)).exclude(state=RunState.LAUNCHED)
    for run in found.select_related("campaign"):
        state = words.get(RunState(run.state), run.state)
        yield _entry(run.campaign, run.due_at, state, reverse("run_list", args=[run.campaign_id]))


def _coming(begin: datetime, end: datetime) -> Iterator[Entry]:
    found = Campaign.objects.active().filter(scheduled_at__isnull=False, next_run_at__lte=end)
    for campaign in found.only("name", "schedule", "time_zone", "scheduled_at", "next_run_at"):
        assert campaign.scheduled_at is not None  # by the filter
        assert campaign.next_run_at is not None
        # The next run itself is one that has no row yet.
        after = max(begin, campaign.next_run_at - timedelta(seconds=1))
        runs = runs_after(campaign.schedule, campaign.time_zone, campaign.scheduled_at, after)
        url = reverse("campaign", args=[campaign.pk])
        for instant in takewhile(lambda one: one <= end, runs):
            yield _entry(campaign, instant, "scheduled", url)
