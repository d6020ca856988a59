"""Scheduling a campaign, its runs, and what a person decides about one that is held."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.launches.preflight import current_preflight
from campaigns.launches.runs import ending
from campaigns.launches.runs.models import Run, RunState
from campaigns.launches.runs.same_day import warnings
from campaigns.launches.runs.scheduling import schedule, unschedule
from campaigns.launches.start import CannotLaunch
from campaigns.launches.summary_page import summary_page
from campaigns.planning.brakes import in_words as brakes_in_words
from campaigns.planning.models import Campaign
from campaigns.planning.occurrences import runs
from campaigns.planning.schedule import in_words, local_words
from campaigns.planning.when import next_words
from config import clock
from config.accounts.access import marketer_required, viewer_required
from config.requests import Request

PER_PAGE = 50


@marketer_required
def campaign_schedule(request: Request, pk: int) -> HttpResponse:
    """Asks once, with the next runs and the names."""
    campaign = get_object_or_404(Campaign.objects.select_related("customer_database"), pk=pk)
    error = ""
    if request.method == "POST":
        try:
            stored = schedule(campaign, request.user, version=_version(request))
        except CannotLaunch as refused:
            error = refused.message
        else:
            messages.success(request, f"“{campaign}” is scheduled. {_first(stored)}")
            return redirect("campaign", pk)
    return render(request, "launches/runs/schedule.html", _asked(request, campaign, error))


def _version(request: Request) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _first(campaign: Campaign) -> str:
    """What it does next, where that is still to come."""
    if campaign.next_run_at is None or campaign.next_run_at <= clock.now():
        return "It is launched now."
    return f"It runs on {local_words(campaign.next_run_at, campaign.time_zone)}."


def _asked(request: Request, campaign: Campaign, error: str) -> dict[str, Any]:
    page = summary_page(campaign, request.user, current_preflight(campaign))
    now = clock.now()
    first = next(runs(campaign.schedule, campaign.time_zone, now), now) if not page.errors else now
    next_runs = next_words(campaign.schedule, campaign.time_zone, now)
    return {
        "page": page,
        "campaign": campaign,
        "summary": None if page.is_stale else page.summary,
        "runs": next_runs,
        "asap": not campaign.schedule or "asap" in campaign.schedule,
        "words": in_words(campaign.schedule, campaign.time_zone),
        "brakes": brakes_in_words(campaign.brakes),
        "same_day": warnings(campaign, first),
        "may_schedule": page.may_schedule and next_runs and not campaign.is_scheduled,
        "error": error,
    }


@marketer_required
@require_POST
def campaign_unschedule(request: Request, pk: int) -> HttpResponse:
    """Opens the editor; no question, for nothing but runs to come is lost, and scheduling brings them back."""
    campaign = get_object_or_404(Campaign.objects.active(), pk=pk)
    unschedule(campaign, request.user)
    messages.success(request, f"“{campaign}” is unscheduled: it does not run by itself any more.")
    return redirect("campaign", pk)


@viewer_required
def run_list(request: Request, pk: int) -> HttpResponse:
    """A campaign's runs, the latest first."""
    campaign = get_object_or_404(Campaign, pk=pk)
    found = Run.objects.filter(campaign=campaign).select_related("campaign", "launch", "decided_by")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "launches/runs/list.html", {"campaign": campaign, "page": page})


@marketer_required
def run_launch(request: Request, pk: int) -> HttpResponse:
    """A held run, launched in spite of what held it; asks once."""
    run = _run(pk)
    if request.method == "POST":
        try:
            launch = ending.launch(run, since=(RunState.HELD,), by=request.user)
        except CannotLaunch as error:
            messages.error(request, f"{error.message} Nothing was sent.")
        except ending.Decided:
            messages.warning(request, "Somebody else has decided about this run meanwhile.")
        else:
            return redirect("launch", launch.pk)
        return redirect("run_list", run.campaign_id)
    return _ask(request, run, "launch")


@marketer_required
def run_skip(request: Request, pk: int) -> HttpResponse:
    run = _run(pk)
    if request.method == "POST":
        reason = f"Skipped by {request.user.display_name}. It was held: {run.reason}"
        if ending.skip(run, reason, since=(RunState.HELD,), by=request.user):
            messages.success(request, "The run is skipped. Nothing was sent.")
        else:
            messages.warning(request, "Somebody else has decided about this run meanwhile.")
        return redirect("run_list", run.campaign_id)
    return _ask(request, run, "skip")


@marketer_required
@require_POST
def run_read(request: Request, pk: int) -> HttpResponse:
    """It was skipped, and a person knows: home does not show it any more."""
    run = _run(pk)
    ending.read(run, request.user)
    return redirect("run_list", run.campaign_id)


def _run(pk: int) -> Run:
    return get_object_or_404(Run.objects.select_related("campaign"), pk=pk)


def _ask(request: Request, run: Run, verb: str) -> HttpResponse:
    if run.state != RunState.HELD:
        messages.info(request, "This run is not held any more.")
        return redirect("run_list", run.campaign_id)
    context = {"run": run, "campaign": run.campaign, "verb": verb}
    return render(request, "launches/runs/ask.html", context)
