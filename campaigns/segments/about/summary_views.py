"""The summary and the breakdowns of a segment, which come after its page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from campaigns.customers.catalogue import stored
from campaigns.segments.about.breakdown import MOST_CHOSEN, breakable, breakdowns
from campaigns.segments.about.frame import rules_of, segment_to_show
from campaigns.segments.about.summary import has_orders, summary
from campaigns.segments.sizing import SizeUnknown
from config.accounts.access import viewer_required
from config.requests import Request


@viewer_required
def segment_summary(request: Request, pk: int) -> HttpResponse:
    """What its members buy; where no orders are named, who names them."""
    segment = segment_to_show(pk)
    context: dict[str, Any] = {"segment": segment, "has_orders": has_orders(segment)}
    try:
        if context["has_orders"]:
            context["summary"] = summary(segment, rules_of(segment))
    except SizeUnknown as error:
        context["error"] = error.to(request.user)
    return render(request, "segments/_summary.html", context)


@viewer_required
def segment_breakdowns(request: Request, pk: int) -> HttpResponse:
    segment = segment_to_show(pk)
    masked = not request.user.sees_personal_data
    context: dict[str, Any] = {"segment": segment, "most": MOST_CHOSEN, "query": request.GET.urlencode()}
    catalogue = stored(segment.customer_database)
    titles = catalogue.titles(name for name, _ in breakable(catalogue))
    asked = request.GET.getlist("by")
    try:
        found, context["customers"] = breakdowns(segment, rules_of(segment), asked, masked=masked)
        asked = [one.attribute for one in found]
        context["breakdowns"] = [(titles[one.attribute], one) for one in found]
    except SizeUnknown as error:
        context["error"] = error.to(request.user)
    context["columns"] = [(name, title, name in asked) for name, title in titles.items()]
    return render(request, "segments/_breakdowns.html", context)
