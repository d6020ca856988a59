"""The page of default attributes: which column of a customer database feeds which destination."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from campaigns.customers.catalogue import Catalogue, stored
from campaigns.customers.contacts import contact_columns, has_column
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.saving import DatabaseRefused, set_default_attribute
from config.accounts.access import viewer_required
from config.accounts.models import User
from config.audit.models import record
from config.requests import Request
from destinations.models import Destination


@dataclass(frozen=True)
class Row:
    """A destination; `stored` is its default attribute, `chosen` what stands in the form."""

    destination: Destination
    stored: str
    chosen: str
    proposal: str
    is_gone: bool
    error: str = ""

    @property
    def field(self) -> str:
        return f"destination-{self.destination.pk}"


@viewer_required
def default_attributes(request: Request, pk: int) -> HttpResponse:
    """Everybody reads it, operators choose."""
    database = get_object_or_404(CustomerDatabase.objects.active(), pk=pk)
    rows = default_rows(request.user, database)
    if request.method == "POST":
        if not request.user.may_operate:
            raise PermissionDenied("Only operators may do this. Ask an administrator for the role.")
        with transaction.atomic():
            rows = [_posted(request, database, row) for row in rows]
            has_error = any(row.error for row in rows)
            transaction.set_rollback(has_error)
        if not has_error:
            messages.success(
                request, "The default attributes are saved. Campaigns that chose no other column use them."
            )
            return redirect("customer_database", pk)
    tables = _columns(stored(database), {column for row in rows for column in (row.stored, row.chosen)})
    context = {"database": database, "rows": rows, "tables": tables}
    return render(request, "customers/default_attributes.html", context)


def default_rows(user: User, database: CustomerDatabase) -> list[Row]:
    """Of the destinations this person may know of; an operator sets up all of them."""
    destinations = Destination.objects.active() if user.may_operate else Destination.objects.for_user(user)
    chosen = dict(database.default_attributes.values_list("destination_id", "column"))
    guesses, catalogue = contact_columns(database), stored(database)
    rows = []
    for destination in destinations:
        column, proposal = chosen.get(destination.pk, ""), guesses.get(destination.identifier, "")
        is_gone = bool(column) and not has_column(catalogue, column)
        rows.append(Row(destination, column, column or proposal, proposal, is_gone))
    return rows


def _columns(catalogue: Catalogue, chosen: Collection[str]) -> list[tuple[str, list[str]]]:
    """By table: what can hold an address or a number, and is not hidden unless it is chosen already."""
    found = []
    for table in catalogue.tables:
        fitting = [one for one in table.columns if one.type in ("text", "number") and not one.unusable]
        offered = [(f"{table.name}.{one.name}", one.is_hidden) for one in fitting]
        found.append((table.name, [path for path, hidden in offered if not hidden or path in chosen]))
    return found


def _posted(request: Request, database: CustomerDatabase, row: Row) -> Row:
    """The row after it was stored, or with what is wrong; what another person chose meanwhile is not overwritten."""
    column = request.POST.get(row.field, row.stored)
    row = replace(row, chosen=column)
    if column == row.stored:
        return row
    if request.POST.get(f"{row.field}-before", "") != row.stored:
        told = f"Somebody else chose {row.stored or 'none'} meanwhile. Look at it, then save again."
        return replace(row, error=told)
    try:
        set_default_attribute(row.destination, database, column)
    except DatabaseRefused as error:
        return replace(row, error=error.message)
    record(request.user, "edited", database, default_attribute=column, destination=row.destination.pk)
    return row
