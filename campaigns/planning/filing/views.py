"""What a campaign is found by, on a page of its own: also of one that cannot be edited now."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from campaigns.planning.filing.forms import FilingForm
from campaigns.planning.filing.labels import (
    LabelsRefused,
    known_labels,
    labels_of,
    read_labels,
    set_labels,
)
from campaigns.planning.models import Campaign
from config.accounts.access import marketer_required
from config.requests import Request


@marketer_required
def campaign_filing(request: Request, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    form = FilingForm(request.POST or None, initial={"labels": ", ".join(labels_of(campaign))})
    if request.method == "POST" and form.is_valid() and _filed(form, campaign, request):
        messages.success(request, f"“{campaign}” has its labels. Its audience and groups are as before.")
        return redirect("campaign", pk)
    context = {"campaign": campaign, "form": form, "known": known_labels()}
    return render(request, "planning/filing.html", context)


def _filed(form: FilingForm, campaign: Campaign, request: Request) -> bool:
    try:
        set_labels(campaign, read_labels(form.cleaned_data["labels"]), request.user)
    except LabelsRefused as error:
        form.add_error("labels", error.message)
    return not form.errors
