"""The values of an uploaded file against the customers: by key as text, or by normalised e-mail or phone.

All of it runs in DuckDB: beside the data where the customer database is one, else over its contact column in batches.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from campaigns.customers.catalogue import stored
from campaigns.customers.connection import Connection, CustomerDatabaseError, QueryStopped, open_database
from campaigns.customers.contacts import column_values, contact_columns
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.normalise import normalised_sql, quoted, teach, trimmed_sql
from campaigns.segments.rules import RuleError
from campaigns.segments.uploaded.models import MatchedBy
from campaigns.segments.uploaded.refused import ListRefused
from config import clock
from config.full_disk import FULL, is_disk_full
from config.own_duckdb import open_duckdb
from destinations.kind import Identifier

if TYPE_CHECKING:
    import duckdb

    from campaigns.customers.catalogue import Catalogue

# What stands in unmatched.parquet as the reason.
NOBODY, INVALID = "nobody", "invalid"


@dataclass(frozen=True)
class Choice:
    """Which column of the file holds what."""

    column: int
    matched_by: MatchedBy
    header: bool

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Choice:
        return cls(int(data["column"]), MatchedBy(data["matched_by"]), bool(data["header"]))


@dataclass(frozen=True)
class Counts:
    """As UploadedList has them: rows = empty + invalid + repeated + values; unmatched is a part of values."""

    rows: int
    empty: int
    invalid: int
    repeated: int
    values: int
    unmatched: int
    customers: int
    shared: int

    @property
    def matched(self) -> int:
        return self.values - self.unmatched

    def to_json(self) -> dict[str, int]:
        return asdict(self)


def match(database: CustomerDatabase, lines: Path, choice: Choice, keys: Path, unmatched: Path) -> Counts:
    """Match the rows of `lines` and write two Parquet files. Raises ListRefused, also after LIST_SECONDS.

    `keys` has the column customer_key; `unmatched` row (as in the file, from 1), value and reason.
    """
    with (
        _told(),
        open_database(database) as connection,
        connection.limited(settings.LIST_SECONDS),
        ExitStack() as stack,
    ):
        own = connection.duckdb or stack.enter_context(open_duckdb(preserve_insertion_order=False))
        teach(own, database.default_country)
        _read_rows(own, lines, choice, database.default_country)
        _find_customers(own, connection, database, choice)
        own.execute(f"COPY (SELECT DISTINCT customer_key FROM muster_hits ORDER BY 1) TO {_file(keys)}")
        own.execute(f"COPY ({_UNMATCHED}) TO {_file(unmatched)}")
        (found,) = own.execute(_COUNTS).fetchall()
        return Counts(*(int(one) for one in found))


def _file(path: Path) -> str:
    return f"{quoted(str(path))} (FORMAT parquet)"


def _read_rows(own: duckdb.DuckDBPyConnection, lines: Path, choice: Choice, country: str) -> None:
    """muster_rows: row, value (trimmed) and form (what is compared; NULL where the value is none)."""
    column = f"c{choice.column}"
    form = form_sql(column, choice.matched_by, country)
    own.execute(
        "CREATE OR REPLACE TEMP TABLE muster_rows AS"
        f" SELECT file_row_number + 1 AS row, {trimmed_sql(column)} AS value, {form} AS form"
        f" FROM read_parquet({quoted(str(lines))}, file_row_number = true)"
        f" WHERE file_row_number >= {int(choice.header)}"
    )
    own.execute(
        "CREATE OR REPLACE TEMP TABLE muster_values AS"
        " SELECT form, min(row) AS row FROM muster_rows WHERE form IS NOT NULL GROUP BY form"
    )
    own.execute("CREATE OR REPLACE TEMP TABLE muster_hits (form VARCHAR, customer_key VARCHAR)")


def form_sql(text: str, matched_by: MatchedBy, country: str) -> str:
    """What is compared of a text expression; NULL where there is nothing."""
    if matched_by == MatchedBy.KEY:
        return f"nullif({trimmed_sql(text)}, '')"
    return normalised_sql(text, identifier_of(matched_by), country)


def _find_customers(
    own: duckdb.DuckDBPyConnection, connection: Connection, database: CustomerDatabase, choice: Choice
) -> None:
    """muster_hits: form and customer_key of all that match; members of everybody alone."""
    catalogue = stored(database)
    everybody = everybody_of(connection, catalogue)
    if choice.matched_by == MatchedBy.KEY:
        _match_all(own, connection, everybody.mutate(value=everybody.customer_key), "value", None)
        return
    column = contact_column(database, choice.matched_by)
    found = column_values(connection, catalogue, column)
    form = form_sql("value", choice.matched_by, database.default_country)
    is_within = column.rpartition(".")[0] == catalogue.profile_table
    _match_all(own, connection, found, form, None if is_within else everybody)


def _match_all(
    own: duckdb.DuckDBPyConnection, connection: Connection, customers: Any, form: str, among: Any
) -> None:
    """`customers`: an expression with customer_key and value; `among`: one with the keys that count."""
    if connection.duckdb is not None:
        within = f"SEMI JOIN ({connection.sql(among)}) USING (customer_key)" if among is not None else ""
        own.execute(_insert(f"({connection.sql(customers)})", form, within))
        return
    if among is not None:
        customers = customers.semi_join(among, "customer_key")
    for batch in connection.batches(customers):
        own.register("muster_batch", batch)
        own.execute(_insert("muster_batch", form, ""))


def _insert(customers: str, form: str, within: str) -> str:
    return (
        "INSERT INTO muster_hits SELECT form, customer_key FROM"
        f" (SELECT customer_key, {form} AS form FROM {customers}) SEMI JOIN muster_values USING (form) {within}"
    )


def contact_column(database: CustomerDatabase, matched_by: MatchedBy) -> str:
    """Where the customers' e-mails or phones are, "table.column". Raises ListRefused where they are nowhere."""
    found = contact_columns(database).get(identifier_of(matched_by))
    if found is None:
        values = "e-mail addresses" if matched_by == MatchedBy.EMAIL else "phone numbers"
        raise ListRefused(f"“{database}” has no column of {values}. Match by something else.")
    return found


