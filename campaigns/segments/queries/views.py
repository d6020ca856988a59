"""The page on which a query is written: its text, the tables beside it, what is wrong, and its live size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from campaigns.customers.catalogue import Table, stored
from campaigns.customers.connection import CustomerDatabaseError, engine_of
from campaigns.customers.models import CustomerDatabase
from campaigns.segments import under_way
from campaigns.segments.about.in_use import effect
from campaigns.segments.choosing import database_or_page
from campaigns.segments.counts import people_answer, size_answer
from campaigns.segments.forms import basics_form
from campaigns.segments.models import Segment
from campaigns.segments.plain import Draft, Problem, SegmentRefused
from campaigns.segments.queries.allowed import CALLED
from campaigns.segments.rules import Group, Query, holds_query
from campaigns.segments.saving import draft_of, rule_problems, store, tidy
from campaigns.segments.times import zone_of
from campaigns.segments.under_way import asked_by
from campaigns.segments.uses import uses_of
from config.accounts.access import marketer_required, sql_required
from config.requests import Request, form_token, number
from config.versions import EditedMeanwhile

SAVES = ("save", "overwrite")


@dataclass(frozen=True)
class Desk:
    """What a query is written on: its customer database, and the segment it becomes or is."""

    database: CustomerDatabase
    segment: Segment | None

    @property
    def post_to(self) -> str:
        return reverse("query_edit", args=[self.segment.pk]) if self.segment else reverse("query_new")

    @property
    def dialect(self) -> str:
        """What people call it."""
        engine = engine_of(self.database.url)
        return CALLED.get(engine, engine)

    @property
    def tables(self) -> Sequence[Table]:
        return stored(self.database).visible().tables


@sql_required
def query_new(request: Request) -> HttpResponse:
    """A customer database first, which is chosen once; then the query."""
    database = database_or_page(request)
    if isinstance(database, HttpResponse):
        return database
    desk = Desk(database, None)
    if request.method == "POST":
        return _posted(request, desk)
    draft = Draft(name="", customer_database=database.pk, rules={"all": [{"sql": ""}]})
    return _page(request, desk, draft, {"form_token": uuid4()})


@marketer_required
def query_edit(request: Request, pk: int) -> HttpResponse:
    segments = Segment.objects.active().select_related("customer_database", "edited_by")
    segment = get_object_or_404(segments, pk=pk)
    if not holds_query(segment.rules):
        return redirect("segment_edit", pk)
    if not request.user.may_write_sql:
        messages.info(request, "You may read this query; changing it needs the permission “writes SQL”.")
        return redirect("segment", pk)
    desk = Desk(segment.customer_database, segment)
    if request.method == "POST":
        return _posted(request, desk)
    return _page(request, desk, draft_of(segment), {"version": segment.version, "tried": True})


def _posted(request: Request, desk: Desk) -> HttpResponse:
    draft = _draft(request.POST, desk)
    context: dict[str, Any] = {
        "form_token": form_token(request.POST),
        "version": number(request.POST.get("version")),
        "tried": "tried" in request.POST,
        "page": request.POST.get("page", ""),
    }
    verb, _, rest = request.POST.get("action", "").partition(":")
    if verb not in SAVES:
        context["problems"] = _query_problems(draft, desk)
        return _page(request, desk, draft, context)
    version = number(rest) if verb == "overwrite" else context["version"]
    return _save(request, desk, draft, {**context, "tried": True}, version or 0)


def _draft(post: QueryDict, desk: Desk) -> Draft:
    return Draft(
        name=post.get("name", ""),
        customer_database=desk.database.pk,
        rules={"all": [{"sql": post.get("sql", "").replace("\r\n", "\n").rstrip()}]},
        description=post.get("description", ""),
        time_zone=post.get("time_zone", ""),
        id=desk.segment.pk if desk.segment else None,
    )


def _query_problems(draft: Draft, desk: Desk) -> tuple[Problem, ...]:
    """What is wrong with the query; the customer database is asked once nothing else is."""
    found = tuple(rule_problems(draft, desk.segment, desk.database))
    try:
        return found or _planned(draft, desk)
    except CustomerDatabaseError:
        return ()  # the size beside it says so


def _planned(draft: Draft, desk: Desk) -> tuple[Problem, ...]:
    """Raises CustomerDatabaseError where the customer database gives no answer."""
    from campaigns.segments.queries.trying import plan_problem

    problem = plan_problem(desk.database, _sql(draft))
    return (Problem(("rules", "all", 0, "sql"), problem.message),) if problem else ()


def _sql(draft: Draft) -> str:
    return str(draft.rules["all"][0]["sql"])


def _save(request: Request, desk: Desk, draft: Draft, context: dict[str, Any], version: int) -> HttpResponse:
    planned: tuple[Problem, ...] = ()
    untried = ""
    try:
        # What is wrong besides, with the name for example, is told by the door, all at once.
        planned = () if any(rule_problems(draft, desk.segment, desk.database)) else _planned(draft, desk)
    except CustomerDatabaseError as error:
        untried = f" It was not tried: {error.to(request.user)}"
    try:
        if planned:
            raise SegmentRefused(planned)
        saved = store(draft, desk.segment, request.user, version, form_token=context["form_token"])
    except SegmentRefused as error:
        return _page(request, desk, draft, {**context, "problems": error.problems})
    except EditedMeanwhile as error:
        return _page(request, desk, draft, {**context, "meanwhile": error.message})
    messages.success(request, f"“{saved}” is saved.{effect(uses_of(saved))}{untried}")
    to = reverse("segment", args=[saved.pk])
    return HttpResponseClientRedirect(to) if request.htmx else redirect(to)


def _page(request: Request, desk: Desk, draft: Draft, context: dict[str, Any]) -> HttpResponse:
    problems: tuple[Problem, ...] = context.get("problems", ())
    tried = bool(context.get("tried"))
    shown = [one.message for one in problems if one.path[0] in ("rules", "customer_database")]
    segment = desk.segment
    context |= {
        "desk": desk,
        "page": context.get("page") or uuid4().hex,
        "segment": segment,
        "database": desk.database,
        "sql": _sql(draft),
        "form": basics_form(draft, problems, tried=tried),
        "query_problems": shown if tried or _sql(draft).strip() else [],
        "is_changed": segment is not None and tidy(draft) != draft_of(segment),
    }
    if request.htmx:
        under_way.stop(context["page"])
        answer = render(request, "segments/_query_state.html", context)
        return trigger_client_event(answer, "recount", after="swap")
    context |= {"uses": uses_of(segment) if segment else None, "zones": sorted(available_timezones())}
    return render(request, "segments/query.html", context)


# Counting -----------------------------------------------------------------------------------------------


@sql_required
@require_POST
def query_size(request: Request) -> HttpResponse:
    """The size of the query as it stands."""
    desk, draft = _counted(request)
    with asked_by(request.POST.get("page", "")) as stop:
        if _query_problems(draft, desk):
            return render(request, "segments/_query_uncounted.html", {"sql": _sql(draft)})
        return size_answer(
            request, desk.database, _group(draft), zone_of(draft.time_zone), {"in_editor": True}, stop
        )


@sql_required
@require_POST
def query_people(request: Request) -> HttpResponse:
    """Whom the query reaches, and a sample."""
    desk, draft = _counted(request)
    if any(rule_problems(draft, desk.segment, desk.database)):
        return render(request, "segments/_people.html", {"error": "Mend the query first."})
    with asked_by(request.POST.get("page", "")) as stop:
        return people_answer(request, desk.database, _group(draft), zone_of(draft.time_zone), {}, stop)


def _counted(request: Request) -> tuple[Desk, Draft]:
    pk = number(request.POST.get("customer_database")) or 0
    database = CustomerDatabase.objects.active().filter(pk=pk).first()
    if database is None:
        raise Http404
    desk = Desk(database, None)
    return desk, _draft(request.POST, desk)


def _group(draft: Draft) -> Group:
    return Group("all", (Query(_sql(draft)),))
