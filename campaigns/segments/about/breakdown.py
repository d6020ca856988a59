"""The members of a segment by the values of a column, beside everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.cache import cache

from campaigns.customers.catalogue import Catalogue, Column, stored
from campaigns.customers.connection import CustomerDatabaseError, QueryStopped
from campaigns.customers.contacts import contact_columns
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.about.columns import offered
from campaigns.segments.models import Segment
from campaigns.segments.rules import Group, RuleError
from campaigns.segments.sizing import opened
from config.masking import DOT, mask

if TYPE_CHECKING:
    from campaigns.customers.connection import Connection
    from campaigns.segments.compile import Context, Named

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
    """A bar with its share of the members and of everybody."""

    bar: Bar
    share: float
    of_everybody: float


@dataclass(frozen=True)
class Breakdown:
    attribute: str
    bars: Sequence[Bar]
    customers: int
    everybody: int
    error: str = ""  # why there are no bars, as a sentence

    @property
    def rows(self) -> list[Row]:
        whole, all_ = self.customers or 1, self.everybody or 1
        return [Row(bar, bar.customers / whole, bar.everybody / all_) for bar in self.bars]


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

    One that cannot be counted, or not within COUNT_SECONDS, says why in its place; SizeUnknown where none can.
    """
    member = {"member": (group, ZoneInfo(segment.time_zone))}
    known = dict(breakable(stored(segment.customer_database)))
    chosen = [name for name in dict.fromkeys(asked) if name in known][:MOST_CHOSEN]
    with opened(segment.customer_database, [group]) as (connection, context):
        chosen = chosen or _usual(connection, context, segment.customer_database)
        if not chosen:
            return [], _members(connection, context, member)
        made = _each(connection, context, member, {name: known[name] for name in chosen})
    customers = next(one.customers for one in made if not one.error)
    return ([_masked(one, known[one.attribute]) for one in made] if masked else made), customers


def _members(connection: Connection, context: Context, member: Named) -> int:
    from campaigns.segments.compile import members

    found = members(*member["member"], context)
    return int(connection.row(found.aggregate(found=found.count()))["found"])


def _each(
    connection: Connection, context: Context, member: Named, columns: Mapping[str, Column]
) -> list[Breakdown]:
    """Raises what the first one raised where all fail."""
    made: list[Breakdown] = []
    failed: list[CustomerDatabaseError | RuleError] = []
    for name, column in columns.items():
        try:
            if failed and isinstance(failed[-1], QueryStopped):
                raise failed[-1]  # no time is left
            made.append(_breakdown(connection, context, member, name, column))
        except (CustomerDatabaseError, RuleError) as error:
            failed.append(error)
            made.append(Breakdown(name, (), 0, 0, error.message))
    if len(failed) == len(made):
        raise failed[0]
    return made


def _breakdown(
    connection: Connection, context: Context, member: Named, name: str, column: Column
) -> Breakdown:
    from campaigns.segments.compile import flags

    found = flags(context, member, {"value": name})
    value = found.value.cast("string").nullif("")
    grouped = found.group_by(value=value).aggregate(customers=found.member.sum(), everybody=found.count())
    # The sums of all values come along with each: a pass of their own would count everybody again.
    told = grouped.mutate(
        all_customers=grouped.customers.sum().over(), all_everybody=grouped.everybody.sum().over()
    )
    order = [told.value.isnull().desc(), told.customers.desc(), told.everybody.desc(), told.value]
    rows = connection.rows(told.order_by(order).limit(TOP + 1))
    customers = int(rows[0]["all_customers"] or 0) if rows else 0
    everybody = int(rows[0]["all_everybody"]) if rows else 0
    return Breakdown(name, _bars(rows, column, customers, everybody), customers, everybody)


def _bars(rows: Sequence[Mapping[str, Any]], column: Column, customers: int, everybody: int) -> list[Bar]:
    """The values that most members have, then the rest, then those without a value."""
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
    return replace(found, bars=bars)


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
