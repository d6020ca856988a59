"""Destinations: where lists go, who may send there, and whether it can be reached."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from config import clock
from config.accounts.access import operator_required, viewer_required
from config.accounts.models import User
from config.audit.models import record
from destinations.checking import check_now
from destinations.forms import DestinationForm, place, public_values, sections, settings_form
from destinations.kind import Kind
from destinations.kinds import KINDS
from destinations.models import Credential, Destination
from destinations.readme import readme
from destinations.refusals import DestinationRefused
from destinations.saving import save_destination, set_enabled
from destinations.uses import campaigns_using, is_sending, with_campaign_counts

DELIVERIES_SHOWN = 8
# What the preview of a segment name template shows.
EXAMPLE_CAMPAIGN, EXAMPLE_GROUPS = "Spring Sale", ("Gold Tier", "Silver Tier")


class Request(HttpRequest):
    user: User


@viewer_required
def destination_list(request: Request) -> HttpResponse:
    found = with_campaign_counts(Destination.objects.for_user(request.user)).select_related("credential")
    context = {"destinations": found, "any_credential": Credential.objects.active().exists()}
    return render(request, "destinations/list.html", context)


@viewer_required
def destination(request: Request, pk: int) -> HttpResponse:
    found = _found(request, pk)
    kind = found.the_kind
    context = {
        "destination": found,
        "kind": kind,
        "settings": public_values(kind.settings_form, found.settings, ()),
        "campaigns": campaigns_using(found),
        "defaults": found.default_attributes.select_related("customer_database"),
        "deliveries": found.deliveries.select_related("launch__campaign").order_by("-pk")[:DELIVERIES_SHOWN],
        "readme": readme(kind),
    }
    return render(request, "destinations/destination.html", context)


@operator_required
def destination_new(request: Request) -> HttpResponse:
    """First the kind, unless there is one; then the form."""
    name = request.GET.get("kind", "")
    if name not in KINDS:
        return render(request, "destinations/kinds.html", {"kinds": KINDS.values(), "to": "destination_new"})
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
                version=int(request.POST["version"]) if found else None,
                form_token=_token(request),
            )
        except DestinationRefused as error:
            refused = error
            if not error.host_key:
                place(error, kind, own, of_kind)
        else:
            messages.success(request, f"“{saved}” is saved: it was reached.")
            return redirect("destination", saved.pk)
    context = {
        "destination": found,
        "kind": kind,
        "own": own,
        "sections": sections(of_kind),
        "refused": refused,
        "readme": readme(kind),
        "names": _names(kind, of_kind.data.get("settings-segment_name_template"), found),
        "token": _token(request) or uuid4(),
        "version": request.POST.get("version") or (found.version if found else 0),
        "has_credential": Credential.objects.active().filter(kind=kind.name).exists(),
    }
    return render(request, "destinations/edit.html", context)


def _initial(kind: Kind, found: Destination | None) -> dict[str, Any]:
    if found is None:
        return {"name": kind.suggested_name}
    names = ("name", "description", "credential", "operators_only", "open_without_personal_data")
    return {name: getattr(found, name) for name in names}


@operator_required
def destination_preview(request: Request) -> HttpResponse:
    """The segment names that a template leads to, while it is typed."""
    kind = KINDS.get(request.POST.get("kind", ""))
    if kind is None:
        raise Http404
    names = _names(kind, request.POST.get("settings-segment_name_template"), None)
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
    context = {"destination": found, "result": result, "host_key": host_key}
    return render(request, "destinations/checked.html", context)


@operator_required
@require_POST
def destination_accept_key(request: Request, pk: int) -> HttpResponse:
    """The new host key that a person has compared; it has to be the one that is shown now."""
    found = _found(request, pk)
    try:
        save_destination(
            found,
            {"name": found.name, "credential": found.credential_id},
            request.user,
            accept_host_key=request.POST.get("host_key", ""),
        )
        messages.success(request, "The new host key is accepted, and the destination was reached.")
    except DestinationRefused as error:
        messages.error(request, error.message)
    return redirect("destination", pk)


@operator_required
@require_POST
def destination_disable(request: Request, pk: int) -> HttpResponse:
    """Disables it, or enables it again: what uses it keeps it."""
    found = _found(request, pk)
    enable = found.disabled_at is not None
    set_enabled(found, request.user, is_enabled=enable)
    after = "can be sent to again" if enable else "is disabled: no launch sends to it until it is enabled"
    messages.success(request, f"“{found}” {after}.")
    return redirect("destination", pk)


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
    return get_object_or_404(Destination.objects.for_user(request.user).select_related("credential"), pk=pk)


def _token(request: Request) -> UUID | None:
    try:
        return UUID(request.POST.get("form_token", ""))
    except ValueError:
        return None
