"""What a person decides about a launch under way, each asked once on a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.launches import control
from campaigns.launches.models import Launch, LaunchFile
from config.accounts.access import marketer_required
from config.accounts.models import User
from config.requests import Request
from destinations.models import Destination


@dataclass(frozen=True)
class Question:
    title: str
    sentences: tuple[str, ...]
    button: str
    icon: str
    keep: str = "Leave it as it is"
    loses: bool = False  # whether something is lost by it


@marketer_required
def launch_cancel(request: Request, pk: int) -> HttpResponse:
    launch = get_object_or_404(Launch.objects.select_related("campaign"), pk=pk)
    if request.method == "POST":
        done = "The launch is being cancelled. What was delivered before stays at its destination."
        return _do(request, pk, lambda: control.cancel(launch, request.user), done)
    question = Question(
        f"Cancel launch {pk} of “{launch.campaign}”?",
        (
            "Files that are not delivered yet are not sent. A file under way is stopped, and its part removed there.",
            "What was delivered before stays at its destination: cancelling takes nothing back.",
        ),
        "Cancel launch",
        "ban",
        "Let it go on",
        loses=True,
    )
    return _ask(request, launch, question)


@marketer_required
@require_POST
def file_retry(request: Request, pk: int) -> HttpResponse:
    """The same bytes under the same name; loses nothing, so it does not ask."""
    file = _file(pk, request.user)
    return _do(request, file.launch_id, lambda: control.retry(file, request.user), "It is tried again now.")


@marketer_required
def file_arrived(request: Request, pk: int) -> HttpResponse:
    file = _file(pk, request.user)
    if request.method == "POST":
        done = f"{file.name} counts as delivered, as you said."
        return _do(request, file.launch_id, lambda: control.it_arrived(file, request.user), done)
    question = Question(
        f"Did {file.name} arrive?",
        (
            f"{file.destination} did not say whether it took the file. Look there first: at its folder, or at its "
            f"list of segments for {_names(file)}.",
            f"If you say it arrived, its {file.rows:,} rows count as delivered, and it is not sent again.",
        ),
        "It arrived",
        "circle-check",
    )
    return _ask(request, file.launch, question)


@marketer_required
def file_send_again(request: Request, pk: int) -> HttpResponse:
    file = _file(pk, request.user)
    if request.method == "POST":
        done = f"{file.name} is sent again."
        return _do(request, file.launch_id, lambda: control.send_it_again(file, request.user), done)
    question = Question(
        f"Send {file.name} again?",
        (
            f"{file.destination} did not say whether it took the file. Look there first: at its folder, or at its "
            f"list of segments for {_names(file)}.",
            f"If it is there already, its {file.rows:,} rows arrive a second time, under the same segment name.",
        ),
        "Send again",
        "refresh-cw",
    )
    return _ask(request, file.launch, question)


def _names(file: LaunchFile) -> str:
    return ", ".join(section["segment_name"] for section in file.sections)


def _file(pk: int, user: User) -> LaunchFile:
    """404 for a file that goes where this person may not send."""
    allowed = LaunchFile.objects.filter(destination__in=Destination.objects.for_user(user))
    return get_object_or_404(allowed.select_related("launch__campaign", "destination"), pk=pk)


def _do(request: Request, launch: int, act: Callable[[], object], done: str) -> HttpResponse:
    try:
        act()
    except control.CannotDo as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect("launch", launch)


def _ask(request: Request, launch: Launch, question: Question) -> HttpResponse:
    return render(request, "launches/ask.html", {"launch": launch, "question": question})
