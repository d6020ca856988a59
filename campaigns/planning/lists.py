"""The list of campaigns: the latest edited first, each with its status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, F, Q, Value, When

from campaigns.customers.models import large
from campaigns.planning.models import Campaign, CampaignQuerySet
from campaigns.planning.statuses import is_scheduled, of_latest_launch, status


@dataclass(frozen=True)
class Row:
    campaign: Campaign
    status: str
    launches: int
    last_launch: int | None
    launched_at: datetime | None
    can_be_deleted: bool
    is_scheduled: bool


def found(search: str = "", *, archived: bool = False) -> CampaignQuerySet:
    """Campaigns by a part of their name, or by their id; the latest edited first."""
    campaigns = Campaign.objects.filter(archived_at__isnull=not archived)
    if search:
        campaigns = campaigns.filter(Q(name__icontains=search) | _of_id(search))
    return campaigns.order_by("-updated_at", "-pk")


def _of_id(search: str) -> Q:
    is_id = search.isascii() and search.isdigit() and len(search) < 19
    return Q(pk=int(search)) if is_id else Q()


def rows(ids: Sequence[int]) -> list[Row]:
    """These campaigns with their status; two queries, whatever their number."""
    counted = (
        Campaign.objects.filter(pk__in=ids)
        .select_related("customer_database", "edited_by")
        .prefetch_related("labels")
        .defer(*large("customer_database__"))
        .annotate(
            all_launches=Count("launches"),
            real_launches=Count("launches", filter=Q(launches__purpose="launch")),
            status=status(),
            on_schedule=Case(When(is_scheduled(), then=Value(True)), default=Value(False)),
            last_launch=of_latest_launch(F("launches__pk")),
            launched_at=of_latest_launch(F("launches__created_at")),
        )
    )
    by_id = {campaign.pk: campaign for campaign in counted}
    return [_row(by_id[pk]) for pk in ids if pk in by_id]


def _row(campaign: Campaign) -> Row:
    told = vars(campaign)
    return Row(
        campaign=campaign,
        status=told["status"],
        launches=told["real_launches"],
        last_launch=told["last_launch"],
        launched_at=told["launched_at"],
        can_be_deleted=told["all_launches"] == 0,
        is_scheduled=told["on_schedule"],
    )


def row_of(campaign: Campaign) -> Row:
    return rows([campaign.pk])[0]
