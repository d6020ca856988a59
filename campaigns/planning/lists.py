"""The list of campaigns: found by name, with a status that derives from the latest launch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q

from campaigns.planning.models import OPEN_RUNS, Campaign, CampaignQuerySet

# A launch's state -> what it makes of the campaign.
_STATUS = {
    "waiting": "running",
    "building": "running",
    "sending": "running",
    "delivered": "delivered",
    "nothing_to_send": "delivered",
    "partly_delivered": "partly_delivered",
    "failed": "failed",
    "needs_you": "needs_you",
}


@dataclass(frozen=True)
class Row:
    campaign: Campaign
    status: str
    launches: int
    last_launch: int | None
    launched_at: datetime | None
    can_be_deleted: bool


def found(search: str = "", *, archived: bool = False) -> CampaignQuerySet:
    """Campaigns by a part of their name, the latest edited first."""
    campaigns = Campaign.objects.filter(archived_at__isnull=not archived)
    if search:
        campaigns = campaigns.filter(name__icontains=search)
    return campaigns.order_by("-updated_at", "-pk")


def rows(ids: Sequence[int]) -> list[Row]:
    """These campaigns with their status; two queries, whatever their number."""
    counted = (
        Campaign.objects.filter(pk__in=ids)
        .select_related("customer_database", "edited_by")
        .annotate(
            all_launches=Count("launches"),
            real_launches=Count("launches", filter=Q(launches__purpose="launch")),
            latest=Max(
                "launches__pk", filter=Q(launches__purpose="launch") & ~Q(launches__state="cancelled")
            ),
            is_held=Exists(_with_runs("held")),
            has_open_runs=Exists(_with_runs(*OPEN_RUNS)),
        )
    )
    by_id = {campaign.pk: campaign for campaign in counted}
    latest = _launches([getattr(campaign, "latest", None) for campaign in by_id.values()])
    return [_row(by_id[pk], latest) for pk in ids]


def _with_runs(*states: str) -> CampaignQuerySet:
    return Campaign.objects.filter(pk=OuterRef("pk"), runs__state__in=states)


def _launches(ids: list[int | None]) -> dict[int, tuple[str, datetime]]:
    """State and time of these launches, read through the campaigns: launches stand above planning."""
    wanted = [pk for pk in ids if pk is not None]
    values = Campaign.objects.filter(launches__in=wanted).values_list(
        "launches__pk", "launches__state", "launches__created_at"
    )
    return {pk: (state, at) for pk, state, at in values}


def _row(campaign: Campaign, launches: dict[int, tuple[str, datetime]]) -> Row:
    latest: int | None = campaign.latest  # type: ignore[attr-defined]
    state, at = launches.get(latest or 0, ("", None))
    return Row(
        campaign=campaign,
        status=_status(campaign, _STATUS.get(state, "draft"), at),
        launches=campaign.real_launches,  # type: ignore[attr-defined]
        last_launch=latest,
        launched_at=at,
        can_be_deleted=campaign.all_launches == 0,  # type: ignore[attr-defined]
    )


def _status(campaign: Campaign, launched: str, at: datetime | None) -> str:
    """What wants a person's eye comes first; a launch before it was scheduled is history."""
    if campaign.archived_at:
        return "archived"
    if campaign.is_held:  # type: ignore[attr-defined]
        return "needs_you"
    began = campaign.scheduled_at
    is_scheduled = began and (campaign.next_run_at or campaign.has_open_runs)  # type: ignore[attr-defined]
    is_of_this = began is not None and at is not None and at >= began
    calm = launched in ("draft", "delivered") or not (launched in ("running", "needs_you") or is_of_this)
    return "scheduled" if is_scheduled and calm else launched


def row_of(campaign: Campaign) -> Row:
    return rows([campaign.pk])[0]
