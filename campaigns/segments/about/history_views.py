"""How large a segment was, as a card of its page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from campaigns.segments.about.frame import segment_to_show
from campaigns.segments.about.size_chart import RANGES, size_chart
from campaigns.segments.models import Segment
from config.accounts.access import viewer_required
from config.requests import Request, number


@viewer_required
def segment_history(request: Request, pk: int) -> HttpResponse:
    """Another range of the same card."""
    segment = segment_to_show(pk)
    context = history_context(segment, number(request.GET.get("days")) or 0)
    return render(request, "segments/_history.html", {"segment": segment, **context})


def history_context(segment: Segment, days: int = 0) -> dict[str, Any]:
    """For the card; a range that is none of RANGES is the first of them."""
    chosen = days if days in RANGES else next(iter(RANGES))
    return {"chart": size_chart(segment, chosen), "ranges": RANGES, "days": chosen}
