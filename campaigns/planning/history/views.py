"""The page of a campaign's history."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from campaigns.planning.history.telling import events_of, told
from campaigns.planning.lists import row_of
from campaigns.planning.models import Campaign
from config.accounts.access import viewer_required
from config.requests import Request

PER_PAGE = 20


@viewer_required
def campaign_history(request: Request, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.select_related("customer_database"), pk=pk)
    page = Paginator(events_of(campaign), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "campaign": campaign,
        "row": row_of(campaign),
        "page": page,
        "told": told(campaign, list(page.object_list), request.user),
    }
    return render(request, "planning/history.html", context)
