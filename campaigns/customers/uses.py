"""What reads from a customer database, and which of it no longer fits. Known through reverse relations alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.customers.catalogue import Catalogue
from campaigns.customers.connection import engine_of
from campaigns.customers.mentions import has_query, names_in, texts
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.queried import Queried, read_by

MOST_SHOWN = 5  # of campaigns, and of segments


@dataclass(frozen=True)
class Use:
    """A campaign or a segment; `kind` is also the name of its page's URL."""

    kind: str
    pk: int
    name: str


@dataclass(frozen=True)
class Named:
    """A table, or a column of it, that rules name; `in_rows`: where several rows of a customer are looked at."""

    table: str
    column: str
    in_rows: bool

    def fits(self, catalogue: Catalogue) -> bool:
        table = catalogue.table(self.table)
        if table is None or (table.many and not self.in_rows):
            return False
        return not self.column or table.column(self.column) is not None


@dataclass(frozen=True)
class Uses:
    """How many campaigns and segments there are, and the first of them."""

    campaigns: int
    segments: int
    shown: Sequence[Use]

    def __bool__(self) -> bool:
        return bool(self.campaigns or self.segments)

    @property
    def more(self) -> int:
        return self.campaigns + self.segments - len(self.shown)


def uses_of(database: CustomerDatabase) -> Uses:
    """The campaigns and segments, not archived, that would be lost with it."""
    campaigns = database.campaigns.filter(archived_at=None)
    segments = database.segments.filter(archived_at=None)
    shown = [
        Use(kind, pk, name)
        for kind, rows in (("campaign", campaigns), ("segment", segments))
        for pk, name in rows.order_by("name").values_list("pk", "name")[:MOST_SHOWN]
    ]
    return Uses(campaigns.count(), segments.count(), shown)


def fits(rules: Any, database: CustomerDatabase, catalogue: Catalogue) -> bool:
    """Whether the catalogue has all that stored rules name."""
    return all(one.fits(catalogue) for one in _named(rules, database))


def broken(database: CustomerDatabase, catalogue: Catalogue) -> list[Use]:
    """Those whose rules name what the catalogue no longer has."""
    single = {table.name for table in catalogue.tables if not table.many}
    surely = {(table.name, column.name) for table in catalogue.tables for column in table.columns}
    surely = {one for one in surely if one[0] in single} | {(table.name, "") for table in catalogue.tables}
    return _each(
        use
        for use, text in _texts(database)
        # What depends on where in the rules it stands, or stands in SQL, takes a closer look.
        if (has_query(text) or not names_in(text) <= surely)
        and not fits(json.loads(text), database, catalogue)
    )


def naming(database: CustomerDatabase, columns: Iterable[str]) -> list[Use]:
    """Those whose rules name one of these ("table.column")."""
    wanted = {(table, column) for table, _, column in (one.rpartition(".") for one in columns)}
    if not wanted:
        return []
    return _each(
        use
        for use, text in _texts(database)
        if not wanted.isdisjoint(names_in(text))
        or any(one.names(".".join(path)) for one in _queried(text, database) for path in wanted)
    )


def users(database: CustomerDatabase, names: Iterable[str]) -> dict[str, list[Use]]:
    """Who reads each of these tables and "table.column", in lower case: by rules, or as a campaign's identifier."""
    found: dict[str, dict[Use, None]] = {name.lower(): {} for name in names}
    for use, text in _texts(database):
        for name in _paths(text, database) & found.keys():
            found[name][use] = None
    identifiers = database.campaigns.filter(archived_at=None, attributes__isnull=False).order_by("name")
    for pk, name, column in identifiers.values_list("pk", "name", "attributes__column"):
        found.get(column.lower(), {})[Use("campaign", pk, name)] = None
    return {name: list(uses) for name, uses in found.items()}


def _paths(text: str, database: CustomerDatabase) -> set[str]:
    """What rules name, in lower case: each table, and each "table.column"."""
    found = {table.lower() for table, _ in names_in(text)}
    found |= {f"{table}.{column}".lower() for table, column in names_in(text)}
    return found.union(*(one.paths() for one in _queried(text, database)))


def _each(uses: Iterable[Use]) -> list[Use]:
    """A campaign has the rules of several sub-audiences."""
    return list(dict.fromkeys(uses))


def _texts(database: CustomerDatabase) -> Iterator[tuple[Use, str]]:
    """The rules of each segment, and of each sub-audience of a campaign, as text."""
    campaigns = CustomerDatabase.objects.filter(
        pk=database.pk, campaigns__archived_at=None, campaigns__sub_audiences__removed_at=None
    ).order_by("campaigns__name")
    way = "campaigns__sub_audiences__rules"
    for pk, name, text in texts(campaigns, way, "campaigns__pk", "campaigns__name"):
        yield Use("campaign", pk, name), text
    segments = database.segments.filter(archived_at=None).order_by("name")
    for pk, name, text in texts(segments, "rules", "pk", "name"):
        yield Use("segment", pk, name), text


def _named(rules: Any, database: CustomerDatabase) -> list[Named | Queried]:
    """All that stored rules name, and what a query among them reads."""
    return [*named_in(rules), *_queries_in(rules, database)]


def _queried(text: str, database: CustomerDatabase) -> list[Queried]:
    return _queries_in(json.loads(text), database) if has_query(text) else []


def _queries_in(rules: Any, database: CustomerDatabase) -> list[Queried]:
    """What a segment that is a query reads; nothing for rules."""
    group = rules.get("rules", {}) if isinstance(rules, Mapping) else {}
    queries = [one["sql"] for one in group.get("all", ()) if isinstance(one.get("sql"), str)]
    found = (read_by(sql, engine_of(database.url)) for sql in queries)
    return [one for one in found if one is not None]


def named_in(rules: Any, *, in_rows: bool = False) -> Iterator[Named]:
    """What stored rules name, at any depth."""
    if isinstance(rules, Mapping):
        if isinstance(rules.get("rows"), str):
            in_rows = True
            yield Named(rules["rows"], "", in_rows)
        for key, value in rules.items():
            if key in ("attribute", "of", "ordered_by") and isinstance(value, str):
                table, _, column = value.rpartition(".")
                yield Named(table, column, in_rows)
            else:
                yield from named_in(value, in_rows=in_rows)
    elif isinstance(rules, Sequence) and not isinstance(rules, str):
        for item in rules:
            yield from named_in(item, in_rows=in_rows)
