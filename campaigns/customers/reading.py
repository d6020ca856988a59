"""Reading the catalogue from an open customer database."""

from __future__ import annotations

from typing import Any

from campaigns.customers.catalogue import Catalogue, Column, ColumnType, Table
from campaigns.customers.connection import Connection, CustomerDatabaseError


def read(connection: Connection, customer_key: str, profile_table: str, contact_table: str) -> Catalogue:
    """The tables that have the customer key. CustomerDatabaseError says what is missing."""
    names = connection.tables()
    found = [table for name in names if (table := _table(connection, name, customer_key)) is not None]
    if not found:
        listed = ", ".join(names[:10]) or "no table at all"
        raise CustomerDatabaseError(
            f"No table has the customer key {customer_key}. There is {listed}. Correct the key, or the URL.",
            "customer_key",
        )
    for role, name in (("profile", profile_table), ("contact", contact_table)):
        if name and name not in {table.name for table in found}:
            raise CustomerDatabaseError(
                f"The {role} table {name} is missing, or has no column {customer_key}. Choose another one.",
                f"{role}_table",
            )
    if any(table.many for table in found if table.name == profile_table):
        raise CustomerDatabaseError(
            f"The profile table {profile_table} has several rows for one {customer_key}. "
            "Remove the duplicates, or choose another profile table.",
            "profile_table",
        )
    return Catalogue(tuple(found), profile_table)


def _table(connection: Connection, name: str, customer_key: str) -> Table | None:
    table = connection.table(name)
    key = next((column for column in table.columns if column == customer_key), None)
    key = key or next((column for column in table.columns if column.lower() == customer_key.lower()), None)
    if key is None:
        return None
    columns = tuple(Column(column, column_type(dtype)) for column, dtype in table.schema().items())
    keys = table.filter(table[key].notnull())[key].cast("string")
    counted = connection.row(keys.as_table().aggregate(rows=keys.count(), keys=keys.nunique()))
    return Table(name, key, counted["rows"] > counted["keys"], columns)


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
