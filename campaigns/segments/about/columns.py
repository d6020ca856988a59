"""Which columns a reader may choose to see beside a segment's members."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from campaigns.customers.catalogue import Catalogue, Column, Table, stored
from campaigns.customers.contacts import contact_columns
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.people import Heading, Sample, usual_columns
from campaigns.segments.rules import Group

# The address that asks for a download names them all, and addresses are limited.
MOST_CHOSEN = 40
# Of those that are not chosen; who wants another one searches for it.
MOST_LISTED = 100


@dataclass(frozen=True)
class Choice:
    attribute: str  # "table.column"
    column: Column
    read_as: str
    is_chosen: bool


def offered(catalogue: Catalogue) -> list[tuple[Table, Sequence[Column]]]:
    """The columns of each table with one row per customer, without hidden ones and the key, which is always there."""
    return [
        (table, [column for column in table.columns if column.name != table.key])
        for table in catalogue.usable().tables
        if not table.many
    ]


def listed(titles: Mapping[str, str], chosen: Collection[str], search: str) -> tuple[list[str], int]:
    """The attributes to tick: those chosen, and the first others with `search` in title or name; how many are left out.

    `titles`: {"table.column": how people read it}
    """
    wanted = search.lower()
    others = [
        name
        for name, title in titles.items()
        if name not in chosen and (wanted in title.lower() or wanted in name.lower())
    ]
    shown = {*chosen, *others[:MOST_LISTED]}
    return [name for name in titles if name in shown], max(len(others) - MOST_LISTED, 0)


def choices(
    catalogue: Catalogue, chosen: Sequence[str], search: str = ""
) -> tuple[list[tuple[str, list[Choice]]], int]:
    """By table, as `listed`; and how many are left out."""
    titles = {
        f"{table.name}.{column.name}": table.read_as[column.name]
        for table, columns in offered(catalogue)
        for column in columns
    }
    names, more = listed(titles, chosen, search)
    shown = set(names)
    tables = [
        (
            table.name,
            [
                Choice(name, column, titles[name], name in chosen)
                for column in columns
                if (name := f"{table.name}.{column.name}") in shown
            ],
        )
        for table, columns in offered(catalogue)
    ]
    return [(name, columns) for name, columns in tables if columns], more


def chosen_columns(database: CustomerDatabase, group: Group | None, asked: Iterable[str]) -> tuple[str, ...]:
    """Those asked for that may be chosen; where none is, those the rules are about and how people are reached."""
    catalogue = stored(database)
    known = {f"{table.name}.{column.name}" for table, columns in offered(catalogue) for column in columns}
    wanted = [name for name in dict.fromkeys(asked) if name in known]
    if not wanted:
        usual = usual_columns(catalogue, group, list(contact_columns(database).values()))
        wanted = [name for name in usual if name in known]
    return tuple(wanted[:MOST_CHOSEN])


def headings(sample: Sample, catalogue: Catalogue) -> list[Heading]:
    """Above the rows of a sample; the name of each column with its table stays as the title."""
    titles = catalogue.titles(sample.columns)
    return [replace(one, name=titles[one.title]) for one in sample.headings]
