"""The daily count: each offered segment, once a day of its own time zone. Safe to run twice, and many at once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import models

from campaigns.customers.connection import CustomerDatabaseError, QueryStopped, open_database
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.about.sizes import keep_daily, local_day
from campaigns.segments.contexts import counting_context
from campaigns.segments.models import Segment, SizeCounting
from campaigns.segments.rules import Group, RuleError, load
from campaigns.segments.sizing import with_everybody
from config import clock

if TYPE_CHECKING:
    from campaigns.customers.connection import Connection
    from campaigns.segments.compile import Context

logger = logging.getLogger(__name__)
# Who counts has so long; what failed is tried again after as long.
LEASE = timedelta(hours=1)
LONGEST_SECONDS = 1800.0
MOST_AT_ONCE = 40
Rules = Mapping[int, tuple[Group, ZoneInfo]]


def count_due() -> int:
    """Count the segments that have no number of their day yet; how many were counted."""
    wanted = {one.customer_database_id for one in _due(Segment.objects.all())}
    databases = CustomerDatabase.objects.filter(pk__in=wanted).order_by("pk")
    return sum(_count(one) for one in databases if _take(one))


def _due(segments: models.QuerySet[Segment]) -> list[Segment]:
    """Without their rules: this is asked all the time, and mostly nothing is due."""
    now = clock.now()
    offered = segments.filter(archived_at=None, disabled_at=None, customer_database__archived_at=None)
    daily = models.Max("sizes__day", filter=models.Q(sizes__launch=None))
    found = offered.defer("rules").annotate(counted=daily).order_by("pk")
    return [one for one in found if one.counted is None or one.counted < local_day(now, one.time_zone)]


def _take(database: CustomerDatabase) -> bool:
    """Whether nobody else counts there, or failed a moment ago."""
    SizeCounting.objects.get_or_create(customer_database=database)
    now = clock.now()
    rows = SizeCounting.objects.filter(customer_database=database, not_before__lte=now)
    return bool(rows.update(not_before=now + LEASE))


def _count(database: CustomerDatabase) -> int:
    at = clock.now()
    segments = _due(database.segments.all())  # anew: whoever was here before may have just ended
    known = dict(_readable(database.segments.all()))
    wanted = {one.pk: known[one.pk] for one in segments if one.pk in known}
    sizes: dict[int, int] = {}
    everybody = 0
    try:
        with open_database(database) as connection, connection.limited(LONGEST_SECONDS):
            connection.lock()
            context = counting_context(connection, database, at, known)
            if connection.duckdb is not None:
                _, context = with_everybody(connection, context)
            fitting = {pk: one for pk, one in wanted.items() if _fits(pk, context, *one)}
            for some in _pieces(fitting):
                counted, found = _sizes(connection, context, some)
                everybody, sizes = max(everybody, counted), sizes | found
    except (CustomerDatabaseError, RuleError) as error:
        logger.warning("The daily count of customer database %s broke off: %s", database.pk, error.message)
    keep_daily(segments, sizes, everybody, at)
    if len(sizes) == len(segments):
        SizeCounting.objects.filter(customer_database=database).update(not_before=clock.now())
    return len(sizes)


def _readable(segments: Iterable[Segment]) -> Iterator[tuple[int, tuple[Group, ZoneInfo]]]:
    for one in segments:
        try:
            yield one.pk, (load(one.rules), ZoneInfo(one.time_zone))
        except RuleError as error:
            logger.info("The rules of segment %s cannot be read: %s", one.pk, error.message)


def _fits(pk: int, context: Context, group: Group, zone: ZoneInfo) -> bool:
    from campaigns.segments.compile import members

    try:
        members(group, zone, context)
    except (RuleError, CustomerDatabaseError) as error:
        logger.info("Segment %s is not counted: %s", pk, error.message)
        return False
    return True


def _pieces(rules: Rules) -> Iterator[Rules]:
    pks = list(rules)
    for start in range(0, len(pks), MOST_AT_ONCE):
        yield {pk: rules[pk] for pk in pks[start : start + MOST_AT_ONCE]}


def _sizes(connection: Connection, context: Context, rules: Rules) -> tuple[int, dict[int, int]]:
    """Everybody, and the members of each, in one pass; where that fails, of each by itself that can be counted."""
    from campaigns.segments.compile import flags

    try:
        found = flags(context, {f"segment_{pk}": one for pk, one in rules.items()})
        sums = {f"segment_{pk}": found[f"segment_{pk}"].sum() for pk in rules}
        row = connection.row(found.aggregate(everybody=found.count(), **sums))
    except QueryStopped:
        raise
    except CustomerDatabaseError as error:
        if len(rules) == 1:
            logger.info("Segment %s is not counted: %s", *rules, error.message)
            return 0, {}
        singly = [_sizes(connection, context, {pk: one}) for pk, one in rules.items()]
        return max(everybody for everybody, _ in singly), {
            pk: n for _, found in singly for pk, n in found.items()
        }
    return int(row["everybody"]), {pk: int(row[f"segment_{pk}"] or 0) for pk in rules}
