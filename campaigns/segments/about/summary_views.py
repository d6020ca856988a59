"""The summary and the breakdowns of a segment, which come after its page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from campaigns.customers.catalogue import stored
from campaigns.segments.about.breakdown import MOST_CHOSEN, breakable, breakdowns
from campaigns.segments.about.columns import listed
from campaigns.segments.about.frame import rules_of, segment_to_show
from campaigns.segments.about.summary import has_orders, summary
from campaigns.segments.models import Segment
from campaigns.segments.sizing import SizeUnknown
from config.accounts.access import viewer_required
from config.requests import Request, asked


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
    titles = _titles(segment)
    chosen = request.GET.getlist("by")
    try:
        found, context["customers"] = breakdowns(segment, rules_of(segment), chosen, masked=masked)
        chosen = [one.attribute for one in found]
        context["breakdowns"] = [(titles[one.attribute], one) for one in found]
    except SizeUnknown as error:
        context["error"] = error.to(request.user)
    return render(request, "segments/_breakdowns.html", context | _columns(titles, chosen))


@viewer_required
def segment_breakdown_columns(request: Request, pk: int) -> HttpResponse:
    """The columns to tick, by a part of their names; nothing is counted."""
    segment, search = segment_to_show(pk), asked(request, "find")
    context = _columns(_titles(segment), request.GET.getlist("by"), search) | {"most": MOST_CHOSEN}
    return render(request, "segments/_breakdown_columns.html", context)


def _titles(segment: Segment) -> dict[str, str]:
    catalogue = stored(segment.customer_database)
    return catalogue.titles(name for name, _ in breakable(catalogue))


def _columns(titles: Mapping[str, str], chosen: Collection[str], search: str = "") -> dict[str, Any]:
    names, more = listed(titles, chosen, search)
    return {
        "columns": [(one, titles[one], one in chosen) for one in names],
        "more": more,
        "search": search,
        "is_none": set(names) <= set(chosen),
    }
