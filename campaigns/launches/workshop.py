"""Where a launch is built: one DuckDB connection and a folder for what it writes on the way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from campaigns.customers.normalise import quoted

if TYPE_CHECKING:
    import duckdb
    import pyarrow

# Below a build's folder: what is gone when the build ends.
WORK = "work"
# No dictionary for keys and addresses, which hardly ever repeat; groups and outcomes have one.
PARQUET = "FORMAT parquet, COMPRESSION snappy, DICTIONARY_SIZE_LIMIT 1000"
# Kept free at the least, so that logs and the own database can go on.
SPARE_BYTES = 200 * 1024 * 1024


class BuildError(Exception):
    """An expected failure while building. `message` is one plain sentence without personal data."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Workshop:
    """Runs SQL; what a step leaves for a later one is a Parquet file below `folder`."""

    connection: duckdb.DuckDBPyConnection
    folder: Path

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with clear_errors(self.folder):
            return self.connection.execute(sql).fetchall()

    def row(self, sql: str) -> tuple[Any, ...]:
        return self.rows(sql)[0]

    def save(self, sql: str, name: str, metadata: dict[str, int] | None = None) -> Path:
        """Write the rows of a query, in any order, to `<folder>/<name>.parquet`."""
        path = self.folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        notes = ", ".join(f"{key}: {value}" for key, value in (metadata or {}).items())
        options = f"{PARQUET}, KV_METADATA {{{notes}}}" if notes else PARQUET
        self.rows(f"COPY ({sql}) TO {quoted(str(path))} ({options})")
        return path

    def beside(self) -> Workshop:
        """The same place, for another thread."""
        return replace(self, connection=self.connection.cursor())

    def batches(self, sql: str, rows: int) -> Iterator[pyarrow.RecordBatch]:
        with clear_errors(self.folder):
            yield from self.connection.execute(sql).to_arrow_reader(rows)

    def needs(self, size: int) -> None:
        """Refuse, before anything is written, to build what the disk cannot hold (`size` in bytes)."""
        free = shutil.disk_usage(self.folder).free
        if free < size + SPARE_BYTES:
            raise BuildError(
                f"The disk is too full to build the files: {_megabytes(size + SPARE_BYTES)} are needed and"
                f" {_megabytes(free)} are free. Free some space, then launch again."
            )


def md5_sql(text: str) -> str:
    """md5 of a text, read as a little-endian number, of which this is the top half: a 64-bit integer.

    DuckDB's `md5_number_lower` is the same, and takes three times as long.
    """
    return f"CAST(md5_number({text}) >> 64 AS UBIGINT)"


def scan(path: Path) -> str:
    """The rows of a Parquet file as a relation."""
    return f"read_parquet({quoted(str(path))})"


@contextmanager
def clear_errors(folder: Path) -> Iterator[None]:
    """Turn what a full disk, too little memory or a query without an end raises into a BuildError."""
    import duckdb

    try:
        yield
    except duckdb.InterruptException as error:
        raise BuildError(
            f"Reading took longer than {settings.STATEMENT_SECONDS:,.0f} seconds and was stopped. "
            "Look at the segments in SQL, then launch again."
        ) from error
    except duckdb.OutOfMemoryException as error:
        raise BuildError(
            _disk_is_full()
            if "disk" in str(error).lower() or "max_temp_directory_size" in str(error)
            else "Building needed more memory than it may use: raise DUCKDB_MEMORY_LIMIT, then launch again."
        ) from error
    except (duckdb.IOException, OSError) as error:
        if "no space left" in str(error).lower() or shutil.disk_usage(folder).free < SPARE_BYTES // 10:
            raise BuildError(_disk_is_full()) from error
        raise


def _disk_is_full() -> str:
    return "The disk became full while the files were built. Free some space, then launch again."


def _megabytes(size: int) -> str:
    return f"{size // (1024 * 1024):,} MB"
