"""The sandbox's page: what Attentive would have by now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render

from config.accounts.access import viewer_required
from config.accounts.models import User
from config.masking import mask_email, mask_phone
from config.requests import Request, asked
from destinations.sandbox import account
from destinations.sandbox.segments import Segment, TakenFile, http_files, segments, taken_files

FILES_SHOWN = 50
SEGMENTS_SHOWN = 200


@dataclass(frozen=True)
class Row:
    segment: Segment
    first: list[str]


@dataclass(frozen=True)
class HttpRow:
    file: TakenFile
    lists: list[Row]


@viewer_required
def sandbox_segments(request: Request) -> HttpResponse:
    if not settings.SANDBOX:
        raise Http404
    search = asked(request, "q")
    files = taken_files()
    found = [one for one in segments(files) if search.casefold() in one.name.casefold()]
    context = {
        "rows": _rows(found[:SEGMENTS_SHOWN], request.user),
        "all": len(found),
        "people": sum(one.people for one in found),
        "search": search,
        "files": files[:FILES_SHOWN],
        "more_files": max(len(files) - FILES_SHOWN, 0),
        "http_files": [HttpRow(one, _rows(one.segments, request.user)) for one in http_files()[:FILES_SHOWN]],
        "reach": _reach() if request.user.may_operate else None,
    }
    return render(request, "sandbox/segments.html", context)


def _rows(lists: Iterable[Segment], user: User) -> list[Row]:
    return [Row(one, _shown(one, user)) for one in lists]


def _reach() -> dict[str, Any]:
    """What an operator types into forms; of the secrets only where they are kept."""
    login = account.sftp_credential()
    return {
        "hostname": login["hostname"],
        "port": str(login["port"]),
        "username": login["username"],
        "fingerprint": account.fingerprint(),
        "url": account.http_url(),
        "folder": account.folder(),
    }


def _shown(segment: Segment, user: User) -> list[str]:
    if user.sees_personal_data:
        return list(segment.first)
    hide = mask_email if segment.identifier == "email" else mask_phone
    return [hide(value) for value in segment.first]
