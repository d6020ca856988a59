"""The editor's part about time: when a campaign is launched, until when, how late, and what holds a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict

from campaigns.customers.freshness import tellers
from campaigns.customers.models import CustomerDatabase
from campaigns.planning.brakes import FILES, PROPOSED_CHANGE, PROPOSED_HOURS
from campaigns.planning.occurrences import next_five
from campaigns.planning.plain import Draft
from campaigns.planning.schedule import CADENCES, DAYS, GRACE_MINUTES, local_words, schedule_problem
from campaigns.segments.times import time_zone_problem
from config import clock

ENDS = {"never": "Never", "until": "On a date", "times": "After N runs"}
PROPOSED_TIME = "09:00"


def parsed(post: QueryDict, stored: Draft | None) -> dict[str, Any]:
    """The draft's fields about time. Numbers that are none stay text, for the problem to say so."""
    kept = stored or Draft("", None)
    found: dict[str, Any] = {
        "time_zone": post.get("time_zone", "UTC").strip(),
        "launch_date": post.get("launch_date", "").strip(),
        "schedule": kept.schedule,
        "grace": kept.grace,
        "brakes": kept.brakes,
    }
    if "when-cadence" in post:
        found["schedule"] = _schedule(post, kept.schedule)
        found["grace"] = _number(post, "grace", GRACE_MINUTES)
        found["brakes"] = _brakes(post)
    return found


def _schedule(post: QueryDict, kept: Mapping[str, Any]) -> Mapping[str, Any]:
    cadence, at = post["when-cadence"], post.get("when-time") or PROPOSED_TIME
    if cadence == "at":
        proposed = f"{clock.now() + timedelta(days=1):%Y-%m-%d}T{PROPOSED_TIME}"
        return {"at": post.get("when-at", proposed).strip()}
    if cadence == "daily":
        return {"daily": at} | _end(post)
    if cadence == "weekly":
        days = [day for day in DAYS if f"when-{day}" in post]
        return {"weekly": days if "when-days" in post else ["mon"], "time": at} | _end(post)
    if cadence == "monthly":
        return {"monthly": _number(post, "when-day", 1), "time": at} | _end(post)
    return kept if not kept or "asap" in kept else {"asap": True}


def _end(post: QueryDict) -> dict[str, Any]:
    if post.get("when-end") == "until":
        proposed = f"{clock.now() + timedelta(days=90):%Y-%m-%d}"
        return {"until": post.get("when-until", proposed).strip()}
    if post.get("when-end") == "times":
        return {"times": _number(post, "when-times", 12)}
    return {}


def _brakes(post: QueryDict) -> dict[str, Any]:
    brakes: dict[str, Any] = {
        name: _number(post, f"brake-{name}", 0)
        for name in ("smallest", "largest")
        if post.get(f"brake-{name}", "").strip()
    }
    if "brake-change-on" in post:
        brakes["change"] = _number(post, "brake-change", PROPOSED_CHANGE)
    if "brake-data_age-on" in post and post.get("brake-data_by"):
        brakes["data_age"] = _number(post, "brake-data_age", PROPOSED_HOURS)
        brakes["data_by"] = post["brake-data_by"]
    return brakes


def _number(post: QueryDict, name: str, proposed: int) -> int | str:
    """Also as 1,000; what is proposed where nothing stands."""
    text = post.get(name, "").strip()
    plain = text.replace(",", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 16 else text or proposed


@dataclass(frozen=True)
class When:
    """What the form shows; `runs` and `is_over` are of a schedule without errors."""

    cadence: str
    cadences: Mapping[str, str]
    at: str
    time: str
    days: Sequence[tuple[str, str, bool]]  # mon, Monday, whether it is ticked
    day: int | str
    end: str
    ends: Mapping[str, str]
    until: str
    times: int | str
    grace: int | str
    brakes: Mapping[str, Any]
    change: int | str
    data_age: int | str
    tellers: Sequence[tuple[str, str]]
    runs: Sequence[str]
    is_over: bool

    @property
    def recurs(self) -> bool:
        return self.cadence in ("daily", "weekly", "monthly")

    @property
    def is_scheduled(self) -> bool:
        return self.cadence != "asap"


def when(draft: Draft) -> When:
    schedule = draft.schedule
    cadence = next((name for name in CADENCES if name in schedule), "asap")
    runs = next_words(draft.schedule, draft.time_zone, clock.now())
    return When(
        cadence=cadence,
        cadences=CADENCES,
        at=schedule.get("at", ""),
        time=schedule.get("daily") or schedule.get("time") or PROPOSED_TIME,
        days=[(day, name, day in schedule.get("weekly", ())) for day, name in DAYS.items()],
        day=schedule.get("monthly", 1),
        end=next((end for end in ENDS if end in schedule), "never"),
        ends=ENDS,
        until=schedule.get("until", ""),
        times=schedule.get("times", 12),
        grace=draft.grace,
        brakes=draft.brakes,
        change=draft.brakes.get("change", PROPOSED_CHANGE),
        data_age=draft.brakes.get("data_age", PROPOSED_HOURS),
        tellers=_tellers(draft),
        runs=runs if cadence != "asap" else [],
        is_over=not runs and not _problem(schedule, draft.time_zone),
    )


def next_words(schedule: Mapping[str, Any], time_zone: str, now: datetime) -> list[str]:
    """The next five runs of a schedule that is made now, in words; none of one with errors."""
    if _problem(schedule, time_zone):
        return []
    return [local_words(instant, time_zone) for instant in next_five(schedule, time_zone, now)]


def _problem(schedule: Mapping[str, Any], time_zone: str) -> str:
    return schedule_problem(schedule) or time_zone_problem(time_zone)


def _tellers(draft: Draft) -> list[tuple[str, str]]:
    """What can tell the age of the customer data; the chosen one also where it is gone, so that it can be seen."""
    database = CustomerDatabase.objects.filter(pk=draft.customer_database or 0).first()
    known = tellers(database) if database is not None else []
    chosen = draft.brakes.get("data_by")
    names = [*known, chosen] if chosen and chosen not in known else known
    return [
        (name, "the newest change of its files" if name == FILES else f"the latest {name}") for name in names
    ]
