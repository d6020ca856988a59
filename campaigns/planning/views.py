"""The campaign editor: one page, one form, redrawn by every button and change."""

from __future__ import annotations

from dataclasses import replace
from threading import Event
from typing import Any
from uuid import uuid4
from zoneinfo import available_timezones

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from campaigns.customers.models import CustomerDatabase, large
from campaigns.planning import headcount, unsaved
from campaigns.planning.board import board
from campaigns.planning.brakes import in_words as brakes_in_words
from campaigns.planning.choosing import choose
from campaigns.planning.counting import count
from campaigns.planning.draft import draft_of, problems_in, save, says_the_same, tidy
from campaigns.planning.editor import act, asks_for_the_same, new_draft, parse, without_unsent
from campaigns.planning.focus import told
from campaigns.planning.groups import lost_by_the_same, named
from campaigns.planning.headcount import Headcount
from campaigns.planning.lists import row_of
from campaigns.planning.models import Campaign
from campaigns.planning.parts import Board, Carried
from campaigns.planning.plain import Draft, DraftRefused, Problems
from campaigns.planning.rule_editing import Opened, is_about_rules, opened, reopened, stored_rules
from campaigns.planning.schedule import in_words
from campaigns.planning.sending import columns_of
from campaigns.planning.when import when
from campaigns.planning.world import World, look
from campaigns.segments import under_way
from campaigns.segments.models import Segment
from campaigns.segments.sizing import SizeUnknown
from campaigns.segments.under_way import asked_by
from campaigns.segments.uploaded.models import UploadedList
from config.accounts.access import marketer_required, viewer_required
from config.accounts.models import User, operators
from config.requests import Request, form_token, number
from config.versions import EditedMeanwhile
from destinations.models import Destination

# Of a new campaign nobody has tried to save: what is merely not filled in yet is no error so far.
_NOT_YET = {("name",), ("include",), ("customer_database",)}
SAVES = ("save", "preflight", "overwrite")


@marketer_required
def campaign_new(request: Request) -> HttpResponse:
    if request.method == "POST":
        return _posted(request, None)
    if "unsaved" in request.GET:
        return _returned(request, None)
    return _page(request, None, _blank(request.user), {"form_token": uuid4(), "page": uuid4()})


def _blank(user: User) -> Draft:
    databases = list(CustomerDatabase.objects.active()[:2])
    return new_draft(databases[0].pk if len(databases) == 1 else None, _only_destination(user))


@viewer_required
def campaign(request: Request, pk: int) -> HttpResponse:
    stored = get_object_or_404(Campaign.objects.select_related("customer_database", "edited_by"), pk=pk)
    if request.method == "POST" and not request.user.may_market:
        raise PermissionDenied("Only marketers may do this. Ask an administrator for the role.")
    is_read = request.method == "GET" and stored.is_scheduled
    if not request.user.may_market or stored.archived_at is not None or is_read:
        return _read_only(request, stored)
    if request.method == "POST":
        return _posted(request, stored)
    if "unsaved" in request.GET:
        return _returned(request, stored)
    return _page(
        request, stored, draft_of(stored), {"version": stored.version, "tried": True, "page": uuid4()}
    )


def _returned(request: Request, stored: Campaign | None) -> HttpResponse:
    """What was kept, as it was typed; without it the page as it is stored."""
    found = unsaved.one_of(request.user, stored, number(request.GET.get("unsaved")))
    if found is None:
        return redirect("campaign", stored.pk) if stored else redirect("campaign_new")
    post = found.form()
    draft, carried = _typed(post, draft_of(stored) if stored else None, request.user)
    tried = stored is not None or "tried" in post or post.get("action", "").partition(":")[0] in SAVES
    carried |= {**_carried(post), "tried": tried, "kept": found, "returned": True}
    return _page(request, stored, draft, carried)


@marketer_required
@require_POST
def campaign_discard(request: Request) -> HttpResponse:
    """Forgets what was kept, of this page or of another that it offers."""
    unsaved.UnsavedDraft.objects.of(request.user).filter(pk=number(request.POST.get("discard")) or 0).delete()
    stored = Campaign.objects.filter(pk=number(request.POST.get("campaign")) or 0).first()
    messages.success(request, "Your unsaved changes are discarded.")
    return redirect("campaign", stored.pk) if stored else redirect("campaign_new")


