"""Customer databases in files. Their suppression lists are segments, so these are set when those are stored."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from django.db import models

from campaigns.as_files.difference import Change
from campaigns.as_files.keys import Entry
from campaigns.as_files.marks import FileProblem
from campaigns.as_files.secret import Secret, proposed_name
from campaigns.as_files.section import Data, Run, Section, find
from campaigns.customers.catalogue import stored as stored_catalogue
from campaigns.customers.marks import Mark, Marks
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.saving import DatabaseFields, DatabaseRefused, fields_of, save_customer_database
from campaigns.customers.shown import has_secret
from campaigns.segments.models import Segment
from config.versions import EditedMeanwhile


class CustomerDatabases(Section[CustomerDatabase]):
    key: ClassVar = "customer_databases"
    word: ClassVar = "customer database"
    connects: ClassVar = True

    def all(self) -> models.QuerySet[CustomerDatabase]:
        return CustomerDatabase.objects.active().select_related("suppression")

    def exported(self, one: CustomerDatabase) -> Data:
        url = one.url
        return {
            "id": one.pk,
            "name": one.name,
            "url": Secret(url, proposed_name(one.name, "url")) if has_secret(url) else url,
            "customer_key": one.customer_key,
            "profile_table": one.profile_table,
            "contact_table": one.contact_table,
            "orders": dict(one.orders) if any(one.orders.values()) else None,
            "default_country": one.default_country,
            "suppression": str(one.suppression) if one.suppression else None,
            "columns": [{"column": name, **said} for name, said in sorted(one.column_marks.items())],
        }

    def store(
        self, entry: Entry, stored: CustomerDatabase | None, run: Run, *, connect: bool
    ) -> CustomerDatabase:
        kept = fields_of(stored) if stored is not None else DatabaseFields("", "", "")
        orders = entry.get("orders", None)
        fields = replace(
            kept,
            name=entry.name,
            url=run.read(entry.get("url", kept.url)),
            customer_key=entry.get("customer_key", kept.customer_key),
            profile_table=entry.get("profile_table", kept.profile_table),
            contact_table=entry.get("contact_table", kept.contact_table),
            default_country=entry.get("default_country", kept.default_country),
        )
        if entry.has("orders"):
            fields = replace(fields, orders=dict(orders.given) if orders else {})
        # What is said of columns asks nobody anything.
        asks = connect and (stored is None or fields != kept)
        one = self._save(entry, replace(fields, marks=_marks(entry)), stored, connect=asks)
        _warn_of_gone(entry, one, run)
        return one

    def finish(self, entry: Entry, change: Change, stored: CustomerDatabase, run: Run) -> None:
        if not entry.has("suppression"):
            return
        node = entry.get("suppression", None)
        segment = find(Segment.objects.active(), node, "segment") if node is not None else None
        one = self.all().get(pk=stored.pk)
        if one.suppression != segment:
            self._save(entry, replace(fields_of(one), suppression=segment), one, connect=False)

    def _save(
        self, entry: Entry, fields: DatabaseFields, stored: CustomerDatabase | None, *, connect: bool
    ) -> CustomerDatabase:
        try:
            return save_customer_database(fields, stored, None, connect=connect)
        except DatabaseRefused as error:
            raise _problem(entry, error) from None
        except EditedMeanwhile as error:
            raise entry.node.problem(error.message) from None


def _marks(entry: Entry) -> Marks | None:
    """The list that is given is the whole list. None where it is left out."""
    if not entry.has("columns"):
        return None
    found: dict[str, Mark] = {}
    for one in entry.given["columns"]:
        name = one.given["column"]
        if name in found:
            raise one.at("column").problem(f"Two entries have the column {name}. Remove one.")
        found[name] = Mark(
            one.get("label", ""),
            one.get("description", ""),
            one.get("personal", None),
            one.get("hidden", False),
        )
    return found


def _warn_of_gone(entry: Entry, database: CustomerDatabase, run: Run) -> None:
    """A column may come back, and a file may be older than the customer database."""
    catalogue = stored_catalogue(database)
    for one in entry.get("columns", ()) if catalogue.tables else ():
        if catalogue.column(name := one.given["column"]) is None:
            run.warn(
                one.at("column"), f"There is no column {name} now. What is said of it waits until there is."
            )


def _problem(entry: Entry, error: DatabaseRefused) -> FileProblem:
    """The form has a field for each part of `orders`: orders_table."""
    first, _, rest = error.field.partition("_")
    path: tuple[str | int, ...] = ("orders", rest) if first == "orders" else (error.field,)
    if error.field.startswith("columns."):
        names = [one.given["column"] for one in entry.given["columns"]]
        path = ("columns", names.index(error.field.removeprefix("columns.")), "column")
    return entry.node.at(path).problem(error.message)
