"""The size of a nested segment with an aggregate of orders, against the same question in SQL by hand, in one run.

    python -m bench.segment --customers 10000000

Who lives in one of three states, is in a tier or worth 500 or more, and ordered for 50 or more at least three times in
the last 90 days; five orders for each customer. Each figure is the quickest of some rounds, taken by turns.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.customers import with_orders
from bench.measuring import against_hand, by_turns, circumstances, live_in, scratch, size_options
from bench.scene import customers_of, start_django

MOST_RATIO = 1.3
ROUNDS = 7
NOW = datetime(2027, 1, 1, 15, 0, tzinfo=UTC)
RULES = {
    "all": [
        {"attribute": "customer_360.state", "in": ["IL", "WA", "TX"]},
        {
            "any": [
                {"attribute": "customer_360.loyalty_tier", "in": ["silver", "gold"]},
                {"attribute": "customer_360.lifetime_value", "gte": 500},
            ]
        },
        {
            "rows": "orders",
            "where": {
                "all": [
                    {"attribute": "orders.amount", "gte": 50},
                    {"attribute": "orders.ordered_at", "in_last": "90 days"},
                ]
            },
            "aggregate": "count",
            "gte": 3,
        },
    ]
}
BY_HAND = """
    SELECT count(*) FROM '{folder}/customer_360.parquet'
    WHERE state IN ('IL', 'WA', 'TX') AND (loyalty_tier IN ('silver', 'gold') OR lifetime_value >= 500)
      AND customer_id IN (
        SELECT customer_id FROM '{folder}/orders.parquet'
        WHERE amount >= 50 AND ordered_at BETWEEN TIMESTAMP '2026-10-03' AND TIMESTAMP '2027-01-01 15:00'
        GROUP BY customer_id HAVING count(*) >= 3
      )
"""


def main() -> None:
    options = size_options(__doc__)
    folder = with_orders(options.customers)
    found = circumstances(options.threads) | {"customers": options.customers}
    with scratch() as data:
        live_in(data, options.threads)
        counts, seconds = _measure(folder, options.threads)
    against_hand("segment", options, found, counts, seconds, most=MOST_RATIO, counted="segment")


def _measure(folder: Path, threads: int) -> tuple[dict[str, int], dict[str, float]]:
    """({name: what it counted}, {name: seconds}) of both sides."""
    start_django()
    from django.conf import settings

    memory = settings.DUCKDB_MEMORY_LIMIT
    sides: dict[str, Callable[[], int]] = {
        "hand": lambda: _by_hand(folder, threads, memory),
        "size": _size_of(folder),
    }
    counts, taken = by_turns(sides, ROUNDS)
    return counts, {name: min(found) for name, found in taken.items()}


def _by_hand(folder: Path, threads: int, memory: str) -> int:
    import duckdb

    with duckdb.connect(config={"threads": threads, "memory_limit": memory}) as connection:
        (found,) = connection.sql(BY_HAND.format(folder=folder)).fetchall()[0]
        return int(found)


def _size_of(folder: Path) -> Callable[[], int]:
    from campaigns.segments.rules import parse
    from campaigns.segments.sizing import size
    from config.clock import stopped_at

    database, group = customers_of(str(folder)), parse(RULES)

    def counted() -> int:
        with stopped_at(NOW):
            return size(database, group, ZoneInfo("UTC")).customers

    return counted


if __name__ == "__main__":
    main()
