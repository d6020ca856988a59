"""The members of rules by what they are like: whom e-mail and phone reach, and a few of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings

from campaigns.customers.catalogue import Catalogue, stored
from campaigns.customers.contacts import contact_columns, has_column, reachable
from campaigns.customers.normalise import teach
from campaigns.customers.reading import changed_since
from campaigns.segments.masked import Personal
from campaigns.segments.rules import Group, RuleError, attributes
from campaigns.segments.sizing import SizeUnknown, opened, told
from config.masking import mask, mask_key
from destinations.kind import Identifier

if TYPE_CHECKING:
    from campaigns.customers.connection import Connection
    from campaigns.customers.models import CustomerDatabase
    from campaigns.segments.compile import Context

SAMPLE_ROWS = 10
MOST_COLUMNS = 6


@dataclass(frozen=True)
class Reach:
    """Members with a value of the identifier; `is_valid`: invalid ones are left out, as a launch would."""

    identifier: Identifier
    column: str
    customers: int
    is_valid: bool


@dataclass(frozen=True)
class Heading:
    name: str
    title: str  # with the table
    is_number: bool


@dataclass(frozen=True)
class Sample:
    """A few members, any ones; "–" where there is no value."""

    columns: tuple[str, ...]  # "customer_id", then "table.column"
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    is_masked: bool

    @property
    def headings(self) -> list[Heading]:
        titles = zip(self.columns, self.numeric, strict=True)
        return [Heading(title.rpartition(".")[2], title, is_number) for title, is_number in titles]

    @property
    def cells(self) -> list[list[tuple[str, bool]]]:
        """The rows as (text, whether it is a number)."""
        return [list(zip(row, self.numeric, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class People:
    reach: tuple[Reach, ...]
    sample: Sample
    reach_error: str = ""  # why nobody knows whom they reach, as a sentence


def people(
    database: CustomerDatabase,
    group: Group | None,
    zone: ZoneInfo,
    *,
    masked: bool,
    stop: Event | None = None,
) -> People:
    """Raises SizeUnknown, also after COUNT_SECONDS; the sample is there even if the reach takes longer."""
    contacts = contact_columns(database)
    with opened(database, [group] if group else [], stop) as (connection, context):
        shown = usual_columns(context.catalogue, group, list(contacts.values()))
        sample = _sample(connection, context, group, zone, shown, database, masked)
        try:
            with told(settings.COUNT_SECONDS, stop):
                if connection.duckdb is not None:
                    teach(connection.duckdb, database.default_country)
                reach = tuple(
                    _reach(connection, context, group, zone, identifier, column, database.default_country)
                    for identifier, column in contacts.items()
                )
        except SizeUnknown as error:
            if stop is not None and stop.is_set():
                raise
            return People((), sample, error.message)
        return People(reach, sample)


def members_with(
    context: Context,
    group: Group | None,
    zone: ZoneInfo,
    columns: Sequence[str],
    some: Callable[[Any], Any] = lambda found: found,
) -> Any:
    """The members, or `some` of them, and columns under the names v0, v1 …"""
    from campaigns.segments import compile as rules

    named = {f"v{number}": column for number, column in enumerate(columns)}
    return rules.members_with(group, zone, context, named, some)


def _reach(
    connection: Connection,
    context: Context,
    group: Group | None,
    zone: ZoneInfo,
    identifier: Identifier,
    column: str,
    country: str,
) -> Reach:
    values = _values(context, group, zone, column)
    table = context.catalogue.table(column.rpartition(".")[0])
    many = table is None or table.many
    customers, is_valid = reachable(connection, values, identifier, country, many=many)
    return Reach(identifier, column, customers, is_valid)


def _values(context: Context, group: Group | None, zone: ZoneInfo, column: str) -> Any:
    """`customer_key` and `value` as text; several rows where a customer has several."""
    table_name, _, name = column.rpartition(".")
    known = context.catalogue.table(table_name)
    if known is None or table_name == context.catalogue.profile_table:
        found = members_with(context, group, zone, [column])
        return found.select("customer_key", found.v0.cast("string").name("value"))
    table = context.table(table_name)
    for needed in (known.key, name):
        if problem := changed_since(table, known, needed):
            raise RuleError(problem)
    if not known.many:
        context.single(known)
    values = table.select(
        table[known.key].cast("string").name("customer_key"), table[name].cast("string").name("value")
    )
    return values.semi_join(members_with(context, group, zone, []), "customer_key")


def usual_columns(catalogue: Catalogue, group: Group | None, contacts: Sequence[str]) -> list[str]:
    """What the rules ask about, then the contacts; of tables with one row per customer, and nothing hidden."""
    catalogue = catalogue.usable()
    asked = sorted(attributes(group)) if group else []
    profile = catalogue.table(catalogue.profile_table)
    usual = [f"{profile.name}.{column.name}" for column in profile.columns] if profile else []
    keys = {f"{table.name}.{table.key}" for table in catalogue.tables}
    single = {table.name for table in catalogue.tables if not table.many}
    found = [
        column
        for column in dict.fromkeys([*asked, *usual])
        if column.rpartition(".")[0] in single
        and column not in keys
        and column not in contacts
        and has_column(catalogue, column)
    ]
    reached = [column for column in contacts if column.rpartition(".")[0] in single]
    return [*found[:MOST_COLUMNS], *(column for column in reached if has_column(catalogue, column))]


def _sample(
    connection: Connection,
    context: Context,
    group: Group | None,
    zone: ZoneInfo,
    columns: Sequence[str],
    database: CustomerDatabase,
    masked: bool,
) -> Sample:
    found = connection.rows(
        members_with(context, group, zone, columns, lambda members: members.limit(SAMPLE_ROWS))
    )
    return sample_of(found, database, columns, masked=masked)


def sample_of(
    found: Sequence[Mapping[str, Any]], database: CustomerDatabase, columns: Sequence[str], *, masked: bool
) -> Sample:
    """Rows of `members_with` for people to read."""
    catalogue = stored(database)
    names = ["customer_key", *(f"v{number}" for number in range(len(columns)))]
    titles = [database.customer_key, *columns]
    hides = catalogue.personal if masked else None
    return Sample(
        columns=tuple(titles),
        numeric=tuple(_is_number(catalogue, title) for title in titles),
        rows=tuple(
            tuple(_text(row[name], title, hides) for name, title in zip(names, titles, strict=True))
            for row in found
        ),
        is_masked=masked,
    )


def _is_number(catalogue: Catalogue, attribute: str) -> bool:
    table, _, name = attribute.rpartition(".")
    found = catalogue.table(table)
    column = found.column(name) if found else None
    return column is not None and column.type == "number"


def _text(value: Any, title: str, hides: Personal | None) -> str:
    """`hides`: what operators said about columns, for those who may not see personal data."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool) and not (hides and hides(title)):
        return "yes" if value else "no"
    if hides is None:
        return str(value)
    return mask(value, title, hides(title)) if "." in title else mask_key(str(value))