@marketer_required
@require_POST
def campaign_count(request: Request) -> HttpResponse:
    """Counts the people of the form as it stands, and redraws the editor with the numbers."""
    stored = Campaign.objects.filter(pk=number(request.POST.get("campaign")) or 0).first()
    draft, carried = _typed(request.POST, draft_of(stored) if stored else None, request.user)
    with asked_by(request.POST.get("page", "")) as stop:
        counted = _count(draft, carried["rules"], request.user, stop)
    kept = unsaved.of_page(request.user, request.POST)
    return _page(request, stored, draft, {**_carried(request.POST), **carried, **counted, "kept": kept})


def _count(draft: Draft, rules: Opened | None, user: User, stop: Event | None = None) -> dict[str, Any]:
    """For the page: the count, or why there is none."""
    counted_draft = rules.to_count(draft) if rules else draft
    if counted_draft is None:
        return {"count_error": "Fill in the open rules; then who is left is counted."}
    draft = counted_draft
    world = look(draft, user)
    try:
        counted = count(draft, world, stop)
    except SizeUnknown as error:
        return {"count_error": error.to(user)}
    headcount.remember(draft, counted, columns_of(draft, world))
    return {"headcount": counted}


def _posted(request: Request, stored: Campaign | None) -> HttpResponse:
    verb, _, rest = request.POST.get("action", "").partition(":")
    before = draft_of(stored) if stored else None
    draft, carried = _typed(request.POST, before, request.user)
    carried |= _carried(request.POST)
    if verb in SAVES and not carried["unfound"] and not carried["lost"]:
        return _save(request, stored, draft, carried, verb, rest)
    carried["kept"] = _kept(request, stored, draft, before)
    if verb == "count":
        carried |= _count(draft, carried["rules"], request.user)
    return _page(request, stored, draft, carried)


def _typed(post: QueryDict, before: Draft | None, user: User) -> tuple[Draft, dict[str, Any]]:
    """The form with its button pressed, and what the page says of it."""
    chosen = choose(post)
    action = post.get("action", "")
    draft = _named(parse(chosen.post, before))
    asks = asks_for_the_same(post, draft)
    draft, rules = _acted(user, draft, opened(draft, post), action)
    focus, said = told(draft, action)
    return draft, {
        "rules": rules,
        "stored_rules": stored_rules(before),
        "unfound": chosen.unfound,
        "focus": (rules.focus if rules else "") or focus,
        "said": said,
        "lost": lost_by_the_same(draft) if asks and not draft.same_groups else [],
    }


def _acted(user: User, draft: Draft, rules: Opened | None, action: str) -> tuple[Draft, Opened | None]:
    """The draft, with the rules that are open in the form, after a button was pressed."""
    draft = rules.put_into(draft) if rules else draft
    if rules and is_about_rules(action):
        rules = rules.acted(action)
        return rules.put_into(draft), rules
    draft = tidy(act(draft, action, _only_destination(user)))
    return draft, reopened(draft, rules, action)


def _kept(
    request: Request, stored: Campaign | None, draft: Draft, before: Draft | None
) -> unsaved.UnsavedDraft | None:
    """Keeps the form, unless it says what is stored already, or nothing yet."""
    if says_the_same(draft, before or _blank(request.user), look(draft, request.user)):
        unsaved.forget(request.user, request.POST)
        return None
    return unsaved.keep(request.user, stored, request.POST)


def _named(draft: Draft) -> Draft:
    """A sub-audience without a name takes that of its first segment."""
    nameless = [item for item in draft.sub_audiences if item.segments and not item.name.strip()]
    names = Segment.objects.in_bulk([item.segments[0] for item in nameless])
    return replace(
        draft,
        sub_audiences=tuple(
            named(item, names[item.segments[0]].name, same_groups=draft.same_groups)
            if item in nameless and item.segments[0] in names
            else item
            for item in draft.sub_audiences
        ),
    )


def _save(
    request: Request, stored: Campaign | None, draft: Draft, carried: dict[str, Any], verb: str, rest: str
) -> HttpResponse:
    rules: Opened | None = carried["rules"]
    carried |= {"tried": True, "rules": rules.tried() if rules else None}
    version = number(rest if verb == "overwrite" else request.POST.get("version")) or 0
    draft = tidy(without_unsent(draft))
    try:
        saved = save(draft, stored, request.user, version, form_token=form_token(request.POST))
    except DraftRefused:
        carried["kept"] = unsaved.keep(request.user, stored, request.POST)
        return _page(request, stored, draft, carried)
    except EditedMeanwhile as error:
        carried |= {"meanwhile": error.message, "kept": unsaved.keep(request.user, stored, request.POST)}
        return _page(request, stored, draft, carried)
    unsaved.forget(request.user, request.POST)
    if verb != "preflight":
        messages.success(request, f"“{saved}” is saved. Nothing was sent.")
    to = reverse("preflight" if verb == "preflight" else "campaign", args=[saved.pk])
    return HttpResponseClientRedirect(to) if request.htmx else redirect(to)


