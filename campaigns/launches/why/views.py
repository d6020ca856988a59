"""Why is this person (not) in the list? What is typed travels in the body of a form alone, and is not logged."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from campaigns.launches.latest import to_latest
from campaigns.launches.models import Launch, Purpose
from campaigns.launches.why.forms import WhyForm
from campaigns.launches.why.words import explain
from config.accounts.access import viewer_required
from config.audit.models import record
from config.requests import Request


@sensitive_post_parameters("who")
@never_cache
@viewer_required
def launch_why(request: Request, pk: int) -> HttpResponse:
    launches = Launch.objects.select_related("campaign").filter(purpose=Purpose.LAUNCH)
    launch = get_object_or_404(launches, pk=pk)
    form = WhyForm(request.POST or None)
    context: dict[str, Any] = {"launch": launch, "form": form}
    if form.is_valid():
        context["answer"] = explain(launch, form.cleaned_data["who"], request.user)
        if request.user.sees_personal_data:
            record(request.user, "looked somebody up in", launch)
    return render(request, "launches/why.html", context)


@viewer_required
def campaign_why(request: Request, pk: int) -> HttpResponse:
    """Of the campaign's latest launch whose lists were built."""
    return to_latest(request, pk, "launch_why", "nobody is in a list of it")
