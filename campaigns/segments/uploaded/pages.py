"""The uploaded lists, one to read, its downloads, and deleting it."""

from __future__ import annotations

from contextlib import ExitStack

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify

from campaigns.customers.models import CustomerDatabase, large
from campaigns.segments.uploaded.deleting import delete
from campaigns.segments.uploaded.downloads import lines
from campaigns.segments.uploaded.keys import STORAGE
from campaigns.segments.uploaded.models import PendingUpload, UploadedList
from campaigns.segments.uploaded.refused import ListRefused
from campaigns.segments.uses import uses_of_list
from config.accounts.access import marketer_required, viewer_required
from config.artefacts import ArtefactGone, closing_after, fetch
from config.audit.models import record
from config.requests import Request, asked

PER_PAGE = 50
MOST_UNFINISHED = 5


@viewer_required
def uploaded_lists(request: Request) -> HttpResponse:
    search = asked(request, "q")
    found = UploadedList.objects.active().select_related("customer_database", "created_by")
    found = found.defer(*large("customer_database__"))
    if search:
        found = found.filter(name__icontains=search) | found.filter(file_name__icontains=search)
    page = Paginator(found.order_by("name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "search": search,
        "any_list": bool(page.paginator.count) or UploadedList.objects.active().exists(),
        "unfinished": PendingUpload.objects.of(request.user).order_by("-created_at")[:MOST_UNFINISHED],
        "any_database": CustomerDatabase.objects.active().exists(),
    }
    return render(request, "segments/uploaded/list.html", context)


@viewer_required
def uploaded_list(request: Request, pk: int) -> HttpResponse:
    shown = _active(pk)
    replaces = shown.replaces
    context = {
        "list": shown,
        "uses": uses_of_list(shown),
        "replaces": replaces,
        "old_uses": uses_of_list(replaces) if replaces and not replaces.archived_at else None,
        "newer": shown.replaced_by.filter(archived_at=None).order_by("-pk").first(),
    }
    return render(request, "segments/uploaded/uploaded_list.html", context)


def _active(pk: int) -> UploadedList:
    found = UploadedList.objects.active()
    return get_object_or_404(
        found.select_related("customer_database", "created_by", "replaces__customer_database"), pk=pk
    )


@viewer_required
def uploaded_list_unmatched(request: Request, pk: int) -> HttpResponseBase:
    return _download(request, _active(pk), "unmatched")


@viewer_required
def uploaded_list_keys(request: Request, pk: int) -> HttpResponseBase:
    return _download(request, _active(pk), "keys")


def _download(request: Request, one: UploadedList, what: str) -> HttpResponseBase:
    """Masked for those who may not see personal data; with it, the download is recorded."""
    masked = not request.user.sees_personal_data
    stack = ExitStack()
    try:
        path, sha256 = getattr(one, f"{what}_path"), getattr(one, f"{what}_sha256")
        local = stack.enter_context(fetch(STORAGE, path, sha256))
    except ArtefactGone:
        messages.error(
            request, "What was stored of this list is missing or was changed since. Upload it again."
        )
        return redirect("uploaded_list", one.pk)
    if not masked:
        record(request.user, "downloaded", one, what=what)
    pieces = closing_after(stack, lines(local, what, one, masked=masked))
    answer = StreamingHttpResponse(pieces, content_type="text/csv")
    name = slugify(f"{one.name} {what} {'masked' if masked else ''}") or what
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


@marketer_required
def uploaded_list_delete(request: Request, pk: int) -> HttpResponse:
    """Asks once; one in use is refused, with where it is used."""
    doomed = _active(pk)
    if request.method == "POST":
        try:
            delete(doomed, request.user)
        except ListRefused as error:
            messages.error(request, error.message)
            return redirect("uploaded_list_delete", pk)
        messages.success(request, f"“{doomed}” is deleted.")
        return redirect("uploaded_lists")
    return render(request, "segments/uploaded/delete.html", {"list": doomed, "uses": uses_of_list(doomed)})