def _carried(post: QueryDict) -> dict[str, Any]:
    """What the form says about itself rather than about the campaign."""
    return {
        "form_token": form_token(post),
        "version": number(post.get("version")) or 0,
        "tried": "tried" in post,
        "page": post.get("page", "")[:40],
        "attributes_of": number(post.get("attributes-of")),
    }


def _only_destination(user: User) -> tuple[int, ...]:
    """Where new groups go to begin with: nowhere, unless there is just one place this person may send to."""
    usable = list(Destination.objects.for_user(user).enabled().values_list("pk", flat=True)[:2])
    return tuple(usable) if len(usable) == 1 else ()


def _drawn(request: Request, draft: Draft, context: dict[str, Any]) -> Board:
    world = look(draft, request.user)
    problems = problems_in(draft, world)
    if not context.get("tried"):
        shown = tuple(problem for problem in problems.errors if problem.path not in _NOT_YET)
        problems = replace(problems, errors=shown)
    rules: Opened | None = context.get("rules")
    if rules and not context.get("tried"):
        problems = rules.without_unfilled(problems)
    counted = context.get("headcount") or _remembered(draft, rules, world)
    if counted is None:
        under_way.stop(context.get("page", ""))
    carried = Carried(context.get("unfound") or {}, context.get("stored_rules") or {}, rules)
    return board(draft, world, problems, counted, request.user, carried)


def _remembered(draft: Draft, rules: Opened | None, world: World) -> Headcount | None:
    counted = rules.to_count(draft) if rules else draft
    return headcount.remembered(counted, columns_of(counted, world)) if counted else None


def _page(request: Request, stored: Campaign | None, draft: Draft, context: dict[str, Any]) -> HttpResponse:
    drawn = _drawn(request, draft, context)
    others = unsaved.UnsavedDraft.objects
    context |= _attributes(context.get("rules"), context.get("attributes_of") if request.htmx else None)
    context |= {
        "offered": unsaved.offered(request.user, stored, context["page"]),
        "editing": list(others.being_edited(stored, request.user)[:3]) if stored else [],
        "is_outdated": stored is not None and context.get("version") != stored.version,
        "board": drawn,
        "campaign": stored,
        "row": row_of(stored) if stored else None,
        "run": stored.runs.for_a_person().first() if stored and not request.htmx else None,
        "databases": CustomerDatabase.objects.active().defer(*large()),
        "operators": operators() if not drawn.has_destinations else [],
        "when": when(draft),
        "zones": sorted(available_timezones()) if not request.htmx else [],
        "copy_token": uuid4(),
        "post_to": reverse("campaign", args=[stored.pk]) if stored else reverse("campaign_new"),
    }
    template = "planning/_editor.html" if request.htmx else "planning/campaign.html"
    return render(request, template, context)


def _attributes(rules: Opened | None, drawn_for: int | None) -> dict[str, Any]:
    """What the fields of open rules offer: it stands on the page, and is sent once for each customer database."""
    if rules is None or rules.world.database.pk == drawn_for:
        return {"attributes_of": drawn_for}
    database = rules.world.database
    has_lists = UploadedList.objects.offered(database).exists()
    return {"attributes_of": database.pk, "world": rules.world, "has_lists": has_lists}


def _read_only(request: Request, stored: Campaign) -> HttpResponse:
    """What viewers see, and what everybody sees of an archived campaign."""
    draft = draft_of(stored)
    world = look(draft, request.user)
    context = {
        "board": board(
            draft, world, Problems(), headcount.remembered(draft, columns_of(draft, world)), request.user
        ),
        "campaign": stored,
        "row": row_of(stored),
        "run": stored.runs.for_a_person().first(),
        "schedule": in_words(draft.schedule, draft.time_zone) if draft.schedule else "",
        "brakes": brakes_in_words(draft.brakes),
        "copy_token": uuid4(),
    }
    return render(request, "planning/read.html", context)
