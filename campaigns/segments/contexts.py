"""What rules are compiled against, from an open customer database: its tables, queries and uploaded lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from campaigns.customers.catalogue import Catalogue, Table, stored
from campaigns.customers.singles import doubled
from campaigns.segments.rules import Group, RuleError
from campaigns.segments.uploaded.keys import keys_of

if TYPE_CHECKING:
    from campaigns.customers.connection import Connection
    from campaigns.customers.models import CustomerDatabase
    from campaigns.segments.compile import Context


def context_of(
    connection: Connection,
    catalogue: Catalogue,
    now: datetime,
    segments: Mapping[int, tuple[Group, ZoneInfo]],
) -> Context:
    # Imports Ibis, which most requests do without.
    from campaigns.segments.compile import Context

    def query(sql: str) -> Any:
        from campaigns.segments.queries.checking import runnable
        from campaigns.segments.queries.parsing import QueryRefused

        # Again before every run: the tables or what is allowed may have changed since it was stored.
        try:
            return connection.query(runnable(sql, connection.dialect, catalogue))
        except QueryRefused as refused:
            raise RuleError(f"A query can no longer be used. {refused.problems[0].text}") from refused

    keys = partial(keys_of, connection)
    return Context(connection.table, catalogue, now, segments, query=query, keys=keys)


def counting_context(
    connection: Connection,
    database: CustomerDatabase,
    now: datetime,
    segments: Mapping[int, tuple[Group, ZoneInfo]],
) -> Context:
    """One that refuses a table in which customers are double by now: nobody is counted or shown twice."""
    catalogue = stored(database)

    def single(known: Table) -> None:
        if sentence := doubled(connection, database, catalogue, known):
            raise RuleError(sentence)

    return replace(context_of(connection, catalogue, now, segments), single=single)
