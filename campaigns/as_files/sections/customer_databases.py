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
        return self._save(entry, fields, stored, connect=connect)

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


def _problem(entry: Entry, error: DatabaseRefused) -> FileProblem:
    """The form has a field for each part of `orders`: orders_table."""
    first, _, rest = error.field.partition("_")
    path = ("orders", rest) if first == "orders" else (error.field,)
    return entry.node.at(path).problem(error.message)
