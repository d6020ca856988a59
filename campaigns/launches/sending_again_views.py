"""Send the previous list again: asked once, with names and numbers."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from campaigns.launches.models import Launch, Purpose
from campaigns.launches.sending_again import PreviousList, previous_list, send_previous_again
from campaigns.launches.start import CannotLaunch
from config.accounts.access import marketer_required
from config.requests import Request, form_token


@marketer_required
def send_previous(request: Request, pk: int) -> HttpResponse:
    launches = Launch.objects.select_related("campaign").filter(purpose=Purpose.LAUNCH)
    launch = get_object_or_404(launches, pk=pk)
    token = form_token(request.POST)
    error = ""
    if request.method == "POST":
        try:
            return redirect("launch", send_previous_again(launch, request.user, form_token=token).pk)
        except CannotLaunch as refused:
            error = refused.message
    return _ask(request, launch, token or uuid4(), error)


def _ask(request: Request, launch: Launch, token: UUID, error: str) -> HttpResponse:
    found: PreviousList | None = None
    if not error:
        try:
            found = previous_list(launch, request.user)
        except CannotLaunch as refused:
            error = refused.message
    context = {"launch": launch, "found": found, "error": error, "form_token": token}
    return render(request, "launches/send_previous.html", context)
