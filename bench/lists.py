"""A million phone numbers matched to customers, against the least that SQL by hand would do, in one run.

    python -m bench.lists --customers 10000000

By hand only the digits are compared, a leading 1 left out: no number is looked at whether it is one. Each figure is the
quickest of some rounds, taken by turns.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.customers import with_phones
from bench.measuring import against_hand, by_turns, circumstances, live_in, scratch, size_options
from bench.scene import customers_of, start_django

LINES = 1_000_000
MOST_RATIO = 3.0
ROUNDS = 3
DIGITS = "regexp_replace(regexp_replace({}, '[^0-9]', '', 'g'), '^1', '')"
# Every number as it stands with some customer, but written with dashes or as a whole.
LIST = """
    SELECT CASE WHEN i % 2 = 0 THEN digits ELSE regexp_replace(digits, '(...)(...)(....)', '\\1-\\2-\\3') END AS c0
    FROM (SELECT row_number() OVER () AS i, {digits} AS digits FROM '{folder}/merged_customers.parquet'
          WHERE regexp_matches(phone, '[0-9].*555.*[0-9]') AND hash(customer_id, 'list') % {every} = 0)
    LIMIT {lines}
"""
BY_HAND = """
    SELECT count(DISTINCT customer_id) FROM
    (SELECT customer_id, {theirs} AS digits FROM '{folder}/merged_customers.parquet' WHERE strlen(phone) >= 10)
    SEMI JOIN (SELECT {ours} AS digits FROM '{lines}') USING (digits)
"""


def main() -> None:
    options = size_options(__doc__)
    folder = with_phones(options.customers)
    found = circumstances(options.threads) | {"customers": options.customers}
    with scratch() as data:
        live_in(data, options.threads)
        counts, seconds = _measure(folder, data, options.customers, options.threads)
    against_hand("lists", options, found, counts, seconds, most=MOST_RATIO, counted="matched")


def _measure(
    folder: Path, data: Path, customers: int, threads: int
) -> tuple[dict[str, int], dict[str, float]]:
    """({name: what it counted}, {name: seconds}) of both sides."""
    start_django()

    lines = _lines(folder, data, customers)
    sides: dict[str, Callable[[], int]] = {
        "hand": lambda: _by_hand(folder, lines, threads),
        "match": _matching(folder, lines, data),
    }
    counts, taken = by_turns(sides, ROUNDS)
    return counts, {name: min(found) for name, found in taken.items()}


def _lines(folder: Path, data: Path, customers: int) -> Path:
    import duckdb

    path = data / "lines.parquet"
    every = max(customers * 9 // 10 // LINES, 1)
    sql = LIST.format(folder=folder, digits=DIGITS.format("phone"), every=every, lines=LINES)
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
    return path


def _by_hand(folder: Path, lines: Path, threads: int) -> int:
    import duckdb
    from django.conf import settings

    options: dict[str, Any] = {"threads": threads, "memory_limit": settings.DUCKDB_MEMORY_LIMIT}
    sql = BY_HAND.format(folder=folder, lines=lines, theirs=DIGITS.format("phone"), ours=DIGITS.format("c0"))
    with duckdb.connect(config=options) as connection:
        return int(connection.sql(sql).fetchall()[0][0])


def _matching(folder: Path, lines: Path, data: Path) -> Callable[[], int]:
    from campaigns.segments.uploaded.matching import Choice, match
    from campaigns.segments.uploaded.models import MatchedBy

    database, choice = customers_of(str(folder)), Choice(0, MatchedBy.PHONE, False)
    written = data / "keys.parquet", data / "unmatched.parquet"
    return lambda: match(database, lines, choice, *written).customers


if __name__ == "__main__":
    main()
