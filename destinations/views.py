"""Destinations: where lists go, who may send there, and whether it can be reached."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from config import clock
from config.accounts.access import operator_required, viewer_required
from config.accounts.models import operators
from config.audit.models import record
from config.requests import Request, form_token
from destinations.checking import check_now
from destinations.forms import SETTINGS, DestinationForm, place, public_values, sections, settings_form
from destinations.kind import CheckStep, Kind
from destinations.kinds import KINDS
from destinations.models import Credential, Destination
from destinations.posted import version, version_to_post
from destinations.readme import about, readme
from destinations.refusals import DestinationRefused, EditedMeanwhile
from destinations.saving import save_destination, set_enabled
from destinations.uses import campaigns_using, is_sending, with_campaign_counts

DELIVERIES_SHOWN = 8
TEMPLATE = f"{SETTINGS}-segment_name_template"
# What its preview shows.
EXAMPLE_CAMPAIGN, EXAMPLE_GROUPS = "Spring Sale", ("Gold Tier", "Silver Tier")


@viewer_required
def destination_list(request: Request) -> HttpResponse:
    found = with_campaign_counts(Destination.objects.shown_to(request.user)).select_related("credential")
    context = {
        "destinations": found,
        "any_credential": Credential.objects.active().exists(),
        "operators": operators() if not found and not request.user.may_operate else [],
    }
    return render(request, "destinations/list.html", context)


@viewer_required
def destination(request: Request, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


def _page(
    request: Request,
    found: Destination,
    steps: Sequence[CheckStep] = (),
    host_key: str = "",
    problem: str = "",
) -> HttpResponse:
    """`steps` of a check that was just made, the `host_key` that waits to be accepted, why an action failed."""
    kind = found.the_kind
    login = found.credential.fields if request.user.may_operate else {}
    context = {
        "destination": found,
        "kind": kind,
        "login": public_values(kind.credential_form, login, kind.secret_fields),
        "settings": public_values(kind.settings_form, found.settings, ()),
        "campaigns": campaigns_using(found),
        "defaults": found.default_attributes.filter(customer_database__archived_at=None).select_related(
            "customer_database"
        ),
        "deliveries": found.deliveries.select_related("launch__campaign").order_by("-pk")[:DELIVERIES_SHOWN],
        "readme": readme(kind),
        "steps": steps,
        "all_well": all(step.ok for step in steps) and not host_key,
        "host_key": host_key,
        "problem": problem,
    }
    return render(request, "destinations/destination.html", context)


@operator_required
def destination_new(request: Request) -> HttpResponse:
    """First the kind, then its form."""
    name = request.GET.get("kind", "")
    if name not in KINDS:
        kinds = [(kind, about(kind)) for kind in KINDS.values()]
        return render(request, "destinations/kinds.html", {"kinds": kinds, "to": "destination_new"})
    return _edit(request, KINDS[name], None)


@operator_required
def destination_edit(request: Request, pk: int) -> HttpResponse:
    found = _found(request, pk)
    return _edit(request, found.the_kind, found)


def _edit(request: Request, kind: Kind, found: Destination | None) -> HttpResponse:
    post = request.POST or None
    own = DestinationForm(post, kind=kind.name, initial=_initial(kind, found))
    of_kind = settings_form(kind, post, found.settings if found else None)
    refused: DestinationRefused | None = None
    if post is not None and own.is_valid() & of_kind.is_valid():
        try:
            saved = save_destination(
                found,
                {**own.cleaned_data, "kind": kind.name, "settings": of_kind.cleaned_data},
                request.user,
                accept_host_key=request.POST.get("accept_host_key", ""),
                version=version(request.POST),
                form_token=form_token(request.POST),
            )
        except DestinationRefused as error:
            refused = error
            if not error.host_key and not isinstance(error, EditedMeanwhile):
                place(error, kind, own, of_kind)
        else:
            messages.success(request, f"“{saved}” is saved: the connection works.")
            return redirect("destination", saved.pk)
    told = isinstance(refused, EditedMeanwhile)
    context = {
        "destination": found,
        "kind": kind,
        "own": own,
        "sections": sections(of_kind),
        "refused": refused,
        "told": told,
        "invalid": bool(own.errors or of_kind.errors),
        "readme": readme(kind),
        "names": _names(kind, of_kind.data.get(TEMPLATE), found),
        "token": form_token(request.POST) or uuid4(),
        "version": version_to_post(request.POST, found.version if found else 0, told=told),
        "has_credential": Credential.objects.active().filter(kind=kind.name).exists(),
    }
    return render(request, "destinations/edit.html", context)


def _initial(kind: Kind, found: Destination | None) -> dict[str, Any]:
    if found is None:
        return {"name": _free_name(kind.suggested_name)}
    names = ("name", "description", "credential", "operators_only", "open_without_personal_data")
    return {name: getattr(found, name) for name in names}


def _free_name(name: str) -> str:
    """The name, or with the first number from 2 on that nobody has."""
    taken = set(Destination.objects.active().filter(name__startswith=name).values_list("name", flat=True))
    numbered = (f"{name} {number}" for number in count(2))
    return next(free for free in chain([name], numbered) if free not in taken)


@operator_required
@require_POST
def destination_preview(request: Request) -> HttpResponse:
    """The segment names that a template leads to, while it is typed."""
    kind = KINDS.get(request.POST.get("kind", ""))
    if kind is None:
        raise Http404
    names = _names(kind, request.POST.get(TEMPLATE), None)
    return render(request, "destinations/_preview.html", {"names": names})


def _names(kind: Kind, template: str | None, found: Destination | None) -> dict[str, Any]:
    form = kind.settings_form()
    if "segment_name_template" not in form.fields:
        return {}
    if template is None:
        stored = found.settings if found else {}
        template = str(stored.get("segment_name_template", form["segment_name_template"].initial or ""))
    checked = kind.settings_form({"segment_name_template": template})
    problem = checked.errors.get("segment_name_template")
    names = [
        (group, kind.segment_name({"segment_name_template": template}, EXAMPLE_CAMPAIGN, group))
        for group in EXAMPLE_GROUPS
        if not problem
    ]
    return {"campaign": EXAMPLE_CAMPAIGN, "names": names, "problem": problem[0] if problem else ""}


@operator_required
@require_POST
def destination_check(request: Request, pk: int) -> HttpResponse:
    found = _found(request, pk)
    result, host_key = check_now(found)
    return _page(request, found, result.steps, host_key)


@operator_required
@require_POST
def destination_accept_key(request: Request, pk: int) -> HttpResponse:
    """The new host key that a person has compared; it has to be the one that is shown now."""
    found = _found(request, pk)
    if failed := _not_reached(request, found, request.POST.get("host_key", "")):
        return failed
    messages.success(request, "The new host key is accepted. The connection works.")
    return redirect("destination", pk)


@operator_required
@require_POST
def destination_enable(request: Request, pk: int) -> HttpResponse:
    """What has changed while it was disabled is found now, and not by the next launch."""
    found = _found(request, pk)
    if failed := _not_reached(request, found):
        return failed
    set_enabled(found, request.user, is_enabled=True)
    messages.success(request, f"“{found}” is enabled. The connection works.")
    return redirect("destination", pk)


def _not_reached(request: Request, found: Destination, accept: str = "") -> HttpResponse | None:
    """The destination's page with the reason, where it cannot be reached as it is."""
    try:
        save_destination(found, {}, request.user, accept_host_key=accept)
    except DestinationRefused as refused:
        return _page(request, found, refused.steps, refused.host_key, refused.message)
    return None


