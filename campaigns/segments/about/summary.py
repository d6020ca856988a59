"""What the members of a segment buy, beside everybody: from the orders that the customer database names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from campaigns.customers.reading import changed_since
from campaigns.segments.models import Segment
from campaigns.segments.rules import Comparison, Group, RuleError
from campaigns.segments.sizing import SizeUnknown, opened, with_everybody
from campaigns.segments.times import Moment
from campaigns.segments.values import Span

if TYPE_CHECKING:
    from campaigns.customers.connection import Connection
    from campaigns.segments.compile import Context

LAST_YEAR = Comparison("in_last", Span(1, "years"))
UNFIT = "The orders of “{database}” no longer fit its tables. Ask an operator to choose them again."


@dataclass(frozen=True)
class Buyers:
    """Customers and their orders; orders without an amount count as none."""

    customers: int
    active: int  # with an order in the last year
    orders: int  # in the last year
    revenue: float  # in the last year
    revenue_ever: float

    @property
    def average(self) -> float | None:
        """The value of an order in the last year."""
        return self.revenue / self.orders if self.orders else None


@dataclass(frozen=True)
class Summary:
    members: Buyers
    everybody: Buyers | None
    everybody_error: str = ""  # why nobody knows what everybody buys, as a sentence


def has_orders(segment: Segment) -> bool:
    return bool(segment.customer_database.orders.get("table"))


def summary(segment: Segment, group: Group) -> Summary:
    """Raises SizeUnknown, also after COUNT_SECONDS; the members' part is there even if everybody's takes longer."""
    zone = ZoneInfo(segment.time_zone)
    with opened(segment.customer_database, [group]) as (connection, context):
        from campaigns.segments.compile import members

        keys = members(group, zone, context)
        customers = int(connection.row(keys.aggregate(found=keys.count()))["found"])
        found = _buyers(connection, customers, _orders(segment, context, zone), keys)
    try:
        return Summary(found, _everybody(segment, zone))
    except SizeUnknown as error:
        return Summary(found, None, error.message)


def _everybody(segment: Segment, zone: ZoneInfo) -> Buyers:
    with opened(segment.customer_database, []) as (connection, context):
        from campaigns.segments.compile import everybody

        customers, context = with_everybody(connection, context)
        # Without a profile table, whoever ordered is a customer.
        keys = everybody(context) if context.catalogue.profile_table else None
        return _buyers(connection, customers, _orders(segment, context, zone), keys)


def _orders(segment: Segment, context: Context, zone: ZoneInfo) -> Any:
    """A row for each order: `customer_key`, its `value`, and whether it is of the last year."""
    from campaigns.segments.conditions import holds, matches

    settings = segment.customer_database.orders
    known = context.catalogue.table(settings["table"])
    unfit = RuleError(UNFIT.format(database=segment.customer_database))
    if known is None:
        raise unfit
    table = context.table(known.name)
    amount, ordered_at = settings.get("amount", ""), settings.get("ordered_at", "")
    kinds = [column.type if (column := known.column(name)) else "" for name in (amount, ordered_at)]
    gone = any(changed_since(table, known, name) for name in (known.key, amount, ordered_at))
    if gone or kinds[0] != "number" or kinds[1] not in ("date", "datetime"):
        raise unfit
    table = table.filter(table[known.key].notnull())
    return table.select(
        customer_key=table[known.key].cast("string"),
        value=table[amount].cast("float64"),
        lately=holds(matches(table[ordered_at], LAST_YEAR, Moment(context.now, zone))),
    )


def _buyers(connection: Connection, customers: int, orders: Any, keys: Any | None) -> Buyers:
    """Of the orders of `keys` alone; None: of all."""
    own = orders if keys is None else orders.semi_join(keys, "customer_key")
    row = connection.row(
        own.aggregate(
            active=own.customer_key.nunique(where=own.lately),
            orders=own.value.count(where=own.lately),
            revenue=own.value.sum(where=own.lately),
            revenue_ever=own.value.sum(),
        )
    )
    return Buyers(
        customers=customers,
        active=int(row["active"] or 0),
        orders=int(row["orders"] or 0),
        revenue=float(row["revenue"] or 0),
        revenue_ever=float(row["revenue_ever"] or 0),
    )
