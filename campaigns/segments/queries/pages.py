"""A segment's SQL to read: the query that it is, or the one that its rules are; and rules made a query."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.customers.connection import engine_of
from campaigns.segments import sizing
from campaigns.segments.models import Segment
from campaigns.segments.plain import SegmentRefused
from campaigns.segments.rules import RuleError, holds_query, load, query_of
from campaigns.segments.saving import draft_of, store
from campaigns.segments.sizing import SizeUnknown
from config.accounts.access import sql_required, viewer_required
from config.requests import Request, number
from config.versions import EditedMeanwhile

if TYPE_CHECKING:
    from config.accounts.models import User

NO_LONGER = "These rules cannot be used any more, so they are no query. Mend them first."


def shown_query(segment: Segment, user: User) -> str:
    """The query that a segment is, masked for who may not see personal data; empty for rules."""
    try:
        query = query_of(load(segment.rules))
    except RuleError:
        return ""
    if query is None or user.sees_personal_data:
        return query.sql if query else ""
    from campaigns.segments.queries.showing import masked_sql

    return masked_sql(query.sql, engine_of(segment.customer_database.url))


@viewer_required
def segment_sql(request: Request, pk: int) -> HttpResponse:
    """The rules as the query that finds their members now."""
    segment = _segment(pk)
    if holds_query(segment.rules):
        return redirect("segment", pk)
    context: dict[str, object] = {"segment": segment}
    try:
        context["query"] = _query(segment, is_masked=not request.user.sees_personal_data)
    except SizeUnknown as error:
        context["error"] = error.to(request.user)
    return render(request, "segments/query_shown.html", context)


@sql_required
@require_POST
def segment_convert(request: Request, pk: int) -> HttpResponse:
    """The rules made a query for good: the segment's next version."""
    segment = _segment(pk)
    if holds_query(segment.rules):
        return redirect("segment", pk)
    try:
        rules = {"all": [{"sql": _query(segment, is_masked=False)}]}
        draft = replace(draft_of(segment), rules=rules)
        saved = store(draft, segment, request.user, number(request.POST.get("version")) or 0)
    except SizeUnknown as error:
        messages.error(request, error.to(request.user))
        return redirect("segment_sql", pk)
    except EditedMeanwhile as error:
        messages.error(request, error.message)
        return redirect("segment_sql", pk)
    except SegmentRefused as error:
        messages.error(request, f"The rules cannot be a query. {error.problems[0].message}")
        return redirect("segment_sql", pk)
    messages.success(request, f"“{saved}” is a query now, version {saved.version}.")
    return redirect("segment", pk)


def _segment(pk: int) -> Segment:
    return get_object_or_404(Segment.objects.active().select_related("customer_database"), pk=pk)


def _query(segment: Segment, *, is_masked: bool) -> str:
    """Raises SizeUnknown where there is none, or the customer database gives no answer."""
    from campaigns.segments.queries.showing import masked_query_for, query_for

    write = masked_query_for if is_masked else query_for
    try:
        group = load(segment.rules)
    except RuleError as error:
        raise SizeUnknown(NO_LONGER) from error
    with sizing.opened(segment.customer_database, [group]) as (connection, context):
        return write(connection, context, group, ZoneInfo(segment.time_zone))
