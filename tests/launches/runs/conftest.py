"""The campaign of tests/launches, scheduled at a time of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.launches.runs.models import Run
from campaigns.launches.runs.scheduling import schedule
from campaigns.launches.runs.ticking import tick
from campaigns.planning.models import Campaign
from config import clock

BEGAN = datetime(2027, 3, 1, 6, tzinfo=UTC)
NINE = datetime(2027, 3, 1, 9, tzinfo=UTC)
DAILY = {"daily": "09:00"}
ONCE = {"at": "2027-03-01T09:00"}


@pytest.fixture
def scheduled(campaign: Campaign) -> Callable[..., Campaign]:
    """Scheduled at 06:00 on 1 March 2027; keywords are the campaign's fields."""

    def make(plan: dict[str, Any], *, at: datetime = BEGAN, **fields: Any) -> Campaign:
        Campaign.objects.filter(pk=campaign.pk).update(schedule=plan, **fields)
        with clock.stopped_at(at):
            return schedule(campaign, None)

    return make


def ticked(*instants: datetime) -> list[Run]:
    """The clock looks at each of these; every run afterwards, the first due first."""
    for instant in instants:
        with clock.stopped_at(instant):
            tick()
    return list(Run.objects.order_by("due_at"))


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)
