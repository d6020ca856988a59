"""The size of a segment while it is edited, against DuckDB's bare count of the same customers, in one run.

    python -m bench.count --customers 10000000

The segment: who lives in IL or WA and has 5 orders or more. Each figure is the median of some turns, taken by turns.
"""

from __future__ import annotations

import statistics
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.customers import made
from bench.measuring import by_turns, circumstances, live_in, scratch, size_options, tell, write
from bench.scene import RULES, customers_of, start_django

MOST_RATIO = 2.0
TURNS = 9


def main() -> None:
    options = size_options(__doc__)
    folder = made(options.customers)
    found = circumstances(options.threads) | {"customers": options.customers}
    with scratch() as data:
        live_in(data, options.threads)
        counts, seconds = _measure(folder, options.threads)
    if counts["size"] != counts["bare"]:
        sys.exit(f"The counts differ: {counts['size']:,}, and DuckDB says {counts['bare']:,}.")
    ratio = seconds["size"] / seconds["bare"]
    allowed = MOST_RATIO * seconds["bare"] + seconds["request"]
    is_met = seconds["size"] <= allowed
    tell(counts["size"], options.customers, seconds)
    print(
        f"ratio {ratio:.2f}; at most {MOST_RATIO} and one request more, {allowed * 1000:.1f} ms:"
        f" {'reached' if is_met else 'MISSED'}"
    )
    figures = {f"{name}_seconds": round(taken, 4) for name, taken in seconds.items()}
    write("count", found | {"segment": counts["size"], "ratio": round(ratio, 3)} | figures)
    if options.check and not is_met:
        sys.exit(1)


def _measure(folder: Path, threads: int) -> tuple[dict[str, int], dict[str, float]]:
    """({name: what it counted}, {name: seconds}) of the size, the bare count and one request of a page."""
    start_django()

    warnings.filterwarnings(
        "ignore", "No directory at", UserWarning
    )  # static files are collected in production alone
    page = _page()
    sides: dict[str, Callable[[], int]] = {
        "bare": lambda: _bare(folder, threads),
        "size": _size_of(folder),
        "request": page,
    }
    counts, taken = by_turns(sides, TURNS)
    return counts, {name: statistics.median(found[1:]) for name, found in taken.items()}


def _bare(folder: Path, threads: int) -> int:
    import duckdb

    with duckdb.connect(config={"threads": threads}) as connection:
        rows = f"FROM '{folder}/customer_360.parquet' WHERE state IN ('IL', 'WA') AND orders >= 5"
        (found,) = connection.sql(f"SELECT count(*) {rows}").fetchall()[0]
        return int(found)


def _size_of(folder: Path) -> Callable[[], int]:
    from campaigns.segments.rules import parse
    from campaigns.segments.sizing import size

    database, group = customers_of(str(folder)), parse(RULES)
    return lambda: size(database, group, ZoneInfo("UTC")).customers


def _page() -> Callable[[], int]:
    """One page for somebody who is signed in: what a request costs before anything is counted."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from config.accounts.models import Role, User

    person = User.objects.create(username="marketer", role=Role.MARKETER)
    client = Client(SERVER_NAME="localhost")
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return lambda: int(client.get(reverse("home")).status_code)


if __name__ == "__main__":
    main()
