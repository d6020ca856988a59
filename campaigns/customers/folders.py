"""A folder of Parquet and CSV files as a customer database: one table a file, while the files stay as they are."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from campaigns.customers.failures import ASK, WRONG_URL, CustomerDatabaseError
from campaigns.customers.normalise import identifier, quoted
from campaigns.customers.own import OWN, is_own_path
from config.own_duckdb import duckdb_options

if TYPE_CHECKING:
    import duckdb

logger = logging.getLogger(__name__)

CHANGED = "The file {file} was changed while it was read. Try again in a moment."
A_FILE = "{file} is a file. Write the folder that it lies in, as files:{folder}."
HEAD_CHARACTERS = 100_000
PARQUET, CSV = ".parquet", ".csv"
# So many rows of a CSV file tell the types of its columns; DuckDB looks at as many.
SNIFFED_ROWS = 20_480
# What a number would lose: leading noughts and the plus of a phone number.
LOOKS_LIKE_TEXT = r"[+]\d+|0\d+"


@dataclass(frozen=True)
class Folder:
    """The files of a folder as they were before the first of them was read."""

    path: Path
    files: Mapping[Path, object]

    def refuse_changed(self) -> None:
        """Raises CustomerDatabaseError where a file is another one by now: what was read may be of both."""
        _refuse_missing(self.path)
        for path, known in self.files.items():
            if _state(path) != known:
                raise CustomerDatabaseError(CHANGED.format(file=path.name))


def configured(connect: Callable[[dict[str, Any]], Any], file: Path | None = None) -> Any:
    """A DuckDB by Ibis, with what every one of ours is set to."""
    backend = connect(duckdb_options(file, preserve_insertion_order=False))
    backend.raw_sql("SET TimeZone = 'UTC'")
    return backend


def open_folder(path: Path, customer_key: str) -> tuple[Any, Folder]:
    """A view for each Parquet or CSV file of a folder, named as the file."""
    import ibis

    folder = Folder(path, {file: _state(file) for file in _files_of(path)})
    backend = configured(lambda options: ibis.duckdb.connect(**options))
    try:
        for file in folder.files:
            _view_of(backend.con, file, customer_key)
        own = ", ".join(quoted(str(file)) for file in folder.files)
        backend.raw_sql(f"SET allowed_paths = [{own}]")  # for `lock`
    except Exception:
        backend.disconnect()
        folder.refuse_changed()
        raise
    return backend, folder


def _files_of(folder: Path) -> list[Path]:
    if folder.is_file():
        raise CustomerDatabaseError(WRONG_URL, detail=A_FILE.format(file=folder, folder=folder.parent))
    _refuse_missing(folder)
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in (PARQUET, CSV))
    if not files:
        raise CustomerDatabaseError(
            "The folder of the customer database has no Parquet or CSV file. Ask an operator to put one there.",
            detail=f"The folder {folder} has no Parquet or CSV file. Put one there.",
        )
    if any(is_own_path(path) for path in files):
        raise CustomerDatabaseError(WRONG_URL, detail=OWN)
    _refuse_no_tables(files)
    return files


def _refuse_no_tables(files: Iterable[Path]) -> None:
    """Whether each of them can be a table. Raises CustomerDatabaseError."""
    tables: dict[str, Path] = {}
    for path in files:
        if path.is_dir():
            raise _refused(
                f"{path.name} is a folder, but is called as a file is.",
                "Give it another name, or take it away.",
            )
        # As DuckDB compares names.
        if (other := tables.setdefault(path.stem.lower(), path)) is not path:
            raise _refused(
                f"{other.name} and {path.name} would be one table.", "Give one of them another name."
            )


def _refused(fact: str, mend: str) -> CustomerDatabaseError:
    """What everybody is told, and what to do by who can."""
    return CustomerDatabaseError(f"{fact} {ASK}", detail=f"{fact} {mend}")


def _refuse_missing(folder: Path) -> None:
    if not folder.is_dir():
        raise CustomerDatabaseError(
            "The folder of the customer database is not there. Ask an operator to look at it.",
            detail=f"There is no folder {folder}. Correct the URL of the customer database.",
        )


def _state(path: Path) -> object:
    """Other after every change; None where there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_ctime_ns


def _view_of(connection: duckdb.DuckDBPyConnection, path: Path, customer_key: str) -> None:
    try:
        _view(connection, path, customer_key)
    except Exception as error:
        logger.info("%s cannot be read: %s", path.name, type(error).__name__)
        if path.suffix.lower() == CSV and _breaks_a_name(path):
            fact = f"A column of {path.name} has a line break in its name."
            raise _refused(fact, "Give it a name on one line.") from error
        fact = f"The file {path.name} cannot be read as {path.suffix[1:].upper()}."
        raise _refused(fact, "Look whether it is whole.") from error


def _breaks_a_name(path: Path) -> bool:
    """Whether the header of a CSV file has a line break within quotes, which DuckDB does not read."""
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        head = file.read(HEAD_CHARACTERS)
    # Within quotes where the number of quotes before the break is odd.
    return bool(head.partition("\n")[0].count('"') % 2)


def _view(connection: duckdb.DuckDBPyConnection, path: Path, customer_key: str) -> None:
    source = quoted(str(path))
    reader = f"read_parquet({source})"
    if path.suffix.lower() == CSV:
        texts = _text_columns(connection, source, customer_key)
        reader = f"read_csv({source}, types = {{{', '.join(texts)}}})" if texts else f"read_csv({source})"
    connection.execute(f"CREATE VIEW {identifier(path.stem)} AS SELECT * FROM {reader}")


def _text_columns(connection: duckdb.DuckDBPyConnection, source: str, customer_key: str) -> list[str]:
    """The columns of a CSV file that would lose something as numbers: the customer key, phone numbers, postcodes."""
    relation = connection.sql(f"SELECT * FROM read_csv({source}, all_varchar = true) LIMIT {SNIFFED_ROWS}")
    names = [identifier(column) for column in relation.columns]
    looks = [f"coalesce(bool_or(regexp_full_match({name}, '{LOOKS_LIKE_TEXT}')), false)" for name in names]
    (found,) = relation.aggregate(", ".join(looks)).fetchall()
    return [
        f"{quoted(column)}: 'VARCHAR'"
        for column, is_text in zip(relation.columns, found, strict=True)
        if is_text or column.lower() == customer_key.lower()
    ]
