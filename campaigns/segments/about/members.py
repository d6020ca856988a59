"""The members of a segment: a page of them to look at, and all of them as the lines of a CSV file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from campaigns.customers.normalise import quoted
from campaigns.customers.streaming import streamed
from campaigns.segments.models import Segment
from campaigns.segments.people import Sample, members_with, sample_of
from campaigns.segments.rules import Group
from campaigns.segments.sizing import opened
from config.csv_cells import cell_sql
from config.masking_sql import mask_key_sql, mask_sql, mask_whole_sql
from config.own_duckdb import column_bytes, open_duckdb

if TYPE_CHECKING:
    from campaigns.customers.catalogue import Catalogue

PAGE_ROWS = 50
MOST_PAGES = 20
BATCH_ROWS = 50_000
# A reader who fell asleep does not hold the customer database for ever.
LONGEST_SECONDS = 3600.0


@dataclass(frozen=True)
class MembersPage:
    sample: Sample
    number: int
    has_next: bool

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE_ROWS + 1

    @property
    def last(self) -> int:
        return self.first + len(self.sample.rows) - 1


def members_page(
    segment: Segment, group: Group, columns: Sequence[str], number: int, *, masked: bool
) -> MembersPage:
    """By key, `number` from 1. Raises SizeUnknown, also after COUNT_SECONDS."""
    number = min(max(number, 1), MOST_PAGES)

    def page(members: Any) -> Any:
        return members.order_by("customer_key").limit(PAGE_ROWS + 1, offset=(number - 1) * PAGE_ROWS)

    with opened(segment.customer_database, [group]) as (connection, context):
        found = members_with(context, group, ZoneInfo(segment.time_zone), columns, page)
        rows = connection.rows(found.order_by("customer_key"))
    sample = sample_of(rows[:PAGE_ROWS], segment.customer_database, columns, masked=masked)
    return MembersPage(sample, number, has_next=len(rows) > PAGE_ROWS and number < MOST_PAGES)


def csv_of(
    segment: Segment, group: Group, columns: Sequence[str], *, masked: bool
) -> Iterator[tuple[bytes, int]]:
    """Pieces of the file, each with the number of members in it. Raises SizeUnknown, the first time or later."""
    with opened(segment.customer_database, [group], seconds=LONGEST_SECONDS) as (connection, context):
        found = members_with(context, group, ZoneInfo(segment.time_zone), columns)
        # Text, whatever the column's type, so that each engine writes it for itself.
        texts = {name: found[name].cast("string") for name in _names(columns)}
        line = _line(_cells(context.catalogue, columns, masked=masked))

        def lines(relation: str) -> str:
            return f"SELECT {line} AS line FROM {relation} ORDER BY customer_key"  # noqa: S608 — our names

        batches = streamed(connection, found.mutate(**texts), lines, BATCH_ROWS)
        first = next(batches, None)  # what cannot be read fails before anything is answered
        titles = context.catalogue.titles(columns)
        yield _header([titles[column] for column in columns]), 0
        for batch in chain([] if first is None else [first], batches):
            yield bytes(column_bytes(batch.column(0), 0, len(batch))), len(batch)


def _names(columns: Sequence[str]) -> list[str]:
    return [f"v{number}" for number in range(len(columns))]


def _cells(catalogue: Catalogue, columns: Sequence[str], *, masked: bool) -> Iterator[str]:
    yield cell_sql(f"({mask_key_sql('customer_key')})" if masked else "customer_key")
    for name, attribute in zip(_names(columns), columns, strict=True):
        kind = _type(catalogue, attribute)
        shown = f"({_masked(name, attribute, kind, catalogue.personal(attribute))})" if masked else name
        # A number is no formula, not even one below nought.
        yield f"coalesce({shown}, '')" if kind == "number" else cell_sql(shown)


def _type(catalogue: Catalogue, attribute: str) -> str:
    found = catalogue.column(attribute)
    return found.type if found else "text"


def _masked(name: str, attribute: str, kind: str, personal: bool | None) -> str:
    """As people.py masks a cell of a page: yes and no tell nothing, unless an operator said so."""
    if kind == "boolean":
        return mask_whole_sql(name) if personal else name
    return mask_sql(name, attribute, is_text=kind in ("text", "other"), personal=personal)


def _line(cells: Iterable[str]) -> str:
    return " || ',' || ".join(cells) + " || chr(10)"


def _header(titles: Sequence[str]) -> bytes:
    """Titles of columns are as foreign as their values."""
    with open_duckdb() as connection:
        names = ["customer_key", *titles]
        (line,) = connection.execute(f"SELECT {_line(cell_sql(quoted(name)) for name in names)}").fetchall()[
            0
        ]
    return str(line).encode()
