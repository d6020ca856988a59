"""The clock: what fell due becomes a run, and each run goes as far as it goes by itself. Safe to run many at once.

Everything it knows stands in rows, so that it may be killed, restarted, doubled and set back at any point: the due
time that comes next moves on in one transaction with the run that it made, a run is launched by compare-and-set.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction

from campaigns.launches.building import BEFORE_BUILT
from campaigns.launches.models import LaunchState
from campaigns.launches.preflight import start_preflight
from campaigns.launches.runs import ending
from campaigns.launches.runs.braking import outside
from campaigns.launches.runs.models import GOING, Run, RunState
from campaigns.launches.runs.refusing import refused_now
from campaigns.launches.start import CannotLaunch
from campaigns.launches.states import move
from campaigns.planning.models import Campaign
from campaigns.planning.occurrences import next_run
from campaigns.planning.schedule import recurs
from config import clock
from config.logs import log_unexpected

# Of one campaign in one look: after a year of standstill the rest follows in the next ones.
MOST_AT_ONCE = 100
# A count that takes longer has no worker, or one that cannot do it.
LONGEST_COUNT = timedelta(hours=6)


def tick() -> None:
    """Look once. A run that fails in Muster itself is held, and the others go on."""
    due = Campaign.objects.active().filter(scheduled_at__isnull=False, next_run_at__lte=clock.now())
    for pk in list(due.order_by("next_run_at").values_list("pk", flat=True)):
        _make_runs(pk)
    going = Run.objects.going().filter(campaign__archived_at=None).order_by("due_at", "pk")
    for pk in list(going.values_list("pk", flat=True)):
        _step(pk)


def look_after(campaign: Campaign) -> None:
    """`tick` for one campaign, at once."""
    _make_runs(campaign.pk)
    for pk in list(Run.objects.filter(campaign=campaign).going().values_list("pk", flat=True)):
        _step(pk)


def _make_runs(pk: int) -> None:
    """A row for each due time up to now; the last of them may be in time, the others were missed."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().filter(pk=pk, scheduled_at__isnull=False).first()
        if campaign is None or campaign.scheduled_at is None:
            return
        for _ in range(MOST_AT_ONCE):
            due_at = campaign.next_run_at
            if due_at is None or due_at > clock.now():
                return
            Run.objects.get_or_create(campaign=campaign, due_at=due_at)
            campaign.next_run_at = next_run(
                campaign.schedule, campaign.time_zone, campaign.scheduled_at, due_at
            )
            moved_on = Campaign.objects.filter(pk=pk, next_run_at=due_at)
            moved_on.update(next_run_at=campaign.next_run_at)


def _step(pk: int) -> None:
    run = Run.objects.select_related("campaign").get(pk=pk)
    try:
        _begin(run) if run.state == RunState.DUE else _go_on(run)
    except ending.Decided:
        return
    except OperationalError:
        raise  # the database itself: the next look tries again
    except Exception as error:  # noqa: BLE001 — the clock's boundary: the other runs have to go on
        log_unexpected(f"Run {pk}", error)
        ending.hold(
            run,
            f"An error in Muster itself ({type(error).__name__}) stopped this run. "
            "Ask an operator to look at the log of `manage.py reconcile`.",
        )


def _begin(run: Run) -> None:
    campaign = run.campaign
    earlier = Run.objects.filter(campaign=campaign, due_at__lt=run.due_at).open().order_by("due_at")
    if _is_late(run):
        ending.skip(run, _missed(run))
        return
    for other in earlier:
        if other.state != RunState.HELD:
            ending.skip(run, "The run before it was not launched yet.")
            return
        ending.skip(other, "Nobody decided before the next run was due.", since=(RunState.HELD,))
    if _is_in_the_way(run):
        return
    if refused := refused_now(campaign):
        ending.hold(run, refused)
    elif campaign.brakes:
        _count(run)
    else:
        _launch(run)


def _is_late(run: Run) -> bool:
    return clock.now() > (run.waited_at or run.due_at) + timedelta(minutes=run.campaign.grace)


def _missed(run: Run) -> str:
    late = _span(clock.now() - run.due_at)
    return (
        f"{_unlaunched(run)}, and {late} later its grace of {run.campaign.grace:,} minutes was "
        "over. Launch the campaign yourself if these people should still get it."
    )


def _unlaunched(run: Run) -> str:
    if run.state == RunState.COUNTING:
        return "Its people were counted, but nothing went on with it"
    return "Nothing was running when it was due"


def _span(late: timedelta) -> str:
    minutes = int(late.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def _is_in_the_way(run: Run) -> bool:
    """Whether another launch of the campaign is: then a one-time run waits, a recurring one is skipped."""
    other = ending.unfinished_launch(run.campaign)
    if other is None:
        return False
    if recurs(run.campaign.schedule):
        ending.skip(run, f"Launch {other.pk} of the campaign was not finished.")
    else:
        waits = f"Waits until launch {other.pk} of the campaign is finished."
        move(run, run.state, since=(run.state,), waited_at=clock.now(), reason=waits)
    return True


def _launch(run: Run) -> None:
    if refused := refused_now(run.campaign):
        ending.hold(run, refused)
        return
    try:
        ending.launch(run, since=GOING)
    except CannotLaunch as error:
        # One that was started a moment ago is waited for like any other.
        if not _is_in_the_way(run):
            ending.hold(run, error.message)


def _count(run: Run) -> None:
    try:
        with transaction.atomic():
            preflight = start_preflight(run.campaign, None, anew=True)
            changes: dict[str, Any] = {"preflight": preflight, "counting_since": clock.now(), "reason": ""}
            if not move(run, RunState.COUNTING, since=(RunState.DUE,), **changes):
                raise ending.Decided
    except CannotLaunch as error:
        ending.hold(run, error.message)


def _go_on(run: Run) -> None:
    """A run whose people are being counted: launched or held when they are."""
    counted = run.preflight
    if counted is None:
        move(run, RunState.DUE, since=(RunState.COUNTING,))
    elif counted.state in BEFORE_BUILT:
        _hold_if_endless(run, run.counting_since or run.due_at)
    elif counted.state == LaunchState.FAILED:
        ending.hold(run, f"Its people could not be counted. {counted.error}")
    elif _is_late(run):
        ending.skip(run, _missed(run))
    elif run.waited_at and counted.created_at < run.waited_at:
        # What it waited for may have changed who is left.
        move(run, RunState.DUE, since=(RunState.COUNTING,))
    elif not _is_in_the_way(run):
        reasons = outside(run.campaign, counted)
        if reasons:
            ending.hold(run, " ".join(reasons))
        else:
            _launch(run)


def _hold_if_endless(run: Run, since: datetime) -> None:
    if clock.now() > since + LONGEST_COUNT:
        ending.hold(
            run,
            f"Its people were not counted within {LONGEST_COUNT.total_seconds() / 3600:.0f} hours. "
            "Look whether a worker runs, then launch it.",
        )
