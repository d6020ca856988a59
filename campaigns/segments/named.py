"""Segments that the editor's rules name: by what was typed, and by their ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.db.models import Q

from campaigns.customers.models import CustomerDatabase
from campaigns.segments.models import Segment
from campaigns.segments.rules import ids_in
from campaigns.segments.tree import Branch, Row, items

Named = Mapping[int, Segment]


def look_up(branch: Branch, database: CustomerDatabase) -> tuple[Branch, Named]:
    """The tree with the id of each name that was typed, and what it names; one query, or none."""
    rows = [item for _, item in items(branch) if isinstance(item, Row)]
    ids = {row.named for row in rows if row.kind == "segment" and row.named}
    ids |= {pk for row in rows if row.kind == "kept" for pk in ids_in(row.data)}
    typed = {row.typed for row in rows if row.kind == "segment" and row.typed}
    if not ids and not typed:
        return branch, {}
    wanted = Q(pk__in=ids) | Q(archived_at=None, name__in=typed)
    found = {one.pk: one for one in database.segments.filter(wanted).defer("rules")}
    by_name = {one.name: one.pk for one in found.values() if one.archived_at is None}
    return _resolved(branch, found, by_name), found


def _resolved(branch: Branch, found: Named, by_name: Mapping[str, int]) -> Branch:
    def resolve(item: Branch | Row) -> Branch | Row:
        if isinstance(item, Branch):
            return _resolved(item, found, by_name)
        if item.kind != "segment":
            return item
        one = found.get(item.named or 0)
        name = str(one) if one is not None else ""
        if name and item.typed in ("", name):
            return replace(item, typed=name)
        return replace(item, named=by_name.get(item.typed)) if item.typed else item

    return replace(branch, rules=tuple(resolve(item) for item in branch.rules))
