"""Segments and uploaded lists that the editor's rules name: by what was typed, and by their ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from campaigns.customers.catalogue import Catalogue
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.models import Segment
from campaigns.segments.rules import ids_in
from campaigns.segments.tree import Branch, Kind, Row, items
from campaigns.segments.uploaded.models import UploadedList
from campaigns.segments.words import Names

One = TypeVar("One", Segment, UploadedList)
# What is named, by its kind and its id.
Named = Mapping[tuple[Kind, int], Segment | UploadedList]


def look_up(branch: Branch, database: CustomerDatabase) -> tuple[Branch, Named]:
    """The tree with the id of each name that was typed, and what it names; one query for each kind that it has."""
    rows = [item for _, item in items(branch) if isinstance(item, Row)]
    found: dict[tuple[Kind, int], Segment | UploadedList] = {}
    found |= {("segment", one.pk): one for one in _of("segment", rows, database.segments.defer("rules"))}
    found |= {
        ("list", one.pk): one
        for one in _of("list", rows, UploadedList.objects.filter(customer_database=database))
    }
    by_name = {(kind, str(one)): pk for (kind, pk), one in found.items() if one.archived_at is None}
    return _resolved(branch, found, by_name), found


def _of(kind: Kind, rows: list[Row], among: QuerySet[One]) -> list[One]:
    ids = {row.named for row in rows if row.kind == kind and row.named}
    ids |= {pk for row in rows if row.kind == "kept" for pk in ids_in(row.data, kind)}
    typed = {row.typed for row in rows if row.kind == kind and row.typed}
    if not ids and not typed:
        return []
    return list(among.filter(Q(pk__in=ids) | Q(archived_at=None, name__in=typed)))


def names(named: Named, kind: Kind) -> dict[int, str]:
    return {pk: str(one) for (of, pk), one in named.items() if of == kind}


def stored_names(rules: Any, catalogue: Catalogue) -> Names:
    """For what stored rules name, or anything that holds some; two queries."""
    segments = Segment.objects.filter(pk__in=ids_in(rules))
    lists = UploadedList.objects.filter(pk__in=ids_in(rules, "list"))
    return Names(
        dict(segments.values_list("pk", "name")), dict(lists.values_list("pk", "name")), catalogue.read_as
    )


def _resolved(branch: Branch, found: Named, by_name: Mapping[tuple[Kind, str], int]) -> Branch:
    def resolve(item: Branch | Row) -> Branch | Row:
        if isinstance(item, Branch):
            return _resolved(item, found, by_name)
        one = found.get((item.kind, item.named or 0))
        name = str(one) if one is not None else ""
        if name and item.typed in ("", name):
            return replace(item, typed=name)
        return replace(item, named=by_name.get((item.kind, item.typed))) if item.typed else item

    return replace(branch, rules=tuple(resolve(item) for item in branch.rules))
