"""What building reads from a customer database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from campaigns.launches.frozen import Frozen

if TYPE_CHECKING:
    import duckdb


def segment_flag(segment_id: int) -> str:
    return f"segment_{segment_id}"


def sub_audience_flag(sub_audience_id: int) -> str:
    return f"sub_audience_{sub_audience_id}"


@dataclass(frozen=True)
class Flagged:
    """Everybody: `customer_key`, one boolean per flag, and the columns that could come along."""

    sql: str
    carried: Mapping[str, str]  # {"customer_360.email": its name in the relation}


@dataclass(frozen=True)
class Values:
    """`customer_key` and `value` (text) of one column, for the wanted customers at the least."""

    sql: str
    # Whether a customer may have several rows.
    many: bool


class Source(Protocol):
    """A customer database, read into the DuckDB connection in which the launch is built.

    Each relation may be read once only: it can be a stream.
    """

    @property
    def connection(self) -> duckdb.DuckDBPyConnection: ...

    def flagged(self, columns: Sequence[str]) -> Flagged:
        """Everybody; of `columns` those that have one row per customer and cost no pass of their own."""

    def values(self, column: str) -> Values: ...


@contextmanager
def open_source(frozen: Frozen, folder: Path) -> Iterator[Source]:
    """The customer database of a launch. Raises CustomerDatabaseError."""
    from campaigns.customers.connection import open_database
    from campaigns.customers.models import CustomerDatabase

    database = CustomerDatabase.objects.get(pk=frozen.customer_database_id)
    with open_database(database) as connection:
        yield CustomerSource(connection)
