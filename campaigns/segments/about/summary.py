"""What the members of a segment buy, beside everybody: from the orders that the customer database names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from campaigns.customers.reading import changed_since
from campaigns.segments.models import Segment
from campaigns.segments.rules import Comparison, Group, RuleError
from campaigns.segments.sizing import opened
from campaigns.segments.times import Moment
from campaigns.segments.values import Span

if TYPE_CHECKING:
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
    everybody: Buyers


def has_orders(segment: Segment) -> bool:
    return bool(segment.customer_database.orders.get("table"))


def summary(segment: Segment, group: Group) -> Summary:
    """In one pass. Raises SizeUnknown, also after COUNT_SECONDS."""
    zone = ZoneInfo(segment.time_zone)
    with opened(segment.customer_database, [group]) as (connection, context):
        from campaigns.segments.compile import flags

        found = flags(context, {"member": (group, zone)})
        orders = _orders(segment, context, zone)
        joined = found.left_join(orders, "customer_key").drop("customer_key_right")
        row = connection.row(joined.aggregate(**_sums(joined, "all_"), **_sums(joined, "in_", joined.member)))
    return Summary(_buyers(row, "in_"), _buyers(row, "all_"))


def _orders(segment: Segment, context: Context, zone: ZoneInfo) -> Any:
    """A row for each customer with orders: how many, and for how much."""
    from campaigns.segments.conditions import matches

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
    lately = matches(table[ordered_at], LAST_YEAR, Moment(context.now, zone))
    value = table[amount].cast("float64")
    return table.group_by(customer_key=table[known.key].cast("string")).aggregate(
        lately=lately.sum(),
        orders=value.count(where=lately),
        revenue=value.sum(where=lately),
        revenue_ever=value.sum(),
    )


def _sums(joined: Any, prefix: str, where: Any = None) -> dict[str, Any]:
    active = joined.lately.fill_null(0) > 0
    return {
        f"{prefix}customers": joined.count(where=where),
        f"{prefix}active": joined.count(where=active if where is None else where & active),
        **{
            f"{prefix}{name}": joined[name].sum(where=where) for name in ("orders", "revenue", "revenue_ever")
        },
    }


def _buyers(row: dict[str, Any], prefix: str) -> Buyers:
    return Buyers(
        customers=int(row[f"{prefix}customers"]),
        active=int(row[f"{prefix}active"]),
        orders=int(row[f"{prefix}orders"] or 0),
        revenue=float(row[f"{prefix}revenue"] or 0),
        revenue_ever=float(row[f"{prefix}revenue_ever"] or 0),
    )
