"""The list of campaigns, and what ends, brings back or multiplies one: archive, delete, restore, copy."""

from __future__ import annotations

from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.planning.copying import copy
from campaigns.planning.ending import archive, delete, not_deleted, restore
from campaigns.planning.filing.shelves import shelf
from campaigns.planning.filters import FILTERS, fields, narrowed
from campaigns.planning.lists import found, row_of, rows
from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
from config.accounts.access import marketer_required, viewer_required
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
        _, reasons = archive([pk], request.user)
        for reason in reasons.values():
            messages.error(request, f"“{campaign}” {reason}.")
            return redirect("campaign", pk)
        messages.success(request, f"“{campaign}” is archived.")
        return redirect("campaign_list")
    return render(request, "planning/archive.html", {"campaign": campaign, "row": row})


@marketer_required
def campaign_delete(request: Request, pk: int) -> HttpResponse:
    """Asks once; what was launched or tested is archived instead, for its launches are part of the record."""
    campaign = get_object_or_404(Campaign, pk=pk)
    row = row_of(campaign)
    reasons = delete([pk], request.user)[1] if request.method == "POST" else not_deleted([row])
    for reason in reasons.values():
        messages.error(request, f"“{campaign}” {reason}.")
        return redirect("campaign", pk)
    if request.method == "POST":
        messages.success(request, f"“{campaign}” is deleted.")
        return redirect("campaign_list")
    return render(request, "planning/delete.html", {"campaign": campaign, "row": row})


@marketer_required
@require_POST
def campaign_restore(request: Request, pk: int) -> HttpResponse:
    """Back among those in use; nothing is launched by it."""
    campaign = get_object_or_404(Campaign, pk=pk)
    _, reasons = restore([pk], request.user)
    for reason in reasons.values():
        messages.error(request, f"“{campaign}” {reason}.")
    if not reasons:
        messages.success(request, f"“{campaign}” is in use again.")
    return redirect("campaign", pk)


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
