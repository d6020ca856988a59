"""The members of a segment by the values of a column, beside everybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.cache import cache

from campaigns.customers.catalogue import Catalogue, Column, stored
from campaigns.customers.contacts import contact_columns
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.about.columns import offered
from campaigns.segments.models import Segment
from campaigns.segments.rules import Group
from campaigns.segments.sizing import opened
from config.masking import DOT, mask

if TYPE_CHECKING:
    from campaigns.customers.connection import Connection
    from campaigns.segments.compile import Context

MOST_CHOSEN = 6
TOP = 12
# What is shown unasked: so many columns, of so many values at the most, among so many.
USUAL, FEW_VALUES, LOOKED_AT = 3, 50, 15
KEPT_SECONDS = 24 * 3600
KINDS = ("text", "boolean")
YES_NO = {"true": "yes", "1": "yes", "false": "no", "0": "no"}


@dataclass(frozen=True)
class Bar:
    """Customers with one value; `kind` tells a value from "empty" and "other"."""

    label: str
    customers: int
    everybody: int
    kind: str = "value"


@dataclass(frozen=True)
class Row:
    """A bar with its share of the members and of everybody; both also as parts of the longest."""

    bar: Bar
    share: float
    of_everybody: float
    longest: float

    @property
    def length(self) -> float:
        return self.share / self.longest

    @property
    def mark(self) -> float:
        return self.of_everybody / self.longest


@dataclass(frozen=True)
class Breakdown:
    attribute: str
    bars: Sequence[Bar]
    customers: int
    everybody: int

    @property
    def rows(self) -> list[Row]:
        whole, all_ = self.customers or 1, self.everybody or 1
        shares = [(bar, bar.customers / whole, bar.everybody / all_) for bar in self.bars]
        longest = max((share for _, *both in shares for share in both), default=0.0) or 1.0
        return [Row(*one, longest) for one in shares]


def breakable(catalogue: Catalogue) -> list[tuple[str, Column]]:
    """The columns whose values can be told apart by name."""
    return [
        (f"{table.name}.{column.name}", column)
        for table, columns in offered(catalogue)
        for column in columns
        if column.type in KINDS
    ]


def breakdowns(
    segment: Segment, group: Group, asked: Iterable[str], *, masked: bool
) -> tuple[Sequence[Breakdown], int]:
    """By the columns asked for, else by a few of few values; and how many members there are.

    Raises SizeUnknown, also after COUNT_SECONDS.
    """
    zone = ZoneInfo(segment.time_zone)
    known = dict(breakable(stored(segment.customer_database)))
    chosen = [name for name in dict.fromkeys(asked) if name in known][:MOST_CHOSEN]
    with opened(segment.customer_database, [group]) as (connection, context):
        from campaigns.segments.compile import flags

        chosen = chosen or _usual(connection, context, segment.customer_database)
        names = {f"v{number}": name for number, name in enumerate(chosen)}
        found = flags(context, {"member": (group, zone)}, names)
        total = connection.row(found.aggregate(customers=found.member.sum(), everybody=found.count()))
        customers, everybody = int(total["customers"] or 0), int(total["everybody"])
        made = [
            Breakdown(
                name, _bars(connection, found, place, known[name], customers, everybody), customers, everybody
            )
            for place, name in names.items()
        ]
    return ([_masked(one, known[one.attribute]) for one in made] if masked else made), customers


def _bars(
    connection: Connection, found: Any, place: str, column: Column, customers: int, everybody: int
) -> list[Bar]:
    """The values that most members have, then the rest, then those without a value."""
    import ibis

    value = found[place].cast("string").nullif("")
    grouped = found.group_by(value=value).aggregate(customers=found.member.sum(), everybody=found.count())
    order = [grouped.value.isnull().desc(), grouped.customers.desc(), ibis.desc("everybody"), grouped.value]
    rows = connection.rows(grouped.order_by(order).limit(TOP + 1))
    shown = YES_NO if column.type == "boolean" else {}
    top = [
        Bar(shown.get(row["value"], row["value"]), int(row["customers"] or 0), int(row["everybody"]))
        for row in rows
        if row["value"] is not None
    ][:TOP]
    empty = [
        Bar("", int(row["customers"] or 0), int(row["everybody"]), "empty")
        for row in rows
        if row["value"] is None
    ]
    counted = [*top, *empty]
    rest = Bar(
        "",
        customers - sum(bar.customers for bar in counted),
        everybody - sum(bar.everybody for bar in counted),
        "other",
    )
    return [*top, *([rest] if rest.everybody else []), *empty]


def _masked(found: Breakdown, column: Column) -> Breakdown:
    """Yes and no stay as they are, unless an operator said that they are personal."""

    def told(label: str) -> str:
        if column.type == "boolean":
            return DOT * 3 if label and column.is_personal else label
        return mask(label, found.attribute, column.mark.personal)

    bars = [Bar(told(bar.label), bar.customers, bar.everybody, bar.kind) for bar in found.bars]
    return Breakdown(found.attribute, bars, found.customers, found.everybody)


# What is shown unasked ---------------------------------------------------------------------------------------


def _usual(connection: Connection, context: Context, database: CustomerDatabase) -> list[str]:
    """The first columns of few values; looked for once for each catalogue."""
    read_at = database.catalogue_read_at
    key = f"breakdowns:{database.pk}:{database.version}:{read_at.isoformat() if read_at else ''}"
    known = cache.get(key)
    if known is None:
        known = _few_valued(connection, context, database)
        cache.set(key, known, KEPT_SECONDS)
    return list(known)


def _few_valued(connection: Connection, context: Context, database: CustomerDatabase) -> list[str]:
    from campaigns.segments.compile import flags

    contacts = set(contact_columns(database).values())
    names = [
        name
        for name, column in breakable(context.catalogue)
        if name not in contacts and not column.is_personal
    ][:LOOKED_AT]
    if not names:
        return []
    places = {f"v{number}": name for number, name in enumerate(names)}
    found = flags(context, {}, places)
    row = connection.row(found.aggregate(**{place: found[place].approx_nunique() for place in places}))
    return [name for place, name in places.items() if 1 < row[place] <= FEW_VALUES][:USUAL]
