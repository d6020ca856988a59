"""The delivery summary of a campaign, and what starts from it: a test, the launch."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.launches.forms import TestForm
from campaigns.launches.lists import found
from campaigns.launches.models import Launch, Purpose
from campaigns.launches.preflight import current_preflight, is_stale, start_preflight
from campaigns.launches.runs.same_day import warnings
from campaigns.launches.start import CannotLaunch, launch_campaign, test_campaign
from campaigns.launches.summary_page import SummaryPage, ensure_counted, summary_page
from campaigns.planning.models import Campaign
from campaigns.planning.warning import warn_past
from config import clock
from config.accounts.access import marketer_required, viewer_required
from config.requests import Request, form_token

TESTS_SHOWN = 10


@viewer_required
def preflight(request: Request, pk: int) -> HttpResponseBase:
    """Counted anew when nothing fits the campaign as it is now; a post counts again in any case."""
    campaign = _campaign(pk)
    if request.method == "POST":
        return _count_again(request, campaign)
    page = summary_page(campaign, request.user, ensure_counted(campaign, request.user))
    return render(request, "launches/preflight.html", _context(page))


@marketer_required
def _count_again(request: Request, campaign: Campaign) -> HttpResponse:
    try:
        start_preflight(campaign, request.user, anew=True)
    except CannotLaunch as error:
        messages.error(request, error.message)
    return redirect("preflight", campaign.pk)


@viewer_required
def preflight_progress(request: Request, pk: int) -> HttpResponse:
    """The changing part, for the page that asks while it is counted; the head comes along when the state changed."""
    if not request.htmx:
        return redirect("preflight", pk)
    campaign = _campaign(pk)
    page = summary_page(campaign, request.user, current_preflight(campaign))
    context = _context(page)
    context["is_new_state"] = request.GET.get("state") != page.state
    return render(request, "launches/_preflight.html", context)


@marketer_required
@require_POST
def warn_past_change(request: Request, pk: int) -> HttpResponse:
    """Changes no number, so that nothing is counted anew."""
    campaign = _campaign(pk)
    text = request.POST.get("percent", "").strip()
    try:
        warn_past(
            campaign, int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0, request.user
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, f"The summary warns of changes of more than {campaign.warn_past_change} %.")
    return redirect("preflight", pk)


@marketer_required
def campaign_launch(request: Request, pk: int) -> HttpResponse:
    """Asks once, with names and numbers. The same form again leads to the launch it started."""
    campaign = _campaign(pk)
    if request.method == "POST":
        return _launch(request, campaign)
    return _ask(request, campaign, uuid4())


def _ask(request: Request, campaign: Campaign, token: UUID | None, error: str = "") -> HttpResponse:
    page = summary_page(campaign, request.user, current_preflight(campaign))
    if page.is_stale and not error:
        return redirect("preflight", campaign.pk)
    context = {
        **_context(page),
        "form_token": token,
        "error": error,
        "same_day": warnings(campaign, clock.now()),
    }
    return render(request, "launches/confirm.html", context)


def _launch(request: Request, campaign: Campaign) -> HttpResponse:
    token = form_token(request.POST)
    started = Launch.objects.filter(form_token=token, campaign=campaign).first() if token else None
    if started is not None:
        return redirect("launch", started.pk)
    if _changed_meanwhile(request, campaign):
        messages.warning(
            request, "Something changed since you looked. These are the new numbers; nothing was sent."
        )
        return redirect("preflight", campaign.pk)
    try:
        launch = launch_campaign(campaign, request.user, form_token=token)
    except CannotLaunch as error:
        return _ask(request, campaign, token, error.message)
    return redirect("launch", launch.pk)


def _changed_meanwhile(request: Request, campaign: Campaign) -> bool:
    """Whether the numbers that were confirmed are no longer those of the campaign."""
    current = current_preflight(campaign)
    shown = request.POST.get("preflight", "")
    if not shown:
        return False
    return current is None or str(current.pk) != shown or is_stale(current)


@marketer_required
def campaign_test(request: Request, pk: int) -> HttpResponse:
    campaign = _campaign(pk)
    form = TestForm(request.POST or None)
    error = ""
    if request.method == "POST" and form.is_valid():
        try:
            launch = test_campaign(
                campaign,
                request.user,
                form.cleaned_data["size"],
                to_destination=form.to_destination,
                form_token=form_token(request.POST),
            )
        except CannotLaunch as refused:
            error = refused.message
        else:
            return redirect("launch", launch.pk)
    context = {
        "campaign": campaign,
        "form": form,
        "form_token": form_token(request.POST) or uuid4(),
        "error": error,
        "tests": found(purpose=Purpose.TEST, campaign=pk)[:TESTS_SHOWN],
    }
    return render(request, "launches/test.html", context)


def _campaign(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("customer_database"), pk=pk)


def _context(page: SummaryPage) -> dict[str, Any]:
    return {"page": page, "campaign": page.campaign, "summary": page.summary, "sums": page.sums}
