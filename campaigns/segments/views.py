"""The segment editor: one page, one form, redrawn by every button and change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple
from uuid import uuid4
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from campaigns.segments import under_way
from campaigns.segments.about.in_use import effect
from campaigns.segments.about.overlap import drafted
from campaigns.segments.board import Board, World, look
from campaigns.segments.choosing import database_or_page
from campaigns.segments.editor import data_of, parse, tree_of
from campaigns.segments.forms import basics_form
from campaigns.segments.models import Segment
from campaigns.segments.named import Named, look_up
from campaigns.segments.plain import Draft, Problem, SegmentRefused
from campaigns.segments.rules import holds_query
from campaigns.segments.saving import draft_of, store, tidy
from campaigns.segments.tree import Branch, act, settled
from campaigns.segments.uploaded.models import UploadedList
from campaigns.segments.uses import uses_of
from config.accounts.access import marketer_required
from config.requests import Request, asked, form_token, number
from config.versions import EditedMeanwhile

SAVES = ("save", "overwrite")


@marketer_required
def segment_new(request: Request) -> HttpResponse:
    """A customer database first, which is chosen once; then the editor, perhaps with an overlap's rules in it."""
    database = database_or_page(request)
    if isinstance(database, HttpResponse):
        return database
    world = look(database)
    if request.method == "POST":
        return _posted(request, None, world)
    draft, edited = Draft(name="", customer_database=database.pk, rules={}), Edited(Branch(), {})
    if proposed := drafted(database, request.GET.getlist("of"), asked(request, "pattern")):
        draft, edited = proposed, stored_rules(proposed, world)
    return _page(request, None, world, draft, edited, {"form_token": uuid4()})


@marketer_required
def segment_edit(request: Request, pk: int) -> HttpResponse:
    segments = Segment.objects.active().select_related("customer_database", "edited_by")
    segment = get_object_or_404(segments, pk=pk)
    if holds_query(segment.rules):
        return redirect("query_edit", pk)
    world = look(segment.customer_database)
    if request.method == "POST":
        return _posted(request, segment, world)
    draft = draft_of(segment)
    context = {"version": segment.version, "tried": True}
    return _page(request, segment, world, draft, stored_rules(draft, world), context)


class Edited(NamedTuple):
    """Rules as they stand in the editor, and what they name."""

    branch: Branch
    named: Named


def stored_rules(draft: Draft, world: World) -> Edited:
    return Edited(*look_up(tree_of(draft.rules, world.known), world.database))


def posted(post: QueryDict, world: World) -> Edited:
    return Edited(*look_up(parse(post, world.known), world.database))


def posted_draft(post: QueryDict, world: World, branch: Branch, segment: Segment | None) -> Draft:
    return Draft(
        name=post.get("name", ""),
        customer_database=world.database.pk,
        rules=data_of(branch, world.known),
        description=post.get("description", ""),
        time_zone=post.get("time_zone", ""),
        id=segment.pk if segment else None,
    )


def _posted(request: Request, segment: Segment | None, world: World) -> HttpResponse:
    branch, named = posted(request.POST, world)
    carried = _carried(request.POST)
    action = request.POST.get("action", "")
    verb, _, rest = action.partition(":")
    if verb in SAVES:
        edited = Edited(settled(branch), named)
        draft = posted_draft(request.POST, world, branch, segment)
        version = number(rest) if verb == "overwrite" else number(request.POST.get("version"))
        return _save(request, segment, world, draft, edited, {**carried, "asked_version": version or 0})
    branch, focus = act(branch, action)
    draft = posted_draft(request.POST, world, branch, segment)
    return _page(request, segment, world, draft, Edited(branch, named), {**carried, "focus": focus})


def _save(
    request: Request,
    segment: Segment | None,
    world: World,
    draft: Draft,
    edited: Edited,
    context: dict[str, Any],
) -> HttpResponse:
    context["tried"] = True
    try:
        saved = store(
            draft, segment, request.user, context["asked_version"], form_token=context["form_token"]
        )
    except SegmentRefused as error:
        return _page(request, segment, world, draft, edited, {**context, "problems": error.problems})
    except EditedMeanwhile as error:
        return _page(request, segment, world, draft, edited, {**context, "meanwhile": error.message})
    messages.success(request, f"“{saved}” is saved.{effect(uses_of(saved))}")
    to = reverse("segment", args=[saved.pk])
    return HttpResponseClientRedirect(to) if request.htmx else redirect(to)


def _carried(post: QueryDict) -> dict[str, Any]:
    """What the form says about itself rather than about the segment."""
    return {
        "form_token": form_token(post),
        "version": number(post.get("version")),
        "tried": "tried" in post,
        "counted": post.get("counted", ""),
        "page": post.get("page", ""),
    }


def _page(
    request: Request,
    segment: Segment | None,
    world: World,
    draft: Draft,
    edited: Edited,
    context: dict[str, Any],
) -> HttpResponse:
    problems: tuple[Problem, ...] = context.get("problems", ())
    tried = bool(context.get("tried"))
    draft = replace(draft, rules=data_of(edited.branch, world.known))
    board = Board(draft, edited.branch, world, segment, edited.named)
    context |= {
        "page": context.get("page") or uuid4().hex,
        "board": board,
        "form": basics_form(draft, problems, tried=tried),
        "segment": segment,
        "is_changed": segment is not None and tidy(board.draft) != draft_of(segment),
        "database": world.database,
        "other_problems": [one for one in problems if one.path[0] == "customer_database"],
        "uses": uses_of(segment) if segment and not request.htmx else None,
        "attributes": world.attributes if not request.htmx else (),
        "tables": world.tables,
        "has_rows": bool(world.tables),
        "has_lists": not request.htmx and UploadedList.objects.offered(world.database).exists(),
        "zones": sorted(available_timezones()) if not request.htmx else [],
        "post_to": reverse("segment_edit", args=[segment.pk]) if segment else reverse("segment_new"),
    }
    if not request.htmx:
        return render(request, "segments/editor.html", context)
    answer = render(request, "segments/_redrawn.html", context)
    changed = board.fingerprint != context.get("counted")
    if changed:
        under_way.stop(context.get("page", ""))
    return trigger_client_event(answer, "recount", after="swap") if changed else answer
