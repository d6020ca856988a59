"""Credentials in files. A secret is always `{env: NAME}` or `{file: PATH}`, read when the file is applied."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from campaigns.as_files.difference import Change
from campaigns.as_files.keys import Entry, source, source_or_text
from campaigns.as_files.marks import FileProblem, Node
from campaigns.as_files.secret import Secret, proposed_name
from campaigns.as_files.section import Data, Run, Section
from destinations.checking import check_now
from destinations.kind import Kind
from destinations.kinds import KINDS
from destinations.models import Credential
from destinations.refusals import DestinationRefused
from destinations.saving import save_credential


class Credentials(Section[Credential]):
    key: ClassVar = "credentials"
    word: ClassVar = "credential"

    def all(self) -> models.QuerySet[Credential]:
        return Credential.objects.active()

    def exported(self, one: Credential) -> Data:
        secret = one.the_kind.secret_fields
        fields: Any = one.fields
        return {
            "id": one.pk,
            "name": one.name,
            "kind": one.kind,
            "description": one.description,
            "fields": {
                name: Secret(value, proposed_name(one.name, name)) if name in secret else value
                for name, value in fields.items()
                if value not in (None, "")
            },
        }

    def store(self, entry: Entry, stored: Credential | None, run: Run, *, connect: bool) -> Credential:
        kind = _kind(entry, stored)
        data: dict[str, Any] = {
            key: entry.given[key] for key in ("name", "kind", "description") if entry.has(key)
        }
        fields = {name: _value(kind, name, node, run) for name, node in entry.get("fields", {}).items()}
        try:
            # A login alone names no folder: it is tried with its destinations, once these are stored too.
            return save_credential(stored, {**data, "fields": fields}, None, check=False)
        except DestinationRefused as error:
            raise refused(entry, error, "fields") from None

    def finish(self, entry: Entry, change: Change, stored: Credential, run: Run) -> None:
        """A changed login has to work wherever it is used."""
        if not run.connects or change.is_new or not any(line.startswith("fields.") for line in change.lines):
            return
        for destination in stored.destinations.enabled().exclude(pk__in=run.connected):
            result, unaccepted = check_now(destination)
            if not result.ok or unaccepted:
                reason = (
                    result.message or f"The server shows the host key {unaccepted}, which nobody accepted."
                )
                raise entry.node.at(("fields", result.field)).problem(
                    f"“{destination}” cannot be reached with this login. {reason}"
                )


def _kind(entry: Entry, stored: Credential | None) -> Kind:
    name = entry.get("kind", stored.kind if stored is not None else "")
    if name not in KINDS:
        raise entry.at("kind").problem(f"The kind is one of {', '.join(KINDS)}.")
    return KINDS[name]


def _value(kind: Kind, name: str, node: Node, run: Run) -> str | None:
    """None forgets what is stored."""
    if node.value is None:
        return None
    return run.read(source(node) if name in kind.secret_fields else source_or_text(node))


def refused(entry: Entry, error: DestinationRefused, inner: str) -> FileProblem:
    """At the key that the refusal names: one of the entry's, or one of the kind's below `inner`."""
    path = (error.field,) if entry.has(error.field) else (inner, error.field)
    return entry.node.at(path).problem(error.message)
