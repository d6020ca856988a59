"""Launches: the list, and the page of one with what happens while it runs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from campaigns.customers.catalogue import stored
from campaigns.customers.models import CustomerDatabase
from campaigns.launches.compare import Comparison, previous_of
from campaigns.launches.frozen import Frozen, FrozenDestination
from campaigns.launches.lists import found
from campaigns.launches.models import Launch, LaunchState, Purpose
from campaigns.launches.pages import launch_page
from campaigns.launches.runs.models import Run
from campaigns.launches.sending_again import left_behind_by, may_be_asked, whose_rows
from campaigns.launches.summary import Summary, launch_summary
from campaigns.launches.sums import sums_of
from campaigns.launches.why.forms import WhyForm
from campaigns.launches.workers import workers_running
from campaigns.planning.models import Campaign
from campaigns.segments.masked import masked
from config.accounts.access import viewer_required
from config.accounts.models import User
from config.requests import Request, asked
from destinations.kinds import KINDS
from destinations.models import Destination

PER_PAGE = 50
# Those that did not start, above the launches; the rest follows when these are decided.
RUNS_SHOWN = 20


@viewer_required
def launch_list(request: Request) -> HttpResponse:
    chosen = {name: asked(request, name) for name in ("q", "state", "purpose", "campaign")}
    campaign = _campaign(chosen["campaign"])
    launches = found(chosen["q"], chosen["state"], chosen["purpose"], campaign.pk if campaign else None)
    page = Paginator(launches, PER_PAGE).get_page(request.GET.get("page"))
    wanting = Run.objects.for_a_person()
    context = {
        "page": page,
        "runs": (wanting.filter(campaign=campaign) if campaign else wanting)[:RUNS_SHOWN],
        "chosen": chosen,
        "is_filtered": any(chosen.values()),
        "campaign": campaign,
        "states": LaunchState.choices,
        "purposes": Purpose.choices,
    }
    return render(request, "launches/list.html", context)


def _campaign(text: str) -> Campaign | None:
    known = text.isascii() and text.isdigit() and len(text) < 19
    return Campaign.objects.filter(pk=int(text)).first() if known else None


@viewer_required
def launch(request: Request, pk: int) -> HttpResponse:
    return render(request, "launches/launch.html", _shown(_found(pk)) | {"form": WhyForm()})


@viewer_required
def launch_progress(request: Request, pk: int) -> HttpResponse:
    """The page's changing part, for the page that asks again and again; its head comes along when the state changed."""
    if not request.htmx:
        return redirect("launch", pk)
    context = _shown(_found(pk))
    context["is_new_state"] = request.GET.get("state") != context["launch"].state
    return render(request, "launches/_progress.html", context)


@viewer_required
def launch_configuration(request: Request, pk: int) -> HttpResponse:
    """What was launched, whatever has been edited since."""
    shown = _found(pk)
    known = set(Destination.objects.with_lists_for(request.user).values_list("pk", flat=True))
    whole = Frozen.from_json(shown.frozen)
    frozen = replace(whole, destinations=tuple(one for one in whole.destinations if one.id in known))
    groups = [group for sub_audience in frozen.sub_audiences for group in sub_audience.groups]
    data = _readable(shown.frozen, known, request.user)
    context = {
        "launch": shown,
        "frozen": frozen,
        "clock": datetime.fromisoformat(frozen.now),
        "segment_names": {segment.id: segment.name for segment in frozen.segments},
        "shares": {group.id: f"{group.hundredths / 100:.2f}" for group in groups},
        "destinations": [(one, _labelled(one)) for one in frozen.destinations],
        "data": json.dumps(data, indent=2, ensure_ascii=False),
    }
    return render(request, "launches/configuration.html", context)


def _readable(frozen: dict[str, Any], known: set[int], user: User) -> Any:
    """What was frozen, without what this person may not know."""
    # The salt is shown to nobody: who knows it can foretell everybody's group.
    shown = {key: value for key, value in frozen.items() if key != "salt"}
    logins = () if user.may_operate else ("account_key", "drop_point")
    shown["destinations"] = [
        {key: value for key, value in one.items() if key not in logins}
        for one in frozen["destinations"]
        if one["id"] in known
    ]
    if user.sees_personal_data:
        return shown
    database = CustomerDatabase.objects.filter(pk=frozen["customer_database_id"]).first()
    return masked(shown, stored(database or CustomerDatabase()).personal)


def _labelled(destination: FrozenDestination) -> list[tuple[Any, Any]]:
    """Its settings by the labels of its kind's form."""
    fields = KINDS[destination.kind].settings_form.base_fields
    named = ((fields.get(key), key, value) for key, value in destination.settings.items())
    return [(field.label if field and field.label else key, value) for field, key, value in named]


def _found(pk: int) -> Launch:
    return get_object_or_404(Launch.objects.select_related("campaign__edited_by", "started_by"), pk=pk)


def _shown(launch: Launch) -> dict[str, Any]:
    page = launch_page(launch)
    context = {"launch": launch, "page": page, "is_test": launch.purpose == Purpose.TEST}
    if page.is_unfinished:
        context["workers"] = workers_running()
        context["edited_since"] = _was_edited_since(launch)
    summary = launch_summary(launch)
    return context | _about_previous(launch) | (_counted(launch, summary) if summary else {})


def _was_edited_since(launch: Launch) -> bool:
    """A list that is sent again is none of the campaign as it is, and was not when it was started."""
    return launch.instead_of_id is None and launch.campaign.updated_at > launch.created_at


def _about_previous(launch: Launch) -> dict[str, Any]:
    """What the page says of lists from before a launch that were sent again."""
    context: dict[str, Any] = {
        "may_send_previous": may_be_asked(launch),
        "put_back_by": launch.put_back_by.order_by("pk").values_list("pk", flat=True),
    }
    if launch.instead_of_id is not None:
        context |= {"rows_of": whose_rows(launch), "left_behind": left_behind_by(launch)}
    return context


def _counted(launch: Launch, summary: Summary) -> dict[str, Any]:
    """What is known once the launch is built."""
    previous = previous_of(launch)
    return {
        "summary": summary,
        "sums": sums_of(summary),
        "comparison": Comparison.of(summary, previous) if previous else None,
    }
