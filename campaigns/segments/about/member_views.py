"""The members of a segment: columns to choose, a page of them, and the download."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import slugify

from campaigns.customers.catalogue import stored
from campaigns.segments.about.columns import MOST_CHOSEN, choices, chosen_columns, headings
from campaigns.segments.about.frame import frame, rules_of, segment_to_show
from campaigns.segments.about.members import csv_of, members_page
from campaigns.segments.models import Segment
from campaigns.segments.rules import Group
from campaigns.segments.sizing import SizeUnknown
from config.accounts.access import viewer_required
from config.accounts.models import User
from config.audit.models import record
from config.requests import Request, asked, number


@viewer_required
def segment_members(request: Request, pk: int) -> HttpResponse:
    """The form; the rows come after the page."""
    segment = segment_to_show(pk)
    chosen = _chosen(request, segment)
    search = asked(request, "find")
    tables, more = choices(stored(segment.customer_database), chosen, search)
    context = {
        "tables": tables,
        "more": more,
        "search": search,
        "is_none": sum(len(columns) for _, columns in tables) <= len(chosen),
        "chosen": chosen,
        "most": MOST_CHOSEN,
        "is_cut": len(request.GET.getlist("column")) > MOST_CHOSEN,
        "query": _query(chosen),
    }
    return render(request, "segments/members.html", frame(segment, "segment_members") | context)


@viewer_required
def segment_member_rows(request: Request, pk: int) -> HttpResponse:
    segment = segment_to_show(pk)
    chosen = _chosen(request, segment)
    context: dict[str, Any] = {"segment": segment, "query": _query(chosen)}
    try:
        masked = not request.user.sees_personal_data
        page = number(request.GET.get("page")) or 1
        found = members_page(segment, rules_of(segment), chosen, page, masked=masked)
        catalogue = stored(segment.customer_database)
        context |= {"members": found, "headings": headings(found.sample, catalogue)}
    except SizeUnknown as error:
        context["error"] = error.to(request.user)
    return render(request, "segments/_members.html", context)


@viewer_required
def segment_members_download(request: Request, pk: int) -> HttpResponseBase:
    """Masked for those who may not see personal data; who took how many is recorded when it ends."""
    segment = segment_to_show(pk)
    chosen = _chosen(request, segment)
    masked = not request.user.sees_personal_data
    try:
        pieces = csv_of(segment, rules_of(segment), chosen, masked=masked)
        header, _ = next(pieces)
    except SizeUnknown as error:
        messages.error(request, error.to(request.user))
        return redirect("segment_members", pk)
    told = {"what": "members", "columns": list(chosen), "masked": masked}
    content = _recorded(header, pieces, request.user, segment, told)
    words = [str(segment), "segment", str(pk), "members", "masked" if masked else ""]
    response = StreamingHttpResponse(content, content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{slugify(" ".join(words))}.csv"'
    return response


def _recorded(
    header: bytes,
    pieces: Iterator[tuple[bytes, int]],
    user: User,
    segment: Segment,
    told: dict[str, Any],
) -> Iterator[bytes]:
    """The pieces; when they end, or when the reader goes away, how many members they were is recorded."""
    members = 0
    try:
        yield header
        for piece, size in pieces:
            members += size
            yield piece
    finally:
        record(user, "downloaded", segment, **told, customers=members)


def _chosen(request: Request, segment: Segment) -> Sequence[str]:
    try:
        group: Group | None = rules_of(segment)
    except SizeUnknown:
        group = None
    return chosen_columns(segment.customer_database, group, request.GET.getlist("column"))


def _query(columns: Sequence[str]) -> str:
    return urlencode([("column", column) for column in columns])