@operator_required
def destination_disable(request: Request, pk: int) -> HttpResponse:
    """Asks once; what uses it keeps it."""
    found = _found(request, pk)
    if request.method == "POST":
        set_enabled(found, request.user, is_enabled=False)
        messages.success(request, f"“{found}” is disabled.")
        return redirect("destination", pk)
    context = {"destination": found, "campaigns": campaigns_using(found)}
    return render(request, "destinations/disable.html", context)


@operator_required
def destination_delete(request: Request, pk: int) -> HttpResponse:
    """Asks once; one in use can only be disabled."""
    found = _found(request, pk)
    campaigns = campaigns_using(found)
    in_use = bool(campaigns) or is_sending(found)
    if request.method == "POST" and not in_use:
        found.archived_at = clock.now()
        found.save(update_fields=["archived_at"])
        record(request.user, "deleted", found)
        messages.success(request, f"“{found}” is deleted.")
        return redirect("destination_list")
    context = {"destination": found, "campaigns": campaigns, "in_use": in_use}
    return render(request, "destinations/delete.html", context)


def _found(request: Request, pk: int) -> Destination:
    """404 for one that this person may not know of."""
    shown = Destination.objects.shown_to(request.user)
    return get_object_or_404(shown.select_related("credential", "host_key_accepted_by"), pk=pk)
