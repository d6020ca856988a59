"""How many customers rules match, while they are edited, and what those customers are like."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache

from campaigns.customers.connection import CustomerDatabaseError, QueryStopped, open_database
from campaigns.customers.failures import Told
from campaigns.segments.contexts import counting_context
from campaigns.segments.models import Segment
from campaigns.segments.nesting import with_all_inside
from campaigns.segments.rules import Comparison, Condition, Group, Node, RuleError, segment_ids, to_data
from config import clock

if TYPE_CHECKING:
    from campaigns.customers.connection import Connection
    from campaigns.customers.models import CustomerDatabase
    from campaigns.segments.compile import Context

KEPT_SECONDS = 300


class SizeUnknown(Told):
    """There is no size, and why."""


@dataclass(frozen=True)
class Size:
    customers: int
    everybody: int
    counted_at: datetime

    @property
    def fraction(self) -> float:
        return self.customers / self.everybody if self.everybody else 0.0


@dataclass(frozen=True)
class Hits:
    """What one rule matches by itself, and how many customers have no value there (None: it does not matter)."""

    customers: int
    empty: int | None = None


def size(database: CustomerDatabase, group: Group | None, zone: ZoneInfo, stop: Event | None = None) -> Size:
    """Members of `group` (None: without rules, everybody). Raises SizeUnknown, also after COUNT_SECONDS."""
    with opened(database, [group] if group else [], stop) as (connection, context):
        from campaigns.segments.compile import members

        all_customers, context = with_everybody(connection, context)
        found = _count(connection, members(group, zone, context)) if group else all_customers
    return Size(found, all_customers, clock.now())


def hits(
    database: CustomerDatabase,
    nodes: Mapping[str, Node],
    zone: ZoneInfo,
    *,
    with_empty: Sequence[str] = (),
    stop: Event | None = None,
) -> dict[str, Hits]:
    """What each rule matches alone, by its place, in one pass over everybody. Raises SizeUnknown.

    `with_empty`: the places of conditions whose empty values are counted beside.
    """
    if not nodes:
        return {}
    groups = {f"hit_{number}": Group("all", (node,)) for number, node in enumerate(nodes.values())}
    numbers = {place: number for number, place in enumerate(nodes)}
    for place in with_empty:
        groups[f"empty_{numbers[place]}"] = Group("all", (_is_empty(nodes[place]),))
    with opened(database, list(groups.values()), stop) as (connection, context):
        from campaigns.segments.compile import flags

        found = flags(context, {name: (group, zone) for name, group in groups.items()})
        row = connection.row(found.aggregate(**{name: found[name].sum() for name in groups}))
    return {
        place: Hits(
            int(row[f"hit_{number}"] or 0),
            int(row[f"empty_{number}"] or 0) if f"empty_{number}" in row else None,
        )
        for place, number in numbers.items()
    }


def _is_empty(node: Node) -> Condition:
    assert isinstance(node, Condition)
    return Condition(node.attribute, Comparison("empty", True))


def with_everybody(connection: Connection, context: Context) -> tuple[int, Context]:
    """How many they are, and the context that knows whether a row of the profile table is without a key.

    With it a count need not read the keys.
    """
    from campaigns.segments.compile import everybody

    profile = context.catalogue.profile_table
    if not profile:
        return _count(connection, everybody(context)), context
    complete = replace(context, complete=frozenset({profile}))
    rows = everybody(complete)
    # A Parquet file's own statistics answer this.
    row = connection.row(rows.aggregate(rows=rows.count(), keys=rows.customer_key.count()))
    return int(row["keys"]), complete if row["rows"] == row["keys"] else context


def _count(connection: Connection, expression: Any) -> int:
    return int(connection.row(expression.aggregate(found=expression.count()))["found"])


@contextmanager
def opened(
    database: CustomerDatabase,
    groups: Sequence[Group],
    stop: Event | None = None,
    *,
    seconds: float | None = None,
) -> Iterator[tuple[Connection, Context]]:
    """The customer database and what rules are compiled against, until `stop` is set.

    For `seconds` at most, COUNT_SECONDS if left out.

    Whatever goes wrong inside is raised as SizeUnknown.
    """
    longest = settings.COUNT_SECONDS if seconds is None else seconds
    with told(longest, stop):
        inside = with_all_inside({pk for group in groups for pk in segment_ids(group)})
        with open_database(database) as connection, connection.limited(longest, stop):
            connection.lock()
            yield connection, counting_context(connection, database, clock.now(), inside)


@contextmanager
def told(longest: float, stop: Event | None = None) -> Iterator[None]:
    """Raises whatever goes wrong with a customer database as SizeUnknown. `longest`: the seconds it had."""
    try:
        yield
    except QueryStopped as error:
        if stop is not None and stop.is_set():
            raise SizeUnknown("The rules changed while this was counted. Count again.") from error
        raise SizeUnknown(
            f"Counting took longer than {longest:.0f} seconds and was stopped. "
            "A launch takes the time it needs."
        ) from error
    except CustomerDatabaseError as error:
        raise SizeUnknown(error.message, error.detail) from error
    except RuleError as error:
        raise SizeUnknown(error.message) from error


# Sizes that were counted a moment ago ----------------------------------------------------------------------


def remembered(database: CustomerDatabase, group: Group | None, zone: ZoneInfo) -> Size | None:
    """The size of these rules, if it was counted in the last minutes."""
    found = cache.get(_cache_key(database, group, zone))
    return found if isinstance(found, Size) else None


def remember(database: CustomerDatabase, group: Group | None, zone: ZoneInfo, counted: Size) -> None:
    cache.set(_cache_key(database, group, zone), counted, KEPT_SECONDS)


def _cache_key(database: CustomerDatabase, group: Group | None, zone: ZoneInfo) -> str:
    inside = with_all_inside(segment_ids(group)) if group else {}
    counted = [
        [database.pk, database.version, str(database.catalogue_read_at)],
        [to_data(group) if group else None, zone.key],
        [[pk, to_data(rules), inner.key] for pk, (rules, inner) in sorted(inside.items())],
    ]
    return f"size:{hashlib.sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()}"


def store_size(segment: Segment, counted: Size) -> None:
    """Keep it for lists; not an edit."""
    Segment.objects.filter(pk=segment.pk).update(size=counted.customers, size_counted_at=counted.counted_at)
