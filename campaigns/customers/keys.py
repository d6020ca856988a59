"""Keys that Muster brings beside a customer database's own tables: in memory, or as a temporary table there."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from campaigns.customers.connection import KEY, CustomerDatabaseError

if TYPE_CHECKING:
    import pyarrow

COPIED_ROWS = 100_000
NOT_ALLOWED = (
    "Muster's login at the customer database may make no temporary table, which uploaded lists need there."
    " Ask an operator to grant it TEMPORARY on the database."
)


def keys_table(backend: Any, table: pyarrow.Table) -> Any:
    """An Ibis table of a table with the one column `customer_key`. Raises CustomerDatabaseError."""
    name = f"uploaded_{uuid4().hex}"
    if backend.name == "duckdb":
        backend.con.register(name, table)
        return _named(backend, name)
    if backend.name == "postgres":
        _copy_to_postgres(backend.con, f"pg_temp.{name}", table)
        return _named(backend, f"pg_temp.{name}")
    import ibis

    return ibis.memtable(table)


def _named(backend: Any, name: str) -> Any:
    return backend.sql(f"SELECT {KEY} FROM {name}", schema={KEY: "string"})


def _copy_to_postgres(connection: Any, name: str, table: pyarrow.Table) -> None:
    """The one transaction of a session that may write, and only what is gone with the session."""
    import psycopg

    try:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ WRITE")
            cursor.execute(f"CREATE TEMPORARY TABLE {name} ({KEY} text NOT NULL)")
            _copy(cursor, name, table)
            cursor.execute(f"ANALYZE {name}")
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction) as error:
        raise CustomerDatabaseError(NOT_ALLOWED) from error


def _copy(cursor: Any, name: str, table: pyarrow.Table) -> None:
    from pyarrow import csv

    # Every text is in quotes, so that none of them is read as NULL or as the end of the data.
    options = csv.WriteOptions(include_header=False, quoting_style="all_valid")
    with cursor.copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy:
        for batch in table.to_batches(COPIED_ROWS):
            block = io.BytesIO()
            csv.write_csv(batch, block, options)
            copy.write(block.getvalue())
