"""DuckDB within this process: how much of the machine it takes, and the bytes of what it writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from django.conf import settings

from config.scratch import scratch_folder

if TYPE_CHECKING:
    import duckdb


def duckdb_options(file: Path | None = None, **more: Any) -> dict[str, Any]:
    """What a DuckDB is opened with: its share of memory and cores, and where it spills.

    Two that spill into one folder take each other's files, so that each has its own; but what a process opens of one
    `file` is one DuckDB with one set of options.
    """
    own = uuid5(NAMESPACE_URL, str(file)) if file is not None else uuid4()
    options = {
        "memory_limit": settings.DUCKDB_MEMORY_LIMIT,
        "temp_directory": str(scratch_folder() / f"duckdb-{own.hex}"),
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
