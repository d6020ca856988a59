"""Reading the catalogue from an open customer database."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from campaigns.customers.catalogue import GONE, Catalogue, Column, ColumnType, Table
from campaigns.customers.connection import Connection, CustomerDatabaseError, QueryStopped
from campaigns.customers.normalise import identifier


def read(connection: Connection, customer_key: str, profile_table: str, contact_table: str) -> Catalogue:
    """The tables that have the customer key. CustomerDatabaseError says what is missing."""
    names = connection.tables()
    found = [table for name in names if (table := _named(connection, name, customer_key)) is not None]
    if not found:
        listed = ", ".join(names[:10]) or "no table at all"
        raise CustomerDatabaseError(
            f"No table has the customer key {customer_key}. There is {listed}. Correct the key, or the URL.",
            "customer_key",
        )
    catalogue = Catalogue(tuple(found), profile_table)
    check_roles(catalogue, customer_key, contact_table)
    return catalogue


def check_roles(catalogue: Catalogue, customer_key: str, contact_table: str) -> None:
    """Whether the profile and the contact table can be what they are meant to be. CustomerDatabaseError."""
    for role, name in (("profile", catalogue.profile_table), ("contact", contact_table)):
        if name and catalogue.table(name) is None:
            raise CustomerDatabaseError(
                f"The {role} table {name} is missing, or has no column {customer_key}. Choose another one.",
                f"{role}_table",
            )
    profile = catalogue.table(catalogue.profile_table)
    if profile is not None and profile.many:
        raise CustomerDatabaseError(
            f"The profile table {profile.name} has several rows for one {customer_key}. "
            "Remove the duplicates, or choose another profile table.",
            "profile_table",
        )


def _named(connection: Connection, name: str, customer_key: str) -> Table | None:
    """As `_table`; one that cannot be read is told by its name."""
    try:
        return _table(connection, name, customer_key)
    except QueryStopped as error:
        raise CustomerDatabaseError(
            f"Reading the catalogue took longer than {settings.CATALOGUE_SECONDS:.0f} seconds and was stopped at the "
            f"table {name}. Give the reader fewer tables, or ask an administrator for a larger CATALOGUE_SECONDS."
        ) from error
    except CustomerDatabaseError as error:
        raise CustomerDatabaseError(
            f"The table {name} cannot be read. {error.message}",
            error.field,
            detail=f"The table {name} cannot be read. {error.detail}",
        ) from error


def _table(connection: Connection, name: str, customer_key: str) -> Table | None:
    table = connection.table(name)
    key = next((column for column in table.columns if column == customer_key), None)
    key = key or next((column for column in table.columns if column.lower() == customer_key.lower()), None)
    if key is None:
        return None
    columns = tuple(Column(column, column_type(dtype)) for column, dtype in table.schema().items())
    return Table(name, key, _has_many(connection, name, key), columns)


def _has_many(connection: Connection, table: str, key: str) -> bool:
    """Whether a customer has several rows; keys that are equal as text are equal."""
    keys = f"SELECT CAST({identifier(key)} AS VARCHAR) AS k FROM {identifier(table)}"
    sql = f"SELECT COUNT(k) AS found, COUNT(DISTINCT k) AS keys FROM ({keys}) AS all_keys"
    ((rows, distinct),) = connection.fetch(sql, {"found": "int64", "keys": "int64"})
    return bool(rows > distinct)


# Since the catalogue was read ---------------------------------------------------------------------------


def changed_since(table: Any, known: Table, column: str) -> str:
    """What became of a column of an open table since the catalogue was read; empty where it is as it was.

    The customer key may be of any type: it is compared as text.
    """
    if column not in table.columns:
        if column == known.key:
            return (
                f"The customer key {column} is gone from the table {known.name}. Ask an operator to mend it."
            )
        return GONE.format(attribute=f"{known.name}.{column}")
    was, now = known.column(column), column_type(table.schema()[column])
    if column == known.key or was is None or was.type == now:
        return ""
    return (
        f"The attribute {known.name}.{column} is of another type by now ({now}, it was {was.type}). "
        "Ask an operator to read the catalogue again."
    )


def multiplied_since(connection: Connection, catalogue: Catalogue) -> str:
    """Which tables have several rows for a customer by now, but had one when the catalogue was read."""
    single = [
        known for known in catalogue.tables if not known.many and connection.table(known.name) is not None
    ]
    told = (several_since(connection, catalogue, known) for known in single)
    return " ".join(sentence for sentence in told if sentence)


def several_since(connection: Connection, catalogue: Catalogue, known: Table) -> str:
    """The sentence, where this table that had one row for a customer has several by now; else empty."""
    if not _has_many(connection, known.name, known.key):
        return ""
    either = (
        "" if known.name == catalogue.profile_table else ", or ask an operator to read the catalogue again"
    )
    return (
        f"The table {known.name} has several rows for one {known.key} by now. Remove the duplicates{either}."
    )


def column_type(dtype: Any) -> ColumnType:
    """What a column's type is to a rule."""
    if dtype.is_string():
        return "text"
    if dtype.is_boolean():
        return "boolean"
    if dtype.is_numeric():
        return "number"
    if dtype.is_date():
        return "date"
    return "datetime" if dtype.is_timestamp() else "other"
