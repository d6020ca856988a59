"""Customer databases: where customers are read from."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.customers.catalogue import stored
from campaigns.customers.changes import changes_of
from campaigns.customers.defaults import default_rows
from campaigns.customers.editing import posted, shown
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.saving import DatabaseRefused, archive_customer_database, refresh_catalogue
from campaigns.customers.shown import difference, listed, shown_url
from campaigns.customers.uses import broken, naming, uses_of
from config.accounts.access import operator_required, viewer_required
from config.requests import Request


@viewer_required
def customer_database_list(request: Request) -> HttpResponse:
    found = CustomerDatabase.objects.active().defer("column_marks", "catalogue_changes")
    rows = [(one, shown_url(one.url), len(one.catalogue.get("tables", ()))) for one in found]
    return render(request, "customers/list.html", {"rows": rows})


@viewer_required
def customer_database(request: Request, pk: int) -> HttpResponse:
    database = get_object_or_404(CustomerDatabase.objects.active(), pk=pk)
    catalogue = stored(database)
    context = {
        "database": database,
        "url": shown_url(database.url),
        "catalogue": catalogue if request.user.may_operate else catalogue.visible(),
        "changes": changes_of(database),
        "broken": broken(database, catalogue),
        "defaults": default_rows(request.user, database),
        "uses": uses_of(database),
    }
    return render(request, "customers/database.html", context)


@operator_required
def customer_database_new(request: Request) -> HttpResponse:
    return _edit(request, None)


@operator_required
def customer_database_edit(request: Request, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(CustomerDatabase.objects.active(), pk=pk))


def _edit(request: Request, database: CustomerDatabase | None) -> HttpResponse:
    if request.method == "POST":
        editing, saved = posted(request, database)
        if saved is not None:
            messages.success(request, f"“{saved}” is saved; its catalogue was read.")
            return redirect("customer_database", saved.pk)
    else:
        editing = shown(database)
    context = {"editing": editing, "form": editing.form, "database": database}
    if editing.meanwhile and database is not None:
        context["stored_version"] = CustomerDatabase.objects.values_list("version", flat=True).get(
            pk=database.pk
        )
    return render(request, "customers/edit.html", context)


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
    messages.success(request, f"The catalogue was read. {found.in_words()}")
    if uses := naming(database, found.changed_type):
        names = listed(f"“{use.name}”" for use in uses)
        messages.warning(request, f"{names} use what changed its type. Look whether the rules still fit.")
    return redirect("customer_database", pk)


@operator_required
def customer_database_delete(request: Request, pk: int) -> HttpResponse:
    """Asks once; one in use stays."""
    database = get_object_or_404(CustomerDatabase.objects.active(), pk=pk)
    if request.method == "POST":
        try:
            archive_customer_database(database, request.user)
        except DatabaseRefused as error:
            messages.error(request, error.message)
            return redirect("customer_database_delete", pk)
        messages.success(request, f"“{database}” is deleted.")
        return redirect("customer_database_list")
    return render(request, "customers/delete.html", {"database": database, "uses": uses_of(database)})
