"""Downloads of a launch: recipients and rejects for people to open, and the files as they were sent."""

from __future__ import annotations

from contextlib import ExitStack

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import slugify

from campaigns.launches.downloads import Assigned, everybody, people
from campaigns.launches.frozen import Frozen
from campaigns.launches.latest import to_latest
from campaigns.launches.models import Launch, LaunchFile
from campaigns.launches.pages import download_name
from campaigns.launches.storage import ArtefactGone, fetch, open_stored, recipients_path
from campaigns.planning.models import SubAudience, TreatmentGroup
from config.accounts.access import viewer_required
from config.artefacts import closing_after
from config.audit.models import record
from config.requests import Request
from destinations.models import Destination


@viewer_required
def recipients(request: Request, pk: int, destination: int) -> HttpResponseBase:
    return _people(request, pk, destination, rejects=False)


@viewer_required
def rejects(request: Request, pk: int, destination: int) -> HttpResponseBase:
    return _people(request, pk, destination, rejects=True)


def _people(request: Request, pk: int, destination: int, *, rejects: bool) -> HttpResponseBase:
    """Masked for those who may not see personal data; with it, the download is recorded."""
    launch = get_object_or_404(Launch.objects.select_related("campaign"), pk=pk)
    frozen = Frozen.from_json(launch.frozen)
    if not launch.counts or destination not in {one.id for one in frozen.destinations}:
        raise Http404
    sent_to = get_object_or_404(Destination.objects.with_lists_for(request.user), pk=destination)
    masked = not request.user.sees_personal_data
    what = "rejects" if rejects else "recipients"
    stack = ExitStack()
    try:
        digest = launch.recipients_sha256.get(str(destination), "")
        path = stack.enter_context(fetch(recipients_path(launch, destination), digest))
    except ArtefactGone:
        return _gone(request, pk)
    if not masked:
        record(request.user, "downloaded", launch, what=what, destination=destination)
    pieces = people(path, frozen, destination, rejects=rejects, masked=masked)
    words = [str(launch.campaign), "launch", str(pk), what, str(sent_to), "masked" if masked else ""]
    name = f"{slugify(' '.join(words))}.csv"
    return _as_file(StreamingHttpResponse(closing_after(stack, pieces), content_type="text/csv"), name)


@viewer_required
def groups(request: Request, pk: int) -> HttpResponseBase:
    """Everybody whom the campaign ever assigned, as this launch left them."""
    launch = get_object_or_404(Launch.objects.select_related("campaign").exclude(history_path=""), pk=pk)
    masked = not request.user.sees_personal_data
    stack = ExitStack()
    try:
        path = stack.enter_context(fetch(launch.history_path, launch.history_sha256))
    except ArtefactGone:
        return _gone(request, pk)
    if not masked:
        record(request.user, "downloaded", launch, what="groups")
    pieces = everybody(path, _assigned(launch), masked=masked)
    words = [str(launch.campaign), "launch", str(pk), "groups", "masked" if masked else ""]
    name = f"{slugify(' '.join(words))}.csv"
    return _as_file(StreamingHttpResponse(closing_after(stack, pieces), content_type="text/csv"), name)


def _assigned(launch: Launch) -> Assigned:
    """By the names that stood at this launch; what had been removed before it by its last name."""
    frozen = Frozen.from_json(launch.frozen)
    parts = SubAudience.objects.filter(campaign=launch.campaign_id)
    stored = TreatmentGroup.objects.filter(sub_audience__in=parts)
    alive = [group for part in frozen.sub_audiences for group in part.groups]
    launches = Launch.objects.filter(campaign=launch.campaign_id, pk__lte=launch.pk).exclude(history_path="")
    return Assigned(
        sub_audiences=dict(parts.values_list("pk", "name"))
        | {one.id: one.name for one in frozen.sub_audiences},
        groups=dict(stored.values_list("pk", "name")) | {one.id: one.name for one in alive},
        is_control=frozen.removed_groups | {one.id: one.is_control for one in alive},
        started=dict(launches.values_list("pk", "created_at")),
    )


@viewer_required
def campaign_groups(request: Request, pk: int) -> HttpResponse:
    """As the campaign's latest launch left them."""
    return to_latest(request, pk, "launch_groups", "nobody is in a group of it")


@viewer_required
def file(request: Request, pk: int) -> HttpResponseBase:
    """The very bytes that are sent."""
    if not request.user.sees_personal_data:
        raise PermissionDenied("Only people who may see personal data may download what is sent.")
    shown = LaunchFile.objects.filter(destination__in=Destination.objects.with_lists_for(request.user))
    found = get_object_or_404(shown.select_related("launch__campaign"), pk=pk)
    try:
        opened = open_stored(found.path)
    except ArtefactGone:
        return _gone(request, found.launch_id)
    record(request.user, "downloaded", found.launch, what="file", file=found.pk)
    return FileResponse(opened, as_attachment=True, filename=download_name(found), content_type="text/csv")


def _as_file(response: StreamingHttpResponse, name: str) -> StreamingHttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _gone(request: Request, launch: int) -> HttpResponse:
    messages.error(
        request, "This list is no longer stored, or was changed since. Launch again to build it anew."
    )
    return redirect("launch", launch)
