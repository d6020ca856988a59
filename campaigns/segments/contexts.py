"""What rules are compiled against, from an open customer database: its tables, queries and uploaded lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from campaigns.customers.catalogue import Catalogue
from campaigns.segments.rules import Group

if TYPE_CHECKING:
    from campaigns.customers.connection import Connection
    from campaigns.segments.compile import Context


def context_of(
    connection: Connection,
    catalogue: Catalogue,
    now: datetime,
    segments: Mapping[int, tuple[Group, ZoneInfo]],
) -> Context:
    # Imports Ibis, which most requests do without.
    from campaigns.segments.compile import Context

    return Context(connection.table, catalogue, now, segments, query=connection.query)
