"""How sqlglot is asked: its dialect for each engine, and what it raises."""

from __future__ import annotations

from typing import Final

# Before sqlglot parses or writes anything: Ibis changes its dialects, which are read once, when they are first used.
import ibis.backends.sql.dialects  # noqa: F401

# Ibis' engines whose SQL is checked: sqlglot's dialect of each.
DIALECTS: Final = {
    "duckdb": "duckdb",
    "postgres": "postgres",
    "pyspark": "spark",
    "databricks": "databricks",
    "trino": "trino",
    "athena": "athena",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "mysql": "mysql",
    "sqlite": "sqlite",
    "clickhouse": "clickhouse",
    "mssql": "tsql",
    "oracle": "oracle",
}
# What sqlglot raises, besides its own errors, at what it did not expect.
STUMBLES: Final = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
