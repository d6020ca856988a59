"""The list of launches: found by campaign, state and purpose."""

from __future__ import annotations

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from campaigns.launches.models import DeliveryState, Launch, LaunchFile, LaunchState, Purpose


def found(
    search: str = "", state: str = "", purpose: str = "", campaign: int | None = None
) -> QuerySet[Launch]:
    """The newest first, each with `rows_delivered`, `files_delivered` and `all_files`; unknown words filter nothing."""
    launches = Launch.objects.select_related("campaign", "started_by").order_by("-pk")
    if search:
        launches = launches.filter(campaign__name__icontains=search)
    if state in LaunchState:
        launches = launches.filter(state=state)
    if purpose in Purpose:
        launches = launches.filter(purpose=purpose)
    if campaign is not None:
        launches = launches.filter(campaign=campaign)
    return launches.annotate(
        rows_delivered=_of_files(Sum("rows", filter=Q(state=DeliveryState.DELIVERED))),
        files_delivered=_of_files(Count("pk", filter=Q(state=DeliveryState.DELIVERED))),
        all_files=_of_files(Count("pk")),
    )


def _of_files(number: Sum | Count) -> Coalesce:
    files = LaunchFile.objects.filter(launch=OuterRef("pk")).order_by().values("launch")
    return Coalesce(Subquery(files.annotate(found=number).values("found"), output_field=IntegerField()), 0)
