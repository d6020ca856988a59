"""A campaign's status, told by the database, so that a list of thousands can be asked for one of them."""

from __future__ import annotations

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from campaigns.planning.models import OPEN_RUNS, Campaign

# {status: the states of the latest launch that make it}
_OF_LAUNCH = {
    "running": ("waiting", "building", "sending"),
    "delivered": ("delivered", "nothing_to_send"),
    "partly_delivered": ("partly_delivered",),
    "failed": ("failed",),
    "needs_you": ("needs_you",),
}
# {status: its word}, in the order in which people meet them.
STATUSES = {
    "draft": "Draft",
    "scheduled": "Scheduled",
    "running": "Running",
    "delivered": "Delivered",
    "partly_delivered": "Partly delivered",
    "failed": "Failed",
    "needs_you": "Needs you",
    "archived": "Archived",
}


def status() -> Case:
    """One of STATUSES, as an expression over campaigns: a single look-up for each, however often it was launched.

    What wants a person's eye comes first; a launch before the campaign was scheduled is history.
    """
    return Case(
        When(archived_at__isnull=False, then=Value("archived")),
        When(pk__in=Campaign.objects.filter(runs__state="held").values("pk"), then=Value("needs_you")),
        default=Coalesce(of_latest_launch(_made_of_launch()), _made_of_schedule()),
        output_field=CharField(),
    )


def _made_of_launch() -> Case:
    def made(status: str) -> When:
        return When(launches__state__in=_OF_LAUNCH[status], then=Value(status))

    is_past = Q(launches__state__in=_OF_LAUNCH["delivered"]) | Q(launches__created_at__lt=F("scheduled_at"))
    return Case(
        made("running"),
        made("needs_you"),
        When(is_scheduled() & is_past, then=Value("scheduled")),
        *[made(status) for status in ("delivered", "partly_delivered", "failed")],
        output_field=CharField(),
    )


def _made_of_schedule() -> Case:
    return Case(When(is_scheduled(), then=Value("scheduled")), default=Value("draft"))


def is_scheduled() -> Q:
    """As Campaign.is_scheduled."""
    open_runs = Campaign.objects.filter(pk=OuterRef("pk"), runs__state__in=OPEN_RUNS)
    return Q(scheduled_at__isnull=False) & (Q(next_run_at__isnull=False) | Q(Exists(open_runs)))


def of_latest_launch(expression: Case | F) -> Subquery:
    """Of a campaign's latest launch that is no test and was not cancelled.

    Read through the campaigns, for launches stand above planning.
    """
    states = [state for made in _OF_LAUNCH.values() for state in made]
    own = Campaign.objects.filter(pk=OuterRef("pk"), launches__purpose="launch", launches__state__in=states)
    return Subquery(own.order_by("-launches__pk").annotate(asked=expression).values("asked")[:1])
