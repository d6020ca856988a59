"""What building reads from a customer database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from django.conf import settings

from campaigns.customers.normalise import quoted
from campaigns.launches.built import SegmentSizes
from campaigns.launches.frozen import Frozen
from config.own_duckdb import open_duckdb

if TYPE_CHECKING:
    import duckdb

    from campaigns.customers.catalogue import Catalogue
    from campaigns.customers.connection import Connection
    from campaigns.segments.compile import Context
    from campaigns.segments.rules import Group

logger = logging.getLogger(__name__)


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

    def sizes(self) -> Callable[[duckdb.DuckDBPyConnection], SegmentSizes | None]:
        """Counts the segments when it is called, beside other steps, with a connection of its own."""

    def multiplied(self) -> str:
        """Which tables have several rows for a customer, although they should have one: for people to read."""


class CustomerSource:
    """The real one: rules compiled by Ibis, run in the customer database's own DuckDB or streamed into one."""

    def __init__(self, frozen: Frozen, opened: Connection, catalogue: Catalogue) -> None:
        self._frozen = frozen
        self._opened = opened
        self._catalogue = catalogue
        self._streams = 0
        self._connection = opened.duckdb or open_duckdb(preserve_insertion_order=False)

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        return self._connection

    def flagged(self, columns: Sequence[str]) -> Flagged:
        from campaigns.segments.compile import flags

        carried = {
            column: f"carried_{number}" for number, column in enumerate(columns) if self._is_single(column)
        }
        named = {name: column for column, name in carried.items()}
        with _rules_told():
            found = flags(self._context(), self._named(), named)
        # Text, whatever the column's type: the values are trimmed and compared as text.
        found = found.mutate(**{name: found[name].cast("string") for name in named})
        return Flagged(self._relation(found), carried)

    def values(self, column: str) -> Values:
        from campaigns.customers.contacts import column_values

        found = column_values(self._opened, self._catalogue, column)
        return Values(self._relation(found), not self._is_single(column))

    def sizes(self) -> Callable[[duckdb.DuckDBPyConnection], SegmentSizes | None]:
        from campaigns.segments.compile import flags

        named = {segment_flag(one.id): _rules(one.rules, one.time_zone) for one in self._frozen.segments}
        found = flags(self._context_to_count(), named)
        totals = found.aggregate(everybody=found.count(), **{name: found[name].sum() for name in named})
        if self._opened.duckdb is None or self._names_a_list():
            counted = self._told_sizes(lambda: self._opened.row(totals))
            return lambda beside: counted
        sql = self._opened.sql(totals)
        return lambda beside: self._told_sizes(lambda: beside.sql(sql).to_arrow_table().to_pylist()[0])

    def _names_a_list(self) -> bool:
        """The keys of uploaded lists are known to the one connection they were brought to."""
        from campaigns.segments.rules import ids_in

        return any(ids_in(one.rules, "list") for one in self._frozen.segments)

    def _context_to_count(self) -> Context:
        """In DuckDB the statistics of a file tell whether the keys have to be read at all."""
        from campaigns.customers.connection import CustomerDatabaseError
        from campaigns.segments.sizing import with_everybody

        if self._opened.duckdb is None:
            return self._context()
        try:
            return with_everybody(self._opened, self._context())[1]
        except CustomerDatabaseError:
            return self._context()

    def _told_sizes(self, ask: Callable[[], Mapping[str, Any]]) -> SegmentSizes | None:
        """A launch does not fail for them: what it sends is read already."""
        import duckdb

        from campaigns.customers.connection import CustomerDatabaseError

        try:
            row = ask()
        except (CustomerDatabaseError, duckdb.Error) as error:
            logger.warning("The sizes of a launch's segments are not known: %s", type(error).__name__)
            return None
        sizes = {one.id: int(row[segment_flag(one.id)] or 0) for one in self._frozen.segments}
        return SegmentSizes(int(row["everybody"]), sizes)

    def multiplied(self) -> str:
        from campaigns.customers.reading import multiplied_since

        return multiplied_since(self._opened, self._catalogue)

    def _is_single(self, column: str) -> bool:
        table = self._catalogue.table(column.rpartition(".")[0])
        return table is not None and not table.many and table.column(column.rpartition(".")[2]) is not None

    def _context(self) -> Context:
        from campaigns.segments.contexts import context_of

        segments = {segment.id: _rules(segment.rules, segment.time_zone) for segment in self._frozen.segments}
        now = datetime.fromisoformat(self._frozen.now)
        return context_of(self._opened, self._catalogue, now, segments)

    def _named(self) -> dict[str, tuple[Group, ZoneInfo]]:
        known = {segment.id: segment for segment in self._frozen.segments}
        used = {*self._frozen.include, *self._frozen.exclude}
        used |= {pk for sub_audience in self._frozen.sub_audiences for pk in sub_audience.segment_ids}
        named = {segment_flag(pk): _rules(known[pk].rules, known[pk].time_zone) for pk in sorted(used)}
        for sub_audience in self._frozen.sub_audiences:
            if sub_audience.rules is not None:
                found = _rules(sub_audience.rules, sub_audience.time_zone)
                named[sub_audience_flag(sub_audience.id)] = found
        return named

    def _relation(self, expression: Any) -> str:
        if self._opened.duckdb is not None:
            return f"({self._opened.sql(expression)})"
        self._streams += 1
        name = f"stream_{self._streams}"
        self._connection.register(name, self._opened.batches(expression))
        return f"(FROM {name})"


def _rules(stored: dict[str, Any], zone: str) -> tuple[Group, ZoneInfo]:
    from campaigns.segments.rules import load

    return load(stored), ZoneInfo(zone)


@contextmanager
def _rules_told() -> Iterator[None]:
    """A rule that no longer fits the tables is an expected failure of building."""
    from campaigns.launches.workshop import BuildError
    from campaigns.segments.rules import RuleError

    try:
        yield
    except RuleError as error:
        raise BuildError(error.message) from error


def _ended(connection: Connection, frozen: Frozen) -> AbstractContextManager[None]:
    """A query that a person wrote could run for ever: with one, reading ends after STATEMENT_SECONDS."""
    from campaigns.segments.rules import holds_query

    has_query = any(holds_query(segment.rules) for segment in frozen.segments)
    seconds = settings.STATEMENT_SECONDS
    return connection.limited(seconds) if has_query and seconds else nullcontext()


@contextmanager
def open_source(frozen: Frozen, folder: Path) -> Iterator[Source]:
    """The customer database of a launch; what DuckDB spills goes below `folder`. Raises CustomerDatabaseError."""
    from campaigns.customers.catalogue import stored
    from campaigns.customers.connection import open_database
    from campaigns.customers.models import CustomerDatabase

    database = CustomerDatabase.objects.get(pk=frozen.customer_database_id)
    with open_database(database) as connection, _ended(connection, frozen):
        source = CustomerSource(frozen, connection, stored(database))
        source.connection.execute(f"SET temp_directory = {quoted(str(folder / 'spill'))}")
        yield source
