"""Who is left: how many customers an audience has while it is edited."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.core.cache import cache

from campaigns.customers.models import CustomerDatabase
from campaigns.planning.plain import Draft
from campaigns.segments.models import Segment
from destinations.kind import Identifier

KEPT_SECONDS = 300


@dataclass(frozen=True)
class Excluded:
    segment: str
    customers: int


@dataclass(frozen=True)
class Column:
    """A column that feeds destinations, "merged_customers.email"."""

    path: str
    identifier: Identifier


@dataclass(frozen=True)
class Headcount:
    """Considered = excluded + audience. `sub_audiences` in their order, as a launch would fill them.

    `usable`: for each sub-audience its usable values by column, the rows if all were sent; without `is_checked`
    (engines that cannot tell) those that are not empty.
    """

    considered: int
    excluded: tuple[Excluded, ...]  # each customer at the first segment that applies
    audience: int
    sub_audiences: tuple[int, ...]
    no_sub_audience: int
    counted_at: datetime
    everybody: int | None = None
    segments: Mapping[int, int] = field(default_factory=dict)  # members by id
    usable: tuple[Mapping[Column, int], ...] = ()
    is_checked: bool = True

    def usable_in(self, index: int, column: Column) -> int | None:
        return self.usable[index].get(column) if index < len(self.usable) else None


def dealt(customers: int | None, shares: Sequence[Decimal | None]) -> list[int | None]:
    """About how many customers each share is; they sum to the whole where the shares sum to 100."""
    if customers is None or None in shares:
        return [None] * len(shares)
    exact = [Decimal(customers) * (share or 0) / 100 for share in shares]
    whole = [int(value.to_integral_value(ROUND_FLOOR)) for value in exact]
    left = int(sum(exact)) - sum(whole)
    for index in sorted(range(len(exact)), key=lambda i: whole[i] - exact[i])[: max(left, 0)]:
        whole[index] += 1
    return list(whole)


def key_of(draft: Draft, columns: Sequence[Column]) -> str:
    """Equal for drafts that count the same people and values: names and shares play no part.

    A changed segment or customer database counts anew, and so does a catalogue that was read again.
    """
    database = CustomerDatabase.objects.filter(pk=draft.customer_database or 0).first()
    segments = Segment.objects.filter(customer_database=draft.customer_database or 0)
    counted: list[Any] = [
        [
            draft.customer_database,
            database.version if database else 0,
            database.suppression_id if database else 0,
            database.catalogue_read_at if database else None,
        ],
        [draft.include, draft.exclude, draft.assign_to_first_match_only, draft.time_zone],
        [[item.rules, item.segments, item.by_segments] for item in draft.sub_audiences],
        list(segments.order_by("pk").values_list("pk", "version")),
        sorted((column.path, column.identifier) for column in columns),
    ]
    digest = hashlib.sha256(json.dumps(counted, sort_keys=True, default=str).encode()).hexdigest()
    return f"headcount:{digest}"


def remembered(draft: Draft, columns: Sequence[Column] = ()) -> Headcount | None:
    """The count of these people in the last minutes, if there was one."""
    found = cache.get(key_of(draft, columns))
    return found if isinstance(found, Headcount) else None


def remember(draft: Draft, headcount: Headcount, columns: Sequence[Column] = ()) -> None:
    cache.set(key_of(draft, columns), headcount, KEPT_SECONDS)
