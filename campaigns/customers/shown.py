"""A customer database as pages show it: its URL without secrets, and what changed in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from itertools import zip_longest
from typing import Any

from campaigns.customers.catalogue import Catalogue
from campaigns.customers.connection import FILES

HIDDEN = "…"
MOST_NAMES = 10


def has_secret(url: str) -> bool:
    return shown_url(url) != url


def shown_url(url: str) -> str:
    """Without user, password and options: postgres://db.example.com/shop.

    Nothing that may be a part of a password is shown: one may hold `/`, `?`, `#` and `@` as they are.
    """
    scheme, found, rest = url.partition("://")
    if not found:
        return url if url.startswith(FILES) or "@" not in url else HIDDEN
    place, _, options = rest.partition("?")
    return f"{scheme}://{HIDDEN if '@' in options else place.rpartition('@')[2]}"


@dataclass(frozen=True)
class Difference:
    """What a catalogue has that an earlier one had not: "table.column", and tables in `multiplied` and `single`.

    `types`: of each in `changed_type`, in words, from what to what; earlier Musters kept none.
    """

    came: tuple[str, ...]
    went: tuple[str, ...]
    changed_type: tuple[str, ...]
    multiplied: tuple[str, ...]
    single: tuple[str, ...]
    types: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return any(self.to_json().values())

    def to_json(self) -> dict[str, list[str]]:
        return {field.name: list(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Difference:
        return cls(**{field.name: tuple(data.get(field.name, ())) for field in fields(cls)})

    @property
    def parts(self) -> list[tuple[str, tuple[str, ...]]]:
        """What happened, and to which; what happened to none is left out."""
        all_parts = [
            ("went", self.went),
            *self._changed_types().items(),
            ("has several rows per customer now", self.multiplied),
            ("has one row per customer now", self.single),
            ("came", self.came),
        ]
        return [(verb, names) for verb, names in all_parts if names]

    def _changed_types(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for name, types in zip_longest(self.changed_type, self.types):
            verb = f"changed from {types}" if types else "changed type"
            found[verb] = (*found.get(verb, ()), name)
        return found

    def in_words(self) -> str:
        told = "; ".join(f"{listed(names)} {verb}" for verb, names in self.parts)
        return f"{told or 'Nothing has changed'}."


def difference(before: Catalogue, after: Catalogue) -> Difference:
    old, new = _types(before), _types(after)
    was, now = ({table.name: table.many for table in one.tables} for one in (before, after))
    both = sorted(set(was) & set(now))
    changed = tuple(sorted(name for name in set(old) & set(new) if old[name] != new[name]))
    return Difference(
        came=tuple(sorted(set(new) - set(old))),
        went=tuple(sorted(set(old) - set(new))),
        changed_type=changed,
        multiplied=tuple(name for name in both if now[name] and not was[name]),
        single=tuple(name for name in both if was[name] and not now[name]),
        types=tuple(f"{old[name]} to {new[name]}" for name in changed),
    )


def _types(catalogue: Catalogue) -> dict[str, str]:
    return {
        f"{table.name}.{column.name}": column.type_in_words
        for table in catalogue.tables
        for column in table.columns
    }


def listed(names: Iterable[str], most: int = MOST_NAMES, comma: str = ", ") -> str:
    """The first names, and how many more there are."""
    all_names = list(names)
    more = len(all_names) - most
    return comma.join(all_names[:most]) + (f" and {more} more" if more > 0 else "")
