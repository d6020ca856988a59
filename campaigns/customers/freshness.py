"""How old customer data is: by the files it stands in, or by the latest value of a column of dates.

Only what is known for real is offered: a database behind a server says nothing about when it was loaded, so there
a column has to tell it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings

from campaigns.customers.catalogue import stored
from config import clock

if TYPE_CHECKING:
    from campaigns.customers.models import CustomerDatabase

FILES = "files"
_IN_FILES = ("files", "duckdb", "sqlite")
_DATES = ("date", "datetime")


def tellers(database: CustomerDatabase) -> list[str]:
    """What can tell the age: `files` where it stands in files of ours to look at, and every column of dates."""
    columns = [
        f"{table.name}.{column.name}"
        for table in stored(database).usable().tables
        for column in table.columns
        if column.type in _DATES
    ]
    return [FILES, *columns] if _scheme(database) in _IN_FILES else columns


def newest_change(database: CustomerDatabase, by: str) -> datetime | None:
    """When the data was newest; None where the column has no date up to now. Raises CustomerDatabaseError."""
    return _of_files(database) if by == FILES else _of_column(database, by)


def _scheme(database: CustomerDatabase) -> str:
    return str(database.url).partition(":")[0].lower()


def _of_files(database: CustomerDatabase) -> datetime:
    from campaigns.customers.connection import CustomerDatabaseError

    try:
        found = [path.stat().st_mtime for path in _files(database)]
    except OSError:
        found = []
    if not found:
        raise CustomerDatabaseError(
            "The files of the customer database are not there. Ask an operator to look at it.",
            detail="The files of the customer database are not there. Correct its URL, or put them back.",
        )
    return datetime.fromtimestamp(max(found), UTC)


def _files(database: CustomerDatabase) -> Iterator[Path]:
    from campaigns.customers.connection import place_of
    from campaigns.customers.folders import CSV, PARQUET

    rest = database.url.partition(":")[2]
    if _scheme(database) == FILES:
        for path in place_of(rest).iterdir():
            if path.suffix.lower() in (PARQUET, CSV):
                yield path
        return
    parts = urlsplit(database.url)
    path = place_of(parts.netloc + parts.path)
    yield path
    # What was written and not yet moved into the file itself.
    yield from (beside for ending in (".wal", "-wal") if (beside := Path(f"{path}{ending}")).exists())


def _of_column(database: CustomerDatabase, attribute: str) -> datetime | None:
    """Days to come tell nothing of the age: the latest value up to now."""
    import ibis

    from campaigns.customers.connection import CustomerDatabaseError, open_database

    table_name, _, column_name = attribute.rpartition(".")
    now = clock.now().astimezone(UTC)
    with open_database(database) as connection, connection.limited(settings.CATALOGUE_SECONDS):
        table = connection.table(table_name)
        if column_name not in table.columns:
            raise CustomerDatabaseError(f"The column {attribute} is gone. Choose another one.")
        column: Any = table[column_name]
        kind = column.type()
        if kind.is_date():
            limit = ibis.literal(now.date())
        elif kind.is_timestamp() and kind.timezone:
            limit = ibis.literal(now, type=kind)
        else:
            column, limit = column.cast("timestamp"), ibis.literal(now.replace(tzinfo=None))
        found = connection.row(table.filter(column <= limit).aggregate(newest=column.max()))["newest"]
    return _instant(found)


def _instant(found: date | datetime | None) -> datetime | None:
    """A time without a zone is UTC; a day is known from its beginning."""
    if found is None:
        return None
    if not isinstance(found, datetime):
        return datetime.combine(found, time(), UTC)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
