"""What reads from a customer database, and which of it no longer fits. Known through reverse relations alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.customers.catalogue import Catalogue
from campaigns.customers.connection import engine_of
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.queried import Queried, read_by


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

    def names(self, wanted: str) -> bool:
        """A "table.column"."""
        return f"{self.table}.{self.column}" == wanted

    def paths(self) -> list[str]:
        """The table, and the "table.column" where it names one."""
        return [self.table, *([f"{self.table}.{self.column}"] if self.column else [])]


def uses_of(database: CustomerDatabase) -> list[Use]:
    """The campaigns and segments, not archived, that would be lost with it."""
    campaigns = database.campaigns.filter(archived_at=None).order_by("name")
    segments = database.segments.filter(archived_at=None).order_by("name")
    return [
        *(Use("campaign", one.pk, one.name) for one in campaigns),
        *(Use("segment", one.pk, one.name) for one in segments),
    ]


def broken(database: CustomerDatabase, catalogue: Catalogue) -> list[Use]:
    """Those whose rules name what the catalogue no longer has."""
    return [
        use
        for use, rules in _rules(database)
        if any(not one.fits(catalogue) for one in _named(rules, database))
    ]


def naming(database: CustomerDatabase, columns: Iterable[str]) -> list[Use]:
    """Those whose rules name one of these ("table.column")."""
    wanted = set(columns)
    return [
        use
        for use, rules in _rules(database)
        if any(one.names(column) for one in _named(rules, database) for column in wanted)
    ]


def users(database: CustomerDatabase) -> dict[str, list[Use]]:
    """Who reads each table and each "table.column", in lower case: by rules, or as a campaign's identifier."""
    found: dict[str, list[Use]] = {}
    for use, rules in _rules(database):
        _note(found, use, [path for one in _named(rules, database) for path in one.paths()])
    campaigns = database.campaigns.filter(archived_at=None).order_by("name").prefetch_related("attributes")
    for campaign in campaigns:
        _note(
            found,
            Use("campaign", campaign.pk, campaign.name),
            [one.column for one in campaign.attributes.all()],
        )
    return found


def _note(found: dict[str, list[Use]], use: Use, names: Iterable[str]) -> None:
    for name in names:
        if use not in (uses := found.setdefault(name.lower(), [])):
            uses.append(use)


def _rules(database: CustomerDatabase) -> list[tuple[Use, Any]]:
    """Each segment's rules, and each campaign's by all its sub-audiences."""
    segments = database.segments.filter(archived_at=None).order_by("name")
    campaigns = database.campaigns.filter(archived_at=None).order_by("name").prefetch_related("sub_audiences")
    found = [(Use("campaign", one.pk, one.name), _sub_audiences(one)) for one in campaigns]
    return found + [(Use("segment", one.pk, one.name), one.rules) for one in segments]


def _named(rules: Any, database: CustomerDatabase) -> list[Named | Queried]:
    """All that stored rules name, and what a query among them reads."""
    return [*named_in(rules), *_queried(rules, database)]


def _queried(rules: Any, database: CustomerDatabase) -> list[Queried]:
    """What a segment that is a query reads; nothing for rules."""
    group = rules.get("rules", {}) if isinstance(rules, Mapping) else {}
    texts = [one["sql"] for one in group.get("all", ()) if isinstance(one.get("sql"), str)]
    found = (read_by(sql, engine_of(database.url)) for sql in texts)
    return [one for one in found if one is not None]


def _sub_audiences(campaign: Any) -> list[Any]:
    return [one.rules for one in campaign.sub_audiences.all() if one.removed_at is None]


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
