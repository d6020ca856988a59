"""Credentials: logins that operators keep. Secrets go in and never come out."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from config import clock
from config.accounts.access import operator_required
from config.audit.models import record
from config.requests import Request, form_token
from destinations.forms import CredentialForm, credential_form, given_fields, place, sections
from destinations.kind import Kind
from destinations.kinds import KINDS
from destinations.models import Credential
from destinations.posted import version, version_to_post
from destinations.readme import about, readme
from destinations.refusals import DestinationRefused, EditedMeanwhile
from destinations.saving import save_credential


@operator_required
def credential_list(request: Request) -> HttpResponse:
    live = Q(destinations__archived_at=None)
    found = Credential.objects.active().annotate(used=Count("destinations", filter=live))
    return render(request, "credentials/list.html", {"credentials": found})


@operator_required
def credential_new(request: Request) -> HttpResponse:
    name = request.GET.get("kind", "")
    if name not in KINDS:
        kinds = [(kind, about(kind)) for kind in KINDS.values()]
        return render(request, "destinations/kinds.html", {"kinds": kinds, "to": "credential_new"})
    return _edit(request, KINDS[name], None)


@operator_required
def credential(request: Request, pk: int) -> HttpResponse:
    found = get_object_or_404(Credential.objects.active(), pk=pk)
    return _edit(request, found.the_kind, found)


def _edit(request: Request, kind: Kind, found: Credential | None) -> HttpResponse:
    post = request.POST or None
    initial = {"name": found.name, "description": found.description} if found else None
    own = CredentialForm(post, initial=initial)
    of_kind = credential_form(kind, post, found.fields if found else {})
    refused: DestinationRefused | None = None
    meanwhile = ""
    if post is not None and own.is_valid() & of_kind.is_valid():
        try:
            saved = save_credential(
                found,
                {**own.cleaned_data, "kind": kind.name, "fields": given_fields(of_kind, request.POST)},
                request.user,
                version=version(request.POST),
                form_token=form_token(request.POST),
            )
        except EditedMeanwhile as error:
            meanwhile = error.message
        except DestinationRefused as error:
            refused = error
            place(error, kind, own, of_kind)
        else:
            messages.success(request, f"“{saved}” is saved. Its secrets are not shown again.")
            return redirect("credential_list")
    context = {
        "credential": found,
        "kind": kind,
        "own": own,
        "sections": sections(of_kind, "Login"),
        "refused": refused,
        "meanwhile": meanwhile,
        "invalid": bool(own.errors or of_kind.errors),
        "readme": readme(kind),
        "destinations": found.destinations.active() if found else [],
        "token": form_token(request.POST) or uuid4(),
        "version": version_to_post(request.POST, found.version if found else 0, told=bool(meanwhile)),
    }
    return render(request, "credentials/edit.html", context)


@operator_required
def credential_delete(request: Request, pk: int) -> HttpResponse:
    """Asks once; one that destinations use stays."""
    found = get_object_or_404(Credential.objects.active(), pk=pk)
    users = list(found.destinations.active())
    if request.method == "POST" and not users:
        found.archived_at = clock.now()
        found.fields = {}
        found.save(update_fields=["archived_at", "fields"])
        record(request.user, "deleted", found)
        messages.success(request, f"“{found}” is deleted, its secrets with it.")
        return redirect("credential_list")
    return render(request, "credentials/delete.html", {"credential": found, "destinations": users})
