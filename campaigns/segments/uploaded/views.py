"""An upload in steps: the file, how it is read and what its columns hold, what was matched and what it is called."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from campaigns.customers.models import CustomerDatabase, large
from campaigns.segments.plain import SegmentRefused
from campaigns.segments.uploaded.board import Board, proposed_choice
from campaigns.segments.uploaded.forms import ChoiceForm, FileForm, ReadingForm, StoreForm
from campaigns.segments.uploaded.matching import Choice, Counts
from campaigns.segments.uploaded.models import Matching, PendingUpload, UploadedList
from campaigns.segments.uploaded.reading import Found
from campaigns.segments.uploaded.refused import ListRefused
from campaigns.segments.uploaded.storing import (
    EXPIRED,
    free_name,
    keep_upload,
    proposed_name,
    read_again,
    remove,
    segment_from,
    store,
)
from campaigns.segments.uploaded.working import LONG_WAIT, ask
from config import clock
from config.accounts.access import marketer_required
from config.accounts.models import operators
from config.requests import Request, number


@marketer_required
def upload_new(request: Request) -> HttpResponse:
    """The file. `?replaces=`: the list that a newer file is for, and so whose customers it is matched to."""
    replaces = _replaced(request)
    databases = (
        [replaces.customer_database] if replaces else list(CustomerDatabase.objects.active().defer(*large()))
    )
    if not databases:
        return render(request, "segments/uploaded/no_database.html", {"operators": operators()})
    form = FileForm(request, databases)
    if request.method == "POST" and form.is_valid():
        database = form.cleaned_data.get("customer_database", databases[0])
        file = form.cleaned_data["file"]
        try:
            kept = keep_upload(request.user, database, file, file.name, replaces)
        except ListRefused as error:
            form.add_error("file", error.message)
        else:
            return redirect("upload", kept.pk)
    context = {"form": form, "replaces": replaces, "database": databases[0] if len(databases) == 1 else None}
    return render(request, "segments/uploaded/file.html", context)


def _replaced(request: Request) -> UploadedList | None:
    pk = number((request.POST or request.GET).get("replaces"))
    offered = UploadedList.objects.active().filter(customer_database__archived_at=None)
    return offered.select_related("customer_database").filter(pk=pk).first() if pk else None


def _pending(request: Request, pk: UUID) -> PendingUpload:
    """A person's own; 404 for anybody else's and after a day."""
    uploads = PendingUpload.objects.of(request.user).select_related("customer_database", "replaces")
    return get_object_or_404(uploads, pk=pk)


@marketer_required
def upload(request: Request, pk: UUID) -> HttpResponse:
    """What the columns hold. A change of the form asks with what it has (htmx), and is proposed anew."""
    pending = _pending(request, pk)
    if pending.is_under_way:
        return redirect("upload_matched", pk)
    posted = request.method == "POST"
    board = _board(request, pending, proposed_choice(pending, request.GET))
    form = _choice_form(request.POST if posted else None, board)
    if posted and form.is_valid():
        try:
            ask(pending, form.chosen())
        except ListRefused as error:
            form.add_error(None, error.message)
        else:
            return redirect("upload_matched", pk)
    return _columns(request, board, form, ReadingForm(None, board.found))


@marketer_required
@require_POST
def upload_read(request: Request, pk: UUID) -> HttpResponse:
    """The file read as a person has chosen; where it cannot be, it stays as it was."""
    pending = _pending(request, pk)
    reading = ReadingForm(request.POST, Found.from_json(pending.found))
    if reading.is_valid():
        try:
            read_again(pending, reading.wanted())
        except ListRefused as error:
            reading.add_error(None, error.message)
    if not request.htmx and reading.is_valid():
        return redirect("upload", pk)
    board = _board(request, pending, proposed_choice(pending, {}))
    return _columns(request, board, _choice_form(None, board), reading)


def _board(request: Request, pending: PendingUpload, choice: Choice) -> Board:
    return Board(pending, choice, sees_personal_data=request.user.sees_personal_data)


def _choice_form(data: Any, board: Board) -> ChoiceForm:
    database = board.pending.customer_database
    return ChoiceForm(data, board.choice, board.titles, database, use_required_attribute=False)


def _columns(request: Request, board: Board, form: ChoiceForm, reading: ReadingForm) -> HttpResponse:
    if not board.rows:
        messages.error(request, EXPIRED)
        to = reverse("upload_new")
        return HttpResponseClientRedirect(to) if request.htmx else redirect(to)
    context = {"board": board, "form": form, "reading": reading, "upload": board.pending}
    return render(request, f"segments/uploaded/{'_found' if request.htmx else 'columns'}.html", context)


@marketer_required
def upload_matched(request: Request, pk: UUID) -> HttpResponse:
    """What was matched; stored once it is confirmed with a name. Before it is matched: how far it is."""
    if stored := UploadedList.objects.filter(upload=pk, created_by=request.user).first():
        return redirect("uploaded_list", stored.pk)  # a double click, or the page before
    pending = _pending(request, pk)
    if pending.is_under_way:
        return _under_way(request, pending)
    if request.htmx:  # the page that asked again and again
        return HttpResponseClientRedirect(request.path)
    if pending.problem or not pending.matched:
        return redirect("upload", pk)
    names = UploadedList.objects.active().values_list("name", flat=True)
    initial = {"name": free_name(proposed_name(pending), names)}
    form = StoreForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            stored = store(pending, form.cleaned_data["name"], request.user)
        except ListRefused as error:
            form.add_error("name", error.message)
        else:
            return _stored(request, stored, make_segment=form.cleaned_data["make_segment"])
    return render(request, "segments/uploaded/matched.html", _result(request, pending) | {"form": form})


def _under_way(request: Request, pending: PendingUpload) -> HttpResponse:
    """The page, or for the page that asks again and again what changed since it was `seen`."""
    waited = clock.now() - (pending.asked_at or clock.now())
    is_late = pending.state == Matching.WAITING and waited > LONG_WAIT
    seen = "late" if is_late else pending.state
    context = {
        "upload": pending,
        "seconds": int(waited.total_seconds()),
        "seen": seen,
        "is_new": request.GET.get("seen") != seen,
        "operators": operators() if is_late else [],
    }
    return render(request, f"segments/uploaded/{'_matching' if request.htmx else 'matching'}.html", context)


def _result(request: Request, pending: PendingUpload) -> dict[str, Any]:
    choice = Choice.from_json(pending.matched["choice"])
    board = _board(request, pending, choice)
    counts = Counts(**pending.matched["counts"])
    return {"upload": pending, "board": board, "counts": counts, "matched_by": choice.matched_by.label}


def _stored(request: Request, stored: UploadedList, *, make_segment: bool) -> HttpResponse:
    messages.success(request, f"“{stored}” is stored.")
    if make_segment:
        return _with_segment(request, stored)
    return redirect("uploaded_list", stored.pk)


def _with_segment(request: Request, one: UploadedList) -> HttpResponse:
    try:
        segment = segment_from(one, request.user)
    except SegmentRefused as error:
        messages.error(request, f"The segment could not be made. {error}")
        return redirect("uploaded_list", one.pk)
    messages.success(request, f"The segment “{segment}” has everybody on it.")
    return redirect("segment", segment.pk) if one.replaces_id is None else redirect("uploaded_list", one.pk)


@marketer_required
@require_POST
def uploaded_list_segment(request: Request, pk: int) -> HttpResponse:
    """A segment of everybody on the list, in one click."""
    return _with_segment(request, get_object_or_404(UploadedList.objects.active(), pk=pk))


@marketer_required
@require_POST
def upload_discard(request: Request, pk: UUID) -> HttpResponse:
    remove([_pending(request, pk)])
    messages.success(request, "The upload is discarded; nothing of it is kept.")
    return redirect("uploaded_lists")
