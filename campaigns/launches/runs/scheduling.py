"""Scheduling a campaign and taking that back. From then on the clock makes its runs."""

from __future__ import annotations

from django.db import transaction

from campaigns.customers.place import place
from campaigns.launches.runs.ending import skip
from campaigns.launches.runs.models import Run, RunState
from campaigns.launches.runs.refusing import deleted_segment
from campaigns.launches.runs.ticking import look_after
from campaigns.launches.start import CannotLaunch, frozen_to_launch
from campaigns.planning.models import OPEN_RUNS, Campaign
from campaigns.planning.occurrences import runs
from config import clock
from config.accounts.models import User
from config.audit.models import record


def schedule(campaign: Campaign, user: User | None, *, version: int | None = None) -> Campaign:
    """Let the campaign run as its schedule says. Raises CannotLaunch, also where it could not be launched now.

    `version`: the one that was looked at (None: whatever it is). As soon as possible is launched at once.
    """
    with transaction.atomic():
        stored = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if version is not None and stored.version != version:
            raise CannotLaunch(
                f"“{stored}” was edited since you looked. Look at it again; nothing is scheduled."
            )
        if stored.is_scheduled:
            raise CannotLaunch(f"“{stored}” is scheduled already. Unschedule it first.")
        frozen_to_launch(stored, user)
        if gone := deleted_segment(stored):
            raise CannotLaunch(gone)
        stored.scheduled_at, stored.scheduled_by = clock.now(), user
        stored.scheduled_place = place(stored.customer_database)
        stored.next_run_at = next(runs(stored.schedule, stored.time_zone, stored.scheduled_at), None)
        if stored.next_run_at is None:
            raise CannotLaunch(f"The schedule of “{stored}” is over. Choose a later time, then schedule it.")
        stored.save(update_fields=["scheduled_at", "scheduled_by", "scheduled_place", "next_run_at"])
        record(user, "scheduled", stored, version=stored.version)
        if stored.next_run_at <= stored.scheduled_at:
            transaction.on_commit(lambda: look_after(stored))
    return stored


def unschedule(campaign: Campaign, user: User | None) -> None:
    """It runs no more by itself and can be edited; a run that was not launched yet is skipped."""
    with transaction.atomic():
        stored = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if stored.scheduled_at is None:
            return
        by = user.display_name if user is not None else "a file that was applied"
        for run in Run.objects.filter(campaign=stored).open():
            reason = f"The campaign was unscheduled by {by} before this run was launched."
            skip(run, reason, since=OPEN_RUNS, by=user)
        stored.scheduled_at = stored.scheduled_by = stored.next_run_at = None
        stored.save(update_fields=["scheduled_at", "scheduled_by", "next_run_at"])
        record(user, "unscheduled", stored, version=stored.version)


def is_over(campaign: Campaign) -> bool:
    """Whether it was scheduled, and every run of that was launched or skipped."""
    return campaign.scheduled_at is not None and not campaign.is_scheduled


def held(campaign: Campaign) -> Run | None:
    """The run that waits for a person."""
    return Run.objects.filter(campaign=campaign, state=RunState.HELD).order_by("-due_at").first()
