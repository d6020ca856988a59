"""The overlap of a segment with up to four others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from campaigns.segments.about.frame import frame, segment_to_show
from campaigns.segments.about.overlap import MOST_OTHERS, new_segment, overlap
from campaigns.segments.editor import number
from campaigns.segments.models import Segment
from campaigns.segments.plain import SegmentRefused
from campaigns.segments.sizing import SizeUnknown
from config.accounts.access import marketer_required, viewer_required
from config.requests import Request, form_token

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
    context: dict[str, Any] = {"segment": segments[0], "query": request.GET.urlencode(), "token": uuid4()}
    try:
        context["overlap"] = overlap(segments)
    except SizeUnknown as error:
        context["error"] = error.to(request.user)
    return render(request, "segments/_overlap.html", context)


@marketer_required
@require_POST
def segment_overlap_new(request: Request, pk: int) -> HttpResponse:
    """A segment of one combination, opened in the editor; a double click makes one."""
    segments = _chosen(segment_to_show(pk), request.POST.getlist("with"))
    code = request.POST.get("pattern", "")
    pattern = tuple(sign == "1" for sign in code)
    if len(pattern) != len(segments) or not any(pattern):
        return redirect("segment_overlap", pk)
    try:
        made = new_segment(segments, pattern, request.user, _token(form_token(request.POST), code))
    except SegmentRefused as error:
        messages.error(request, " ".join(dict.fromkeys(problem.message for problem in error.problems)))
        return redirect(reverse("segment_overlap", args=[pk]))
    return redirect("segment_edit", made.pk)


def _token(token: UUID | None, code: str) -> UUID | None:
    """Each button of the page makes its own."""
    return uuid5(token, code) if token else None


def _others(segment: Segment) -> Any:
    return segment.customer_database.segments.active().exclude(pk=segment.pk)


def _chosen(segment: Segment, asked: Iterable[str]) -> list[Segment]:
    """The segment itself first, then those asked for by id, in that order."""
    pks = list(dict.fromkeys(pk for text in asked if (pk := number(text))))[:MOST_OTHERS]
    found = _others(segment).in_bulk(pks)
    return [segment, *(found[pk] for pk in pks if pk in found)]
