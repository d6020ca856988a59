"""From a campaign to a page of its latest launch whose lists were built."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from campaigns.launches.compare import newest_built
from campaigns.planning.models import Campaign
from config.requests import Request


def to_latest(request: Request, pk: int, page: str, lacks: str) -> HttpResponse:
    """`page`: its name in the addresses; `lacks`: what people read where nothing was launched."""
    campaign = get_object_or_404(Campaign, pk=pk)
    launch = newest_built(campaign)
    if launch is None:
        messages.info(request, f"“{campaign}” was not launched yet, so {lacks}.")
        return redirect("campaign", pk)
    return redirect(page, launch.pk)
