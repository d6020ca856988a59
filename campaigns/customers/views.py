"""Customer databases: where customers are read from, and which column feeds which destination."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.customers.catalogue import Catalogue, read_catalogue, stored
from campaigns.customers.connection import CustomerDatabaseError
from campaigns.customers.contacts import contact_columns
from campaigns.customers.forms import DatabaseForm
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.saving import (
    DatabaseRefused,
    refresh_catalogue,
    save_customer_database,
    set_default_attribute,
)
from campaigns.customers.shown import broken_segments, difference, shown_url, used_by
from config import clock
from config.accounts.access import operator_required, viewer_required
from config.accounts.models import User
from config.audit.models import record
from destinations.models import Destination


class Request(HttpRequest):
    user: User


@viewer_required
def customer_database_list(request: Request) -> HttpResponse:
    found = CustomerDatabase.objects.active()
    rows = [(database, shown_url(database.url), len(stored(database).tables)) for database in found]
    return render(request, "customers/list.html", {"rows": rows})


@viewer_required
def customer_database(request: Request, pk: int) -> HttpResponse:
    database = get_object_or_404(CustomerDatabase.objects.active(), pk=pk)
    catalogue = stored(database)
    context = {
        "database": database,
        "url": shown_url(database.url),
        "catalogue": catalogue,
        "broken": broken_segments(database, catalogue),
        "defaults": database.default_attributes.select_related("destination"),
        "used_by": used_by(database),
    }
    return render(request, "customers/database.html", context)


@operator_required
def customer_database_new(request: Request) -> HttpResponse:
    return _edit(request, None)


@operator_required
def customer_database_edit(request: Request, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(CustomerDatabase.objects.active(), pk=pk))


def _edit(request: Request, database: CustomerDatabase | None) -> HttpResponse:
    """In two steps: a new one is looked into first, then its tables can be chosen."""
    found, trouble = _looked_into(request, database)
    form = DatabaseForm(request.POST or None, found, database)
    is_save = request.POST.get("action") == "save"
    if request.method == "POST" and form.is_valid():
        if trouble is not None:
            form.add_error(trouble.field, trouble.message)
        elif is_save and (saved := _saved(request, form, database)):
            return redirect("customer_database", saved.pk)
    context = {
        "form": form,
        "database": database,
        "is_known": bool(found.tables),
        "token": _token(request) or uuid4(),
        "version": request.POST.get("version") or (database.version if database else 0),
    }
    return render(request, "customers/edit.html", context)


def _looked_into(
    request: Request, database: CustomerDatabase | None
) -> tuple[Catalogue, CustomerDatabaseError | None]:
    """The catalogue of what the form names, or of what is stored."""
    if request.method != "POST":
        return (stored(database) if database else Catalogue(())), None
    url = request.POST.get("url", "").strip() or (database.url if database else "")
    named = CustomerDatabase(url=url, customer_key=request.POST.get("customer_key", "").strip())
    if not url or not named.customer_key:
        missing = ("url", "Enter the URL.") if not url else ("customer_key", "Enter the customer key.")
        return Catalogue(()), CustomerDatabaseError(missing[1], missing[0])
    try:
        return read_catalogue(named), None
    except CustomerDatabaseError as error:
        return Catalogue(()), error


def _saved(
    request: Request, form: DatabaseForm, database: CustomerDatabase | None
) -> CustomerDatabase | None:
    version = request.POST.get("version", "")
    try:
        saved = save_customer_database(
            form.chosen(),
            database,
            request.user,
            int(version) if database and version.isdecimal() else None,
            form_token=_token(request),
        )
    except DatabaseRefused as error:
        form.add_error(error.field or None, error.message)
        return None
    messages.success(request, f"“{saved}” is saved; its catalogue was read.")
    return saved


def _token(request: Request) -> UUID | None:
    try:
        return UUID(request.POST.get("form_token", ""))
    except ValueError:
        return None


@operator_required
@require_POST
def customer_database_refresh(request: Request, pk: int) -> HttpResponse:
    database = get_object_or_404(CustomerDatabase.objects.active(), pk=pk)
    before = stored(database)
    try:
        database = refresh_catalogue(database, request.user)
    except DatabaseRefused as error:
        messages.error(request, f"{error.message} The catalogue stays as it was.")
        return redirect("customer_database", pk)
    found = difference(before, stored(database))
    parts = [("came", found.came), ("went", found.went), ("changed type", found.changed_type)]
    told = "; ".join(f"{', '.join(names)} {verb}" for verb, names in parts if names)
    messages.success(request, f"The catalogue was read. {told or 'Nothing has changed'}.")
    return redirect("customer_database", pk)


@operator_required
def customer_database_delete(request: Request, pk: int) -> HttpResponse:
    """Asks once; one in use stays."""
    database = get_object_or_404(CustomerDatabase.objects.active(), pk=pk)
    users = used_by(database)
    if request.method == "POST" and not users:
        database.archived_at = clock.now()
        database.save(update_fields=["archived_at"])
        record(request.user, "deleted", database)
        messages.success(request, f"“{database}” is deleted.")
        return redirect("customer_database_list")
    return render(request, "customers/delete.html", {"database": database, "used_by": users})


@operator_required
def default_attributes(request: Request, pk: int) -> HttpResponse:
    """Per destination the column that feeds its identifier."""
    database = get_object_or_404(CustomerDatabase.objects.active(), pk=pk)
    destinations = Destination.objects.for_user(request.user)
    columns = [f"{table.name}.{column.name}" for table in stored(database).tables for column in table.columns]
    error = ""
    if request.method == "POST":
        try:
            _set_defaults(request, database, list(destinations))
            messages.success(request, "The default attributes are saved.")
            return redirect("customer_database", pk)
        except DatabaseRefused as refused:
            error = refused.message
    context = {
        "database": database,
        "rows": _default_rows(request.POST, database, list(destinations)),
        "columns": columns,
        "error": error,
    }
    return render(request, "customers/default_attributes.html", context)


@transaction.atomic
def _set_defaults(request: Request, database: CustomerDatabase, destinations: list[Destination]) -> None:
    for destination in destinations:
        column = request.POST.get(f"destination-{destination.pk}")
        if column is not None:
            set_default_attribute(destination, database, column)
    record(request.user, "set the default attributes of", database)


def _default_rows(
    post: Any, database: CustomerDatabase, destinations: list[Destination]
) -> list[tuple[Destination, str, str]]:
    """(destination, chosen column, proposal)"""
    chosen = dict(database.default_attributes.values_list("destination_id", "column"))
    guesses = contact_columns(database)
    return [
        (
            destination,
            post.get(f"destination-{destination.pk}", chosen.get(destination.pk, "")),
            guesses.get(destination.identifier, ""),
        )
        for destination in destinations
    ]
