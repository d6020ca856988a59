"""DuckDB within this process: how much of the machine it takes, and the bytes of what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings

from config.scratch import scratch_folder

if TYPE_CHECKING:
    import duckdb


def duckdb_options(**more: Any) -> dict[str, Any]:
    """What a DuckDB is opened with: its share of memory and cores, and where it spills."""
    options = {
        "memory_limit": settings.DUCKDB_MEMORY_LIMIT,
        # Its own: two that spill into one folder take each other's files.
        "temp_directory": str(scratch_folder() / f"duckdb-{uuid4().hex}"),
        **more,
    }
    return options | ({"threads": settings.DUCKDB_THREADS} if settings.DUCKDB_THREADS else {})


def open_duckdb(**more: Any) -> duckdb.DuckDBPyConnection:
    """One in memory; `more`: settings beside those of `duckdb_options`."""
    import duckdb

    return duckdb.connect(config=duckdb_options(**more))


def column_bytes(column: Any, start: int, count: int) -> memoryview:
    """The bytes of `count` texts of an Arrow column, one after the other, without a copy."""
    _, offsets, data = column.buffers()
    places = memoryview(offsets).cast("i")
    return memoryview(data)[places[column.offset + start] : places[column.offset + start + count]]
