"""The same tables on every engine that is there: a folder of Parquet files, PostgreSQL, Spark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from campaigns.customers.catalogue import Catalogue
from campaigns.customers.connection import Connection, open_database
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.reading import read
from tests.segments.awkward import Rows

# What a column is in Arrow, and in PostgreSQL.
KINDS = {
    "text": (pyarrow.string(), "text"),
    "integer": (pyarrow.int64(), "bigint"),
    "decimal": (pyarrow.decimal128(16, 2), "numeric(16, 2)"),
    "float": (pyarrow.float64(), "double precision"),
    "date": (pyarrow.date32(), "date"),
    "time": (pyarrow.timestamp("us"), "timestamp"),
    "instant": (pyarrow.timestamp("us", "UTC"), "timestamptz"),
    "boolean": (pyarrow.bool_(), "boolean"),
}
Tables = Mapping[str, Rows]


def arrow(table: Rows) -> pyarrow.Table:
    schema = pyarrow.schema([(name, KINDS[kind][0]) for name, kind in table.columns.items()])
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return pyarrow.Table.from_pylist(rows, schema)


def write_parquet(tables: Tables, folder: Path) -> None:
    for name, table in tables.items():
        pyarrow.parquet.write_table(arrow(table), folder / f"{name}.parquet")


def write_postgres(tables: Tables, url: str) -> None:
    """These tables instead of whatever is there."""
    import psycopg

    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        for name, table in tables.items():
            columns = ", ".join(f'"{column}" {KINDS[kind][1]}' for column, kind in table.columns.items())
            cursor.execute(f'CREATE TABLE "{name}" ({columns})')
            with cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
                for row in table.rows:
                    copy.write_row(row)


def _read(connection: Connection) -> tuple[Connection, Catalogue]:
    return connection, read(connection, "customer_id", "profiles", "")


@contextmanager
def on_url(url: str) -> Iterator[tuple[Connection, Catalogue]]:
    with open_database(CustomerDatabase(url=url, customer_key="customer_id")) as connection:
        yield _read(connection)


@contextmanager
def on_spark(folder: Path) -> Iterator[tuple[Connection, Catalogue]]:
    import ibis
    from pyspark.sql import SparkSession

    session: Any = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .getOrCreate()
    )
    try:
        for path in folder.glob("*.parquet"):
            session.read.parquet(str(path)).createOrReplaceTempView(path.stem)
        yield _read(Connection(ibis.pyspark.connect(session)))
    finally:
        session.stop()
