"""The overlap of a segment with up to four others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from campaigns.segments.about.frame import frame, segment_to_show
from campaigns.segments.about.overlap import MOST_OTHERS, overlap
from campaigns.segments.models import Segment
from campaigns.segments.sizing import SizeUnknown
from config.accounts.access import viewer_required
from config.requests import Request, number

MOST_OFFERED = 1000


@viewer_required
def segment_overlap(request: Request, pk: int) -> HttpResponse:
    """The others by name; the numbers come after the page."""
    segment = segment_to_show(pk)
    typed = [name.replace("\0", "").strip()[:100] for name in request.GET.getlist("with")]
    typed = list(dict.fromkeys(name for name in typed if name))
    named = {one.name: one for one in _others(segment).filter(name__in=typed)}
    chosen = [named[name] for name in typed if name in named][:MOST_OTHERS]
    fields = [(name, name not in named) for name in typed[:MOST_OTHERS]]
    context = {
        "fields": [*fields, *[("", False)] * (MOST_OTHERS - len(fields))],
        "offered": _others(segment)
        .filter(disabled_at=None)
        .order_by("name")
        .values_list("name", flat=True)[:MOST_OFFERED],
        "query": "&".join(f"with={one.pk}" for one in chosen),
        "chosen": chosen,
        "most": MOST_OTHERS,
    }
    return render(request, "segments/overlap.html", frame(segment, "segment_overlap") | context)


@viewer_required
def segment_overlap_counts(request: Request, pk: int) -> HttpResponse:
    segments = _chosen(segment_to_show(pk), request.GET.getlist("with"))
    context: dict[str, Any] = {"segment": segments[0], "query": request.GET.urlencode()}
    try:
        context["overlap"] = overlap(segments)
    except SizeUnknown as error:
        context["error"] = error.to(request.user)
    return render(request, "segments/_overlap.html", context)


def _others(segment: Segment) -> Any:
    return segment.customer_database.segments.active().exclude(pk=segment.pk)


def _chosen(segment: Segment, asked: Iterable[str]) -> list[Segment]:
    """The segment itself first, then those asked for by id, in that order."""
    pks = list(dict.fromkeys(pk for text in asked if (pk := number(text))))[:MOST_OTHERS]
    found = _others(segment).in_bulk(pks)
    return [segment, *(found[pk] for pk in pks if pk in found)]
