"""Rows of a customer database, streamed through DuckDB: its own, or one beside it that the rows flow into."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from campaigns.customers.connection import Connection, CustomerDatabaseError
from config.own_duckdb import open_duckdb

if TYPE_CHECKING:
    import duckdb
    import pyarrow

logger = logging.getLogger(__name__)
BROKEN = "The customer database stopped answering while its rows were read. Try again in a moment."


def streamed(
    connection: Connection, expression: Any, statement: Callable[[str], str], rows: int
) -> Iterator[pyarrow.RecordBatch]:
    """What DuckDB makes of an expression's rows, in batches of `rows` at most; never all of them at once.

    `statement` gives the SQL, told what to select from, which it may do once. Raises CustomerDatabaseError.
    """
    import duckdb

    try:
        with _relation(connection, expression) as (engine, relation):
            yield from engine.execute(statement(relation)).to_arrow_reader(rows)
    except duckdb.Error as error:
        # Its own words may quote a value.
        logger.info("Reading rows failed: %s", type(error).__name__)
        raise CustomerDatabaseError(BROKEN) from None


@contextmanager
def _relation(connection: Connection, expression: Any) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    if connection.duckdb is not None:
        yield connection.duckdb, f"({connection.sql(expression)})"
        return
    with open_duckdb() as engine:
        engine.register("streamed", connection.batches(expression))
        yield engine, "streamed"
