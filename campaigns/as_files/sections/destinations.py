"""Destinations in files, with their default attributes. What is new or changed is connected to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from campaigns.as_files.keys import Entry, source_or_text
from campaigns.as_files.section import Data, Run, Section, find
from campaigns.as_files.sections.credentials import refused
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.saving import DatabaseRefused, set_default_attribute
from destinations.checking import ACCEPT, FINGERPRINT
from destinations.models import Credential, Destination
from destinations.refusals import DestinationRefused
from destinations.saving import save_destination, set_enabled

# Stands for the key that the server will show, where nothing is connected to.
AS_SEEN = f"{FINGERPRINT} as the server shows it"
_PLAIN = ("name", "kind", "description", "operators_only", "open_without_personal_data")


class Destinations(Section[Destination]):
    key: ClassVar = "destinations"
    word: ClassVar = "destination"
    connects: ClassVar = True

    def all(self) -> models.QuerySet[Destination]:
        return Destination.objects.active().select_related("credential")

    def exported(self, one: Destination) -> Data:
        attributes = one.default_attributes.select_related("customer_database")
        attributes = attributes.filter(customer_database__archived_at=None)
        return {
            "id": one.pk,
            "name": one.name,
            "kind": one.kind,
            "description": one.description,
            "credential": str(one.credential),
            **({"host_key": one.host_key} if one.the_kind.has_host_key else {}),
            "operators_only": one.operators_only,
            "open_without_personal_data": one.open_without_personal_data,
            "disabled": one.disabled_at is not None,
            "settings": dict(one.settings),
            "default_attributes": [
                {"customer_database": str(attribute.customer_database), "identifier": attribute.column}
                for attribute in attributes
            ],
        }

    def store(self, entry: Entry, stored: Destination | None, run: Run, *, connect: bool) -> Destination:
        is_disabled = entry.get("disabled", stored is not None and stored.disabled_at is not None)
        asks = connect and not is_disabled
        try:
            one = save_destination(
                stored,
                _data(entry, run),
                None,
                check=asks,
                accept_host_key=_host_key(entry, stored, is_asked=connect),
            )
        except DestinationRefused as error:
            if error.field == "host_key" and not entry.has("host_key"):
                error.message = f"Add host_key: its fingerprint, or `{ACCEPT}` to pin what the server shows."
            raise refused(entry, error, "settings") from None
        if asks:
            run.connected.add(one.pk)
        set_enabled(one, None, is_enabled=not is_disabled)
        _set_default_attributes(entry, one)
        return one


def _data(entry: Entry, run: Run) -> dict[str, Any]:
    data: dict[str, Any] = {key: entry.given[key] for key in _PLAIN if entry.has(key)}
    if entry.has("credential"):
        data["credential"] = find(Credential.objects.active(), entry.given["credential"], "credential")
    data["settings"] = {
        name: run.read(source_or_text(node)) if isinstance(node.value, dict) else node.raw
        for name, node in entry.get("settings", {}).items()
    }
    return data


def _host_key(entry: Entry, stored: Destination | None, *, is_asked: bool) -> str:
    """What save_destination is to accept; without a connection nothing can be seen, and nothing is kept."""
    wanted: str = entry.get("host_key", "")
    has_pinned = stored is not None and bool(stored.host_key)
    return AS_SEEN if wanted == ACCEPT and not has_pinned and not is_asked else wanted


def _set_default_attributes(entry: Entry, destination: Destination) -> None:
    """The list that is given is the whole list."""
    if not entry.has("default_attributes"):
        return
    wanted = entry.given["default_attributes"]
    databases = [
        find(CustomerDatabase.objects.active(), one.given["customer_database"], "customer database")
        for one in wanted
    ]
    others = destination.default_attributes.filter(customer_database__archived_at=None)
    others.exclude(customer_database__in=databases).delete()
    for one, database in zip(wanted, databases, strict=True):
        try:
            set_default_attribute(destination, database, one.get("identifier", ""))
        except DatabaseRefused as error:
            raise one.at("identifier").problem(error.message) from None
