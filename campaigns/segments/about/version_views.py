"""The versions of a segment, and restoring one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.segments.about.frame import frame, segment_to_show
from campaigns.segments.about.in_use import effect
from campaigns.segments.about.versions import restore, saved_versions
from campaigns.segments.models import Segment
from campaigns.segments.plain import SegmentRefused
from campaigns.segments.uses import uses_of
from config.accounts.access import marketer_required, viewer_required
from config.requests import Request, number
from config.versions import EditedMeanwhile

PER_PAGE = 20


@viewer_required
def segment_versions(request: Request, pk: int) -> HttpResponse:
    return _page(request, segment_to_show(pk), {})


def _page(request: Request, segment: Segment, context: dict[str, Any]) -> HttpResponse:
    versions = segment.versions.select_related("saved_by")
    page = Paginator(versions, PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    before = versions.filter(number__lt=shown[-1].number).first() if shown else None
    context |= {
        "page": page,
        "saved": saved_versions(segment, shown, before, hide=not request.user.sees_personal_data),
    }
    return render(request, "segments/versions.html", frame(segment, "segment_versions") | context)


@marketer_required
@require_POST
def segment_restore(request: Request, pk: int, version: int) -> HttpResponse:
    """Makes a new version of an old one, through the door that checks; nothing is lost."""
    segment = segment_to_show(pk)
    wanted = get_object_or_404(segment.versions, number=version)
    try:
        saved = restore(segment, wanted, request.user, number(request.POST.get("version")) or 0)
    except SegmentRefused as error:
        problems = list(dict.fromkeys(problem.message for problem in error.problems))
        return _page(request, segment, {"refused": wanted.number, "problems": problems})
    except EditedMeanwhile:
        return _page(request, segment_to_show(pk), {"refused": wanted.number, "is_meanwhile": True})
    text = f"Version {wanted.number} of “{saved}” is restored as version {saved.version}."
    messages.success(request, f"{text}{effect(uses_of(saved))}")
    return redirect("segment_versions", pk)
