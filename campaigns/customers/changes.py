"""What the last reading that found something new found, and whom it touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.customers.models import CustomerDatabase
from campaigns.customers.shown import Difference
from campaigns.customers.uses import Use, users

MOST_SHOWN = 20  # of what came, of what went, …; what is in use is always shown


@dataclass(frozen=True)
class Changed:
    """A table or a "table.column", and the segments and campaigns that read it."""

    name: str
    uses: Sequence[Use]


@dataclass(frozen=True)
class Part:
    """All to which the same happened; `more`: how many are not listed."""

    verb: str
    changed: Sequence[Changed]
    more: int


@dataclass(frozen=True)
class Changes:
    read_at: datetime
    parts: Sequence[Part]


def changes_of(database: CustomerDatabase) -> Changes | None:
    """None where every reading found the same."""
    if not database.catalogue_changes:
        return None
    found = Difference.from_json(database.catalogue_changes)
    by_name = users(database, [name for _, names in found.parts for name in names])
    parts = [_part(verb, names, by_name) for verb, names in found.parts]
    return Changes(datetime.fromisoformat(database.catalogue_changes["read_at"]), parts)


def _part(verb: str, names: Sequence[str], by_name: Mapping[str, Sequence[Use]]) -> Part:
    """Those in use first, and all of them."""
    changed = sorted(
        (Changed(name, by_name.get(name.lower(), ())) for name in names), key=lambda one: not one.uses
    )
    shown = max(MOST_SHOWN, sum(bool(one.uses) for one in changed))
    return Part(verb, changed[:shown], max(len(changed) - shown, 0))
