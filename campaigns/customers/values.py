"""The distinct values of columns, for those who choose one: few are kept in the catalogue, many are searched."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings

from campaigns.customers.catalogue import Catalogue, Column, Table, stored
from campaigns.customers.connection import (
    Connection,
    CustomerDatabaseError,
    QueryStopped,
    open_database,
)
from campaigns.customers.marks import HIDDEN
from campaigns.customers.normalise import identifier
from campaigns.customers.reading import changed_since
from config.masking import mask

if TYPE_CHECKING:
    from campaigns.customers.models import CustomerDatabase

logger = logging.getLogger(__name__)

MOST_VALUES = 200  # of a column
MOST_IN_ALL = 20_000  # of a customer database: the catalogue is read with every page that shows rules
LONGEST_VALUE = 100
# What more than so many rows tell of a column is told by them all: they rule out names, amounts and times.
LOOKED_AT = 50_000
# A query that lists the values of hundreds of columns is more than some engines parse.
AT_ONCE = 50
_TYPES = ("text", "number", "boolean")
PERSONAL = "These values are personal data, which you may not see. Type the one you know."


# In the catalogue ---------------------------------------------------------------------------------------


def read_values(connection: Connection, catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """The values of columns with few, by "table.column", the most frequent first; COUNT_SECONDS at most.

    None of a personal or hidden column. A table whose values cannot be read goes without.
    """
    found: dict[str, tuple[str, ...]] = {}
    with connection.limited(settings.COUNT_SECONDS):
        for table in sorted(
            catalogue.tables, key=lambda one: (one.name != catalogue.profile_table, one.many)
        ):
            try:
                found |= _of_table(connection, table)
            except QueryStopped:
                break
            except CustomerDatabaseError as error:
                logger.info("The values of the table %s cannot be read: %s", table.name, error.message)
            if sum(map(len, found.values())) > MOST_IN_ALL:
                break
    return found


def _of_table(connection: Connection, table: Table) -> dict[str, tuple[str, ...]]:
    columns = [column for column in table.columns if column.name != table.key and _may_be_kept(column)]
    if not columns:
        return {}
    few = _with_few(connection, table, columns)
    return {
        f"{table.name}.{column.name}": values
        for start in range(0, len(few), AT_ONCE)
        for column, values in _listed(connection, table, few[start : start + AT_ONCE])
    }


def _may_be_kept(column: Column) -> bool:
    return column.type in _TYPES and not column.is_personal and not column.is_hidden


def _with_few(connection: Connection, table: Table, columns: Sequence[Column]) -> list[Column]:
    counts = ", ".join(
        f"COUNT(DISTINCT {identifier(column.name)}) AS c{place}" for place, column in enumerate(columns)
    )
    sql = f"SELECT {counts} FROM (SELECT * FROM {identifier(table.name)} LIMIT {LOOKED_AT}) AS looked_at"
    (row,) = connection.fetch(sql, {f"c{place}": "int64" for place in range(len(columns))})
    return [column for column, found in zip(columns, row, strict=True) if 0 < found <= MOST_VALUES]


def _listed(
    connection: Connection, table: Table, columns: Sequence[Column]
) -> Iterator[tuple[Column, tuple[str, ...]]]:
    """Those that have few in all of the table, and nothing in them that looks like a person."""
    parts = [_counted(table, column, place) for place, column in enumerate(columns)]
    rows = connection.fetch(
        " UNION ALL ".join(parts), {"place": "int64", "value": "string", "found": "int64"}
    )
    values: list[list[str]] = [[] for _ in columns]
    # The union of ordered parts has no order of its own.
    for place, value, _ in sorted(rows, key=lambda row: (-row[2], _in_order(row[1], columns[row[0]]))):
        values[place].append(as_typed(value, columns[place]))
    for column, found in zip(columns, values, strict=True):
        if len(found) <= MOST_VALUES and not any(_is_withheld(value, column) for value in found):
            yield column, tuple(found)


def _counted(table: Table, column: Column, place: int) -> str:
    """The most frequent values of a column as text, empty ones left out; one more than are kept."""
    value = f"CAST({identifier(column.name)} AS VARCHAR)"
    counted = f"SELECT {value} AS value, COUNT(*) AS found FROM {identifier(table.name)} WHERE {value} <> '' GROUP BY 1"
    first = (
        f"SELECT value, found FROM ({counted}) AS counted ORDER BY found DESC, value LIMIT {MOST_VALUES + 1}"
    )
    return f"SELECT {place} AS place, value, found FROM ({first}) AS first_{place}"


def as_typed(value: str, column: Column) -> str:
    """As somebody would type it: 60, not 60.0."""
    return value.removesuffix(".0") if column.type == "number" else value


def _in_order(value: str, column: Column) -> tuple[float, str]:
    """Numbers by their size, all else as text."""
    return (float(value) if column.type == "number" else 0.0, value)


def _is_withheld(value: str, column: Column) -> bool:
    return len(value) > LONGEST_VALUE or _looks_personal(value, column)


def _looks_personal(value: str, column: Column) -> bool:
    return column.type == "text" and mask(value, column.name, column.mark.personal) != value


# Searched -----------------------------------------------------------------------------------------------


def search_values(
    database: CustomerDatabase,
    attribute: str,
    text: str,
    limit: int = 20,
    *,
    sees_personal_data: bool = False,
) -> list[str]:
    """Values of "table.column" that contain `text` in any case, the most frequent first; "" finds the most frequent.

    Raises CustomerDatabaseError: after COUNT_SECONDS, where the column is gone or hidden, and, but for those who see
    personal data, where it is personal or a value looks like a person.
    """
    text = text.replace("\0", "")  # PostgreSQL takes none
    table, column = _asked_for(stored(database), attribute, sees_personal_data)
    if column.values:
        return [value for value in column.values if text.lower() in value.lower()][:limit]
    with open_database(database) as connection, connection.limited(settings.COUNT_SECONDS):
        opened = connection.table(table.name)
        if problem := changed_since(opened, table, column.name):
            raise CustomerDatabaseError(problem)
        found = connection.rows(_most_frequent(opened, column.name, text).limit(limit))
    values = [as_typed(row["value"], column) for row in found]
    if not sees_personal_data and any(_looks_personal(value, column) for value in values):
        raise CustomerDatabaseError(PERSONAL)
    return values


def _most_frequent(table: Any, name: str, text: str) -> Any:
    import ibis

    value = table[name].cast("string").name("value")
    counted = table.group_by(value).aggregate(found=table.count())
    fitting = (counted.value != "") & counted.value.lower().contains(text.lower())
    return counted.filter(fitting).order_by(ibis.desc("found"), "value")


def _asked_for(catalogue: Catalogue, attribute: str, sees_personal_data: bool) -> tuple[Table, Column]:
    table, column = catalogue.table(attribute.rpartition(".")[0]), catalogue.column(attribute)
    if table is None or column is None:
        raise CustomerDatabaseError(catalogue.gone(attribute))
    if column.is_hidden:
        raise CustomerDatabaseError(HIDDEN.format(attribute=attribute))
    if column.is_personal and not sees_personal_data:
        raise CustomerDatabaseError(PERSONAL)
    return table, column
