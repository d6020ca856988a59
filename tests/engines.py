"""The customers of tests/base.py in other engines than DuckDB."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb

from tests.base import CONTACTS, CUSTOMERS, ORDERS

TABLES = {"customer_360": CUSTOMERS, "merged_customers": CONTACTS, "orders": ORDERS}
SQLITE_TYPES = {"DOUBLE": "REAL", "DATE": "DATE", "TIMESTAMP": "TIMESTAMP", "BOOLEAN": "BOOLEAN"}


def in_sqlite(folder: Path) -> str:
    """The URL of a SQLite file with them."""
    path = folder / "customers.sqlite"
    with sqlite3.connect(path) as target, duckdb.connect() as source:
        for name, query in TABLES.items():
            columns = source.execute(f"DESCRIBE {query}").fetchall()
            types = ", ".join(f"{column} {SQLITE_TYPES.get(kind, 'TEXT')}" for column, kind, *_ in columns)
            target.execute(f"CREATE TABLE {name} ({types})")
            marks = ", ".join("?" * len(columns))
            rows = source.execute(f"SELECT {', '.join(_plain(*one[:2]) for one in columns)} FROM ({query})")
            target.executemany(f"INSERT INTO {name} VALUES ({marks})", rows.fetchall())
    target.close()
    return f"sqlite:///{path}"


def _plain(column: str, kind: str) -> str:
    if kind in ("DATE", "TIMESTAMP"):
        return f"{column}::VARCHAR"
    return f"{column}::DOUBLE" if kind.startswith("DECIMAL") else column


def in_postgres(url: str) -> str:
    """The URL of a PostgreSQL database, now with them."""
    import psycopg

    with psycopg.connect(url) as target, duckdb.connect() as source:
        for name, query in TABLES.items():
            columns = source.execute(f"DESCRIBE {query}").fetchall()
            types = ", ".join(
                f"{column} {kind.replace('DOUBLE', 'DOUBLE PRECISION')}" for column, kind, *_ in columns
            )
            target.execute(f"DROP TABLE IF EXISTS {name}")
            target.execute(f"CREATE TABLE {name} ({types})")
            with target.cursor() as cursor:
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", source.execute(query).fetchall())
    return url
