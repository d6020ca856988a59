"""The sandbox's page: what Attentive would have by now."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from config.accounts.access import viewer_required
from config.accounts.models import User
from config.masking import mask_email, mask_phone
from destinations.sandbox.segments import Segment, http_files, segments, taken_files

FILES_SHOWN = 50


class Request(HttpRequest):
    user: User


@dataclass(frozen=True)
class Row:
    segment: Segment
    first: list[str]


@viewer_required
def sandbox_segments(request: Request) -> HttpResponse:
    if not settings.SANDBOX:
        raise Http404
    search = request.GET.get("q", "").strip()
    files = taken_files()
    found = [one for one in segments(files) if search.casefold() in one.name.casefold()]
    context = {
        "rows": [Row(one, _shown(one, request.user)) for one in found],
        "people": sum(one.people for one in found),
        "search": search,
        "files": files[:FILES_SHOWN],
        "more_files": max(len(files) - FILES_SHOWN, 0),
        "http_files": http_files()[:FILES_SHOWN],
    }
    return render(request, "sandbox/segments.html", context)


def _shown(segment: Segment, user: User) -> list[str]:
    if user.sees_personal_data:
        return list(segment.first)
    hide = mask_email if segment.identifier == "email" else mask_phone
    return [hide(value) for value in segment.first]
