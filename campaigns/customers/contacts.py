"""Where a customer database keeps e-mail addresses and phone numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from campaigns.customers.catalogue import GONE, Catalogue, stored
from campaigns.customers.failures import told
from campaigns.customers.normalise import normalised_sql
from destinations.kind import Identifier
from destinations.kinds import KINDS

if TYPE_CHECKING:
    from campaigns.customers.connection import Connection
    from campaigns.customers.models import CustomerDatabase

# What such columns are called, the likeliest first.
_NAMES: dict[Identifier, tuple[str, ...]] = {
    "email": ("email", "email_address", "e_mail", "mail"),
    "phone": ("phone", "phone_number", "mobile", "mobile_phone", "telephone"),
}


def contact_columns(database: CustomerDatabase) -> dict[Identifier, str]:
    """ "table.column" for each identifier: a destination's default attribute, else what a column's name says."""
    catalogue = stored(database)
    found: dict[Identifier, str] = {}
    for default in database.default_attributes.select_related("destination").order_by("pk"):
        if default.destination.kind in KINDS and has_column(catalogue, default.column):
            found.setdefault(default.destination.identifier, default.column)
    for identifier in get_args(Identifier):
        if identifier not in found and (column := guess(catalogue, identifier, database.contact_table)):
            found[identifier] = column
    return found


def reachable(
    connection: Connection, values: Any, identifier: Identifier, country: str, *, many: bool = True
) -> tuple[int, bool]:
    """How many customers have a usable value, and whether invalid ones are left out of that.

    `values`: an expression with `customer_key` and `value` (text); not `many`: one row for each customer at most. Only
    DuckDB can tell which are valid; elsewhere those that are not empty count. A DuckDB has to be taught
    (`normalise.teach`) with the same country, once.
    """
    valid = usable(connection, values.value, identifier, country)
    # Not in a WHERE, where DuckDB would compute the parts of the rule that stand in it twice, twice.
    keys = values.customer_key.nunique(where=valid) if many else values.count(where=valid)
    return int(connection.row(values.aggregate(found=keys))["found"]), connection.duckdb is not None


def usable(connection: Connection, value: Any, identifier: Identifier, country: str) -> Any:
    """Whether a text (an expression) is one that would be sent; not NULL. By the rule of `normalised_sql`.

    Only DuckDB can tell which are valid; elsewhere what is not empty. A DuckDB has to be taught (`normalise.teach`)
    with the same country, once.
    """
    import ibis

    if connection.duckdb is None:
        return (value.strip() != "").fill_null(False)
    name = f"usable_{identifier}"
    rule = normalised_sql("value", identifier, country)
    duckdb = connection.duckdb
    told(lambda: duckdb.execute(f"CREATE OR REPLACE TEMP MACRO {name}(value) AS ({rule}) IS NOT NULL"))

    def stub(value: str) -> bool:  # only its signature counts
        raise NotImplementedError

    return ibis.udf.scalar.builtin(name=name, signature=(("string",), "boolean"))(stub)(value)


def column_values(connection: Connection, catalogue: Catalogue, attribute: str) -> Any:
    """An expression with `customer_key` and `value` (text) of one column; a customer may have several rows.

    Raises CustomerDatabaseError where the column is gone or changed since the catalogue was read.
    """
    from campaigns.customers.connection import CustomerDatabaseError
    from campaigns.customers.reading import changed_since

    name, _, column = attribute.rpartition(".")
    known = catalogue.table(name)
    if known is None:
        raise CustomerDatabaseError(GONE.format(attribute=attribute))
    table = connection.table(name)
    for needed in (known.key, column):
        if problem := changed_since(table, known, needed):
            raise CustomerDatabaseError(problem)
    return table.filter(table[known.key].notnull()).select(
        table[known.key].cast("string").name("customer_key"), table[column].cast("string").name("value")
    )


def has_column(catalogue: Catalogue, attribute: str) -> bool:
    table, _, column = attribute.rpartition(".")
    found = catalogue.table(table)
    return found is not None and found.column(column) is not None


def guess(catalogue: Catalogue, identifier: Identifier, contact_table: str = "") -> str:
    """The column ("table.column") that by its name has the identifier; empty where none has but a hidden one."""
    tables = sorted(catalogue.usable().tables, key=lambda table: (table.name != contact_table, table.many))
    for name in _NAMES[identifier]:
        for table in tables:
            for column in table.columns:
                if column.name.lower() == name:
                    return f"{table.name}.{column.name}"
    return ""
