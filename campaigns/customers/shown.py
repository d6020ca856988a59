"""A customer database as pages show it: its URL without secrets, what changed in it, and what uses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from campaigns.customers.catalogue import Catalogue
from campaigns.customers.contacts import has_column
from campaigns.customers.models import CustomerDatabase

if TYPE_CHECKING:
    from campaigns.segments.models import Segment


def has_secret(url: str) -> bool:
    return shown_url(url) != url


def shown_url(url: str) -> str:
    """Without user, password and options: postgres://db.example.com/shop."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "…"
    if "://" not in url:
        return url
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


@dataclass(frozen=True)
class Difference:
    """What a catalogue has that an earlier one had not, "table" or "table.column"."""

    came: tuple[str, ...]
    went: tuple[str, ...]
    changed_type: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.came or self.went or self.changed_type)


def difference(before: Catalogue, after: Catalogue) -> Difference:
    old, new = _types(before), _types(after)
    return Difference(
        came=tuple(sorted(set(new) - set(old))),
        went=tuple(sorted(set(old) - set(new))),
        changed_type=tuple(sorted(name for name in set(old) & set(new) if old[name] != new[name])),
    )


def _types(catalogue: Catalogue) -> dict[str, str]:
    return {
        f"{table.name}.{column.name}": column.type for table in catalogue.tables for column in table.columns
    }


def broken_segments(database: CustomerDatabase, catalogue: Catalogue) -> list[Segment]:
    """Those that name a column which the catalogue lacks."""
    return [
        segment
        for segment in database.segments.filter(archived_at=None)
        if any(not has_column(catalogue, column) for column in _columns_in(segment.rules))
    ]


def _columns_in(rules: Any) -> Iterator[str]:
    """The columns that stored rules name, "table.column", at any depth."""
    if isinstance(rules, Mapping):
        for key, value in rules.items():
            if key in ("attribute", "of", "ordered_by") and isinstance(value, str):
                yield value
            else:
                yield from _columns_in(value)
    elif isinstance(rules, Sequence) and not isinstance(rules, str):
        for item in rules:
            yield from _columns_in(item)


def used_by(database: CustomerDatabase) -> list[str]:
    """The names of the segments and campaigns that would be lost with it."""
    campaigns = database.campaigns.filter(archived_at=None).order_by("name").values_list("name", flat=True)
    segments = database.segments.filter(archived_at=None).order_by("name").values_list("name", flat=True)
    return [*campaigns, *segments]
