"""The list of campaigns, and what ends or multiplies one: archive, delete, copy."""

from __future__ import annotations

from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.planning.copying import copy
from campaigns.planning.filing.shelves import shelf
from campaigns.planning.filters import FILTERS, fields, narrowed
from campaigns.planning.lists import found, row_of, rows
from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
from config import clock
from config.accounts.access import marketer_required, viewer_required
from config.audit.models import record
from config.requests import Request, asked

PER_PAGE = 50


@viewer_required
def campaign_list(request: Request) -> HttpResponse:
    search, archived = asked(request, "q"), "archived" in request.GET
    chosen = fields({name: asked(request, name) for name in FILTERS}, request.user)
    open_shelf = shelf(asked(request, "folder"))
    campaigns = narrowed(open_shelf.of(found(search, archived=archived)), chosen)
    page = Paginator(campaigns.values_list("pk", flat=True), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": rows(list(page.object_list)),
        "search": search,
        "archived": archived,
        "shelf": open_shelf,
        "filters": chosen,
        "chosen": [field for field in chosen if field.value],
        "copy_token": uuid4(),
        "any_segment": Segment.objects.active().exists(),
        "any_campaign": Campaign.objects.exists(),
    }
    return render(request, "planning/list.html", context)


@marketer_required
def campaign_archive(request: Request, pk: int) -> HttpResponse:
    """Asks once; a running launch is to end first."""
    campaign = get_object_or_404(Campaign.objects.active(), pk=pk)
    row = row_of(campaign)
    if request.method == "POST":
        if row.status == "running":
            messages.error(request, f"“{campaign}” is being launched. Archive it when that has ended.")
            return redirect("campaign", pk)
        if campaign.is_scheduled:
            messages.error(request, f"“{campaign}” is scheduled. Unschedule it, then archive it.")
            return redirect("campaign", pk)
        campaign.archived_at = clock.now()
        campaign.save(update_fields=["archived_at"])
        record(request.user, "archived", campaign)
        messages.success(request, f"“{campaign}” is archived.")
        return redirect("campaign_list")
    return render(request, "planning/archive.html", {"campaign": campaign, "row": row})


@marketer_required
def campaign_delete(request: Request, pk: int) -> HttpResponse:
    """Asks once; what was launched or tested is archived instead, for its launches are part of the record."""
    campaign = get_object_or_404(Campaign, pk=pk)
    row = row_of(campaign)
    if not row.can_be_deleted:
        messages.error(request, f"“{campaign}” was launched or tested, so it can only be archived.")
        return redirect("campaign", pk)
    if request.method == "POST":
        record(request.user, "deleted", campaign)
        campaign.delete()
        messages.success(request, f"“{campaign}” is deleted.")
        return redirect("campaign_list")
    return render(request, "planning/delete.html", {"campaign": campaign, "row": row})


@marketer_required
@require_POST
def campaign_copy(request: Request, pk: int) -> HttpResponse:
    """A copy with a salt of its own, opened in the editor."""
    campaign = get_object_or_404(Campaign, pk=pk)
    made, left_out = copy(campaign, request.user, _token(request.POST.get("token", ""), pk))
    if left_out:
        names = "a destination" if left_out == 1 else f"{left_out} destinations"
        messages.warning(request, f"The copy leaves out {names} that you may not send to.")
    return redirect("campaign", made.pk)


def _token(text: str, pk: int) -> UUID | None:
    """One page's token, made the campaign's own, so that a double click makes one copy."""
    try:
        return uuid5(UUID(text), str(pk))
    except ValueError:
        return None
