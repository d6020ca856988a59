"""The page of a table: its columns, and what operators say about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render

from campaigns.customers.catalogue import Catalogue, Column, Table, stored
from campaigns.customers.editing import number
from campaigns.customers.marks import Mark, marks_of
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.saving import DatabaseRefused, fields_of, save_customer_database
from campaigns.customers.shown import listed
from campaigns.customers.uses import naming
from config.accounts.access import viewer_required
from config.requests import Request, asked
from config.versions import EditedMeanwhile

MANY_COLUMNS = 20  # so many are searched


@dataclass(frozen=True)
class Row:
    """A column as it stands in the form, and what is wrong with it by field."""

    column: Column
    is_key: bool
    errors: Mapping[str, str]

    @property
    def is_proposed(self) -> bool:
        """Personal by its name alone."""
        return self.column.is_personal and self.column.mark.personal is None


@dataclass(frozen=True)
class TablePage:
    """A table as the page shows it. `said`: what was typed; `version`: of what it was typed over."""

    database: CustomerDatabase
    table: Table
    search: str
    version: int
    said: Mapping[str, Mark] = field(default_factory=dict)  # by the name of the column
    meanwhile: str = ""
    error: str = ""

    @property
    def rows(self) -> list[Row]:
        return [
            Row(column, column.name == self.table.key, column.mark.problems)
            for column in self._marked.columns
            if self.search.lower() in f"{column.name}\n{column.label}".lower() or column.name in self.said
        ]

    @property
    def _marked(self) -> Table:
        (table,) = Catalogue((self.table,)).marked(_whole(self)).tables
        return table

    @property
    def has_many(self) -> bool:
        return len(self.table.columns) >= MANY_COLUMNS


@viewer_required
def customer_table(request: Request, pk: int) -> HttpResponse:
    """Everybody reads it but for what is hidden; operators edit it."""
    database = get_object_or_404(CustomerDatabase.objects.active(), pk=pk)
    catalogue = stored(database) if request.user.may_operate else stored(database).visible()
    table = catalogue.table(request.GET.get("table", ""))
    if table is None:
        raise Http404
    page = TablePage(database, table, asked(request, "q"), database.version)
    if request.method == "POST":
        if not request.user.may_operate:
            raise PermissionDenied("Only operators may do this. Ask an administrator for the role.")
        said, version = _said(request.POST, table), number(request.POST.get("version", ""))
        page = _saved(request, replace(page, said=said, version=version))
        if not (page.meanwhile or page.error):
            return redirect(request.get_full_path())
    return render(request, "customers/table.html", {"page": page, "database": database})


def _said(post: QueryDict, table: Table) -> dict[str, Mark]:
    """By the names of the columns that were on the page; one that is gone by now is left out."""
    return {
        name: _mark(post, place, column)
        for place, name in enumerate(post.getlist("column"))
        if (column := table.column(name)) is not None
    }


def _mark(post: QueryDict, place: int, column: Column) -> Mark:
    """Its own label, and what is personal against its name, is all that is kept."""
    label = post.get(f"label-{place}", "").strip()
    is_personal = f"personal-{place}" in post
    return Mark(
        label="" if label == column.proposed_label else label,
        description=post.get(f"description-{place}", "").strip(),
        personal=None if is_personal == column.sounds_personal else is_personal,
        hidden=f"hidden-{place}" in post,
    )


def _whole(page: TablePage) -> dict[str, Mark]:
    """What is said of all columns of the customer database, with what was typed."""
    said = {f"{page.table.name}.{name}": mark for name, mark in page.said.items()}
    return {**marks_of(page.database.column_marks), **said}


def _saved(request: Request, page: TablePage) -> TablePage:
    """Stored, or the page with what stands against it."""
    if any(mark.problems for mark in page.said.values()):
        return replace(page, error="Nothing is saved yet. Mend what is marked below.")
    verb, _, version = request.POST.get("action", "").partition(":")
    expected = number(version) if verb == "overwrite" else page.version
    fields = replace(fields_of(page.database), marks=_whole(page))
    before = stored(page.database)
    try:
        after = save_customer_database(fields, page.database, request.user, expected, connect=False)
    except EditedMeanwhile as error:
        return replace(page, meanwhile=error.message)
    except DatabaseRefused as error:
        return replace(page, error=error.message)
    messages.success(request, f"What you said of the columns of {page.table.name} is saved.")
    if names := _users_of_hidden(after, before, page.said, page.table):
        messages.warning(
            request,
            f"{names} use what is hidden now. They count as before, and ask for another attribute when edited.",
        )
    return page


def _users_of_hidden(
    database: CustomerDatabase, before: Catalogue, said: Mapping[str, Mark], table: Table
) -> str:
    newly = [
        path
        for name, mark in said.items()
        if mark.hidden and (was := before.column(path := f"{table.name}.{name}")) and not was.is_hidden
    ]
    return listed(f"“{use.name}”" for use in naming(database, newly))
