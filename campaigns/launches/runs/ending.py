"""How a run ends: launched, held for a person, or skipped. Each by compare-and-set, once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction

from campaigns.customers.place import place
from campaigns.launches.models import LAUNCH_UNFINISHED, Launch, Purpose
from campaigns.launches.runs.models import GOING, Run, RunState
from campaigns.launches.start import launch_campaign
from campaigns.launches.states import move
from campaigns.planning.models import Campaign
from config import clock
from config.accounts.models import User
from config.audit.models import record


class Decided(Exception):
    """Somebody else was quicker: another clock, or another person."""


def launch(run: Run, *, since: Collection[str], by: User | None = None) -> Launch:
    """Launch the run, once. `by`: who launches it in spite of its brakes.

    Raises CannotLaunch, and Decided where it is in none of the states of `since` any more.
    """
    with transaction.atomic():
        started = launch_campaign(run.campaign, by, form_token=run.launch_token)
        changes: dict[str, Any] = {"launch": started, "ended_at": clock.now()} | _decided(by)
        if by is None:
            changes["reason"] = ""  # what it waited for
        if not move(run, RunState.LAUNCHED, since=since, **changes):
            raise Decided
        if by is not None:
            # This person has looked at where the people are read from now.
            here = place(run.campaign.customer_database)
            Campaign.objects.filter(pk=run.campaign_id).update(scheduled_place=here)
    return started


def hold(run: Run, reason: str) -> None:
    with transaction.atomic():
        if move(run, RunState.HELD, since=GOING, reason=reason[:1000]):
            record(None, "held", run.campaign, run=run.pk, due_at=run.due_at.isoformat(), reason=reason)


def skip(run: Run, reason: str, *, since: Collection[str] = GOING, by: User | None = None) -> bool:
    """Whether it was still to be skipped."""
    with transaction.atomic():
        changes: dict[str, Any] = {"reason": reason[:1000], "ended_at": clock.now()} | _decided(by)
        if not move(run, RunState.SKIPPED, since=since, **changes):
            return False
        record(by, "skipped", run.campaign, run=run.pk, due_at=run.due_at.isoformat(), reason=reason)
    return True


def read(run: Run, by: User) -> None:
    """A person knows that it was skipped: it needs nobody any more."""
    Run.objects.filter(pk=run.pk, state=RunState.SKIPPED, decided_at=None).update(**_decided(by))


def _decided(by: User | None) -> dict[str, Any]:
    return {"decided_by": by, "decided_at": clock.now()} if by is not None else {}


def unfinished_launch(campaign: Campaign) -> Launch | None:
    """One that a run has to wait for; a launch that only waits for a person is not in the way."""
    return campaign.launches.filter(purpose=Purpose.LAUNCH, state__in=LAUNCH_UNFINISHED).first()
