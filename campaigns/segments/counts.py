"""The numbers beside rules: how many match, whom they reach, a few of them. Of the form as it stands, or as stored."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from campaigns.customers.catalogue import stored
from campaigns.customers.models import CustomerDatabase
from campaigns.segments import sizing
from campaigns.segments.about.columns import headings
from campaigns.segments.about.frame import rules_of, segment_to_show
from campaigns.segments.board import Board, look
from campaigns.segments.models import Segment
from campaigns.segments.people import Reach, people
from campaigns.segments.rules import Group, holds_query
from campaigns.segments.sizing import Size, SizeUnknown
from campaigns.segments.tree import countable, id_of
from campaigns.segments.under_way import asked_by
from campaigns.segments.views import posted, posted_draft
from config.accounts.access import marketer_required, viewer_required
from config.requests import Request, number
from destinations.kind import Identifier

_WORDS: dict[Identifier, str] = {"email": "e-mail", "phone": "phone"}
_ICONS: dict[Identifier, str] = {"email": "mail", "phone": "phone"}


@dataclass(frozen=True)
class ReachView:
    """How many of the members a contact reaches, as a line with its bar."""

    reach: Reach
    members: int | None  # None where their number was forgotten meanwhile

    @property
    def word(self) -> str:
        return _WORDS[self.reach.identifier]

    @property
    def icon(self) -> str:
        return _ICONS[self.reach.identifier]

    @property
    def colour(self) -> str:
        return "two" if self.reach.identifier == "phone" else ""

    @property
    def without(self) -> int:
        return max((self.members or 0) - self.reach.customers, 0)

    @property
    def fraction(self) -> float | None:
        return self.reach.customers / self.members if self.members else None


@marketer_required
@require_POST
def form_size(request: Request) -> HttpResponse:
    """The size of the rules in the editor, without those that have a problem."""
    board = _board(request)
    context: dict[str, Any] = {"left_out": board.errors, "in_editor": True}
    with asked_by(request.POST.get("page", "")) as stop:
        return size_answer(request, board.world.database, board.countable, board.zone, context, stop)


@marketer_required
@require_POST
def form_people(request: Request) -> HttpResponse:
    """Whom the rules in the editor reach, a sample, and what each rule matches by itself."""
    board = _board(request)
    nodes, with_empty = board.single()
    with asked_by(request.POST.get("page", "")) as stop:
        try:
            hits = sizing.hits(board.world.database, nodes, board.zone, with_empty=with_empty, stop=stop)
        except SizeUnknown as error:
            return render(request, "segments/_people.html", {"error": error.to(request.user)})
        # Also of those that were not counted, whose old number would be wrong.
        context = {"hits": {id_of(place): hits.get(id_of(place)) for place, _ in countable(board.branch)}}
        return people_answer(request, board.world.database, board.countable, board.zone, context, stop)


@viewer_required
def segment_size(request: Request, pk: int) -> HttpResponse:
    """The size of a stored segment, now; kept for lists."""
    segment = segment_to_show(pk)
    try:
        group = rules_of(segment)
    except SizeUnknown as error:
        return render(request, "segments/_size.html", {"error": error.to(request.user)})
    return size_answer(
        request, segment.customer_database, group, ZoneInfo(segment.time_zone), {"segment": segment}
    )


@viewer_required
def segment_people(request: Request, pk: int) -> HttpResponse:
    """Whom a stored segment reaches, and a sample."""
    segment = segment_to_show(pk)
    try:
        group = rules_of(segment)
    except SizeUnknown as error:
        return render(request, "segments/_people.html", {"error": error.to(request.user)})
    return people_answer(request, segment.customer_database, group, ZoneInfo(segment.time_zone), {})


def _board(request: Request) -> Board:
    database = CustomerDatabase.objects.filter(pk=number(request.POST.get("customer_database")) or 0).first()
    if database is None:
        raise Http404
    world = look(database)
    segment = Segment.objects.filter(pk=number(request.POST.get("segment")) or 0).first()
    branch, named = posted(request.POST, world)
    draft = posted_draft(request.POST, world, branch, segment)
    if holds_query(draft.rules):
        raise PermissionDenied("A query is written on its own page.")
    return Board(draft, branch, world, segment, named)


def size_answer(
    request: Request,
    database: CustomerDatabase,
    group: Group | None,
    zone: ZoneInfo,
    context: dict[str, Any],
    stop: Event | None = None,
) -> HttpResponse:
    """The size, a moment old at most where it was counted before; then the page asks for the people."""
    try:
        counted = sizing.remembered(database, group, zone) or _counted(database, group, zone, stop)
    except SizeUnknown as error:
        return render(request, "segments/_size.html", {**context, "error": error.to(request.user)})
    if "segment" in context:
        sizing.store_size(context["segment"], counted)
    answer = render(request, "segments/_size.html", {**context, "size": counted})
    return trigger_client_event(answer, "counted", after="swap")


def _counted(database: CustomerDatabase, group: Group | None, zone: ZoneInfo, stop: Event | None) -> Size:
    counted = sizing.size(database, group, zone, stop)
    sizing.remember(database, group, zone, counted)
    return counted


def people_answer(
    request: Request,
    database: CustomerDatabase,
    group: Group | None,
    zone: ZoneInfo,
    context: dict[str, Any],
    stop: Event | None = None,
) -> HttpResponse:
    try:
        found = people(database, group, zone, masked=not request.user.sees_personal_data, stop=stop)
    except SizeUnknown as error:
        return render(request, "segments/_people.html", {**context, "error": error.to(request.user)})
    size = sizing.remembered(database, group, zone)
    reaches = [ReachView(reach, size.customers if size else None) for reach in found.reach]
    context |= {"people": found, "reaches": reaches, "headings": headings(found.sample, stored(database))}
    return render(request, "segments/_people.html", context)