def identifier_of(matched_by: MatchedBy) -> Identifier:
    return "email" if matched_by == MatchedBy.EMAIL else "phone"


def everybody_of(connection: Connection, catalogue: Catalogue) -> Any:
    from campaigns.segments.compile import Context, everybody

    return everybody(Context(connection.table, catalogue, clock.now()))


_UNMATCHED = f"""
    SELECT r.row, r.value, CASE WHEN r.form IS NULL THEN '{INVALID}' ELSE '{NOBODY}' END AS reason
    FROM muster_rows AS r LEFT JOIN muster_values AS v ON v.form = r.form AND v.row = r.row
    WHERE r.value <> '' AND (r.form IS NULL OR (v.row IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM muster_hits AS h WHERE h.form = r.form)))
    ORDER BY r.row
"""
_COUNTS = """
    SELECT rows, empty, invalid, rows - empty - invalid - of_values, of_values, of_values - matched, customers, shared
    FROM (SELECT count(*) AS rows, count(*) FILTER (value = '') AS empty,
                 count(*) FILTER (value <> '' AND form IS NULL) AS invalid FROM muster_rows),
         (SELECT count(*) AS of_values FROM muster_values),
         (SELECT count(*) AS matched, count(*) FILTER (keys > 1) AS shared
          FROM (SELECT count(DISTINCT customer_key) AS keys FROM muster_hits GROUP BY form)),
         (SELECT count(DISTINCT customer_key) AS customers FROM muster_hits)
"""


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong while matching, as one sentence."""
    import duckdb

    try:
        yield
    except (QueryStopped, duckdb.InterruptException) as error:
        raise ListRefused(
            f"Matching took longer than {settings.LIST_SECONDS:.0f} seconds and was stopped."
            " Upload the list in parts, or ask an operator to raise LIST_SECONDS."
        ) from error
    except (CustomerDatabaseError, RuleError) as error:
        raise ListRefused(error.message) from error
    except duckdb.Error as error:
        if is_disk_full(error):
            raise ListRefused(FULL) from error
        raise ListRefused(
            f"The list could not be matched ({type(error).__name__}). Ask an operator to look at the server."
        ) from error
