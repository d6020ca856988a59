"""What keeps work from being done or waits for a person, as sentences that say what to do."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse

from campaigns.launches.models import Launch, LaunchState, Purpose
from campaigns.launches.runs.models import Run, RunState
from campaigns.launches.workers import workers_running
from config.accounts.models import User
from destinations.models import Destination

# More than these, and the list would hide the page below it.
LAUNCHES_SHOWN = 8


@dataclass(frozen=True)
class Need:
    """`subject` leads to `url` where there is one; `button` says what a person does there."""

    subject: str
    about: str
    text: str
    severity: str  # bad or warn
    url: str = ""
    button: str = ""


def needs_you(user: User) -> list[Need]:
    """The weightiest first."""
    return [*_workers(user), *_destinations(user), *_runs(user), *_launches()]


def _workers(user: User) -> list[Need]:
    """An operator is told how, anybody else whom to ask."""
    count = workers_running()
    if count is None:
        return [
            Need(
                "Redis does not answer",
                "",
                "A launch is stored and starts by itself when Redis is back. "
                + ("Start it, or look at REDIS_URL." if user.may_operate else "Ask an operator to start it."),
                "bad",
            )
        ]
    if count:
        return []
    return [
        Need(
            "No worker is running",
            "",
            "A launch is stored and starts by itself when a worker runs. "
            + ("Start one: manage.py rqworker." if user.may_operate else "Ask an operator to start one."),
            "bad",
        )
    ]


def _destinations(user: User) -> list[Need]:
    waiting = Destination.objects.for_user(user).enabled().exclude(needs_attention="")
    return [
        Need(
            destination.name,
            "needs a look",
            destination.needs_attention,
            "bad",
            reverse("destination", args=[destination.pk]) if user.may_operate else "",
            "Look" if user.may_operate else "",
        )
        for destination in waiting
    ]


def _runs(user: User) -> list[Need]:
    """Held ones wait for a marketer; of skipped ones a campaign's latest, until somebody has read it."""
    words = {RunState.HELD: ("is held", "Decide"), RunState.SKIPPED: ("was skipped", "Look")}
    told = [(run, *words[RunState(run.state)]) for run in Run.objects.for_a_person()[:LAUNCHES_SHOWN]]
    return [
        Need(
            run.campaign.name,
            f"{happened}, due {run.due}",
            run.reason,
            "warn",
            reverse("run_list", args=[run.campaign_id]),
            button if user.may_market else "Look",
        )
        for run, happened, button in told
    ]


# {state: (what happened, what to do where the launch keeps no reason, severity)}
_WORDS = {
    LaunchState.NEEDS_YOU: (
        "needs you",
        "It is not known whether a file arrived. Look at the destination, then say what you found.",
        "warn",
    ),
    LaunchState.FAILED: ("failed", "Nothing of it arrived. The launch page says why.", "bad"),
    LaunchState.PARTLY_DELIVERED: (
        "was partly delivered",
        "A part of its files did not arrive. The launch page says which.",
        "warn",
    ),
}


def _launches() -> list[Need]:
    """Those that wait for a person; of those that went wrong only a campaign's latest, which a new launch mends."""
    latest = Launch.objects.filter(campaign=OuterRef("campaign"), purpose=OuterRef("purpose")).order_by("-pk")
    found = (
        Launch.objects.filter(campaign__archived_at=None)
        .filter(
            Q(state=LaunchState.NEEDS_YOU)
            | Q(
                state__in=(LaunchState.FAILED, LaunchState.PARTLY_DELIVERED),
                pk=Subquery(latest.values("pk")[:1]),
            )
        )
        .select_related("campaign")
        .prefetch_related("deliveries")
    )
    return [_launch(launch) for launch in found[:LAUNCHES_SHOWN]]


def _launch(launch: Launch) -> Need:
    happened, otherwise, severity = _WORDS[LaunchState(launch.state)]
    reasons = [launch.error, *(delivery.error for delivery in launch.deliveries.all())]
    what = "launch" if launch.purpose == Purpose.LAUNCH else "test"
    return Need(
        launch.campaign.name,
        f"{happened} in {what} {launch.pk}",
        next((reason for reason in reasons if reason), otherwise),
        severity,
        reverse("launch", args=[launch.pk]),
        "Look",
    )
