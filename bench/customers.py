"""Invented customers in Parquet, made by DuckDB alone and the same every time: `python -m bench.customers FOLDER N`.

`--with-orders` makes their orders instead of their e-mail addresses, `--with-phones` phone numbers as people type them.

E-mail addresses are as real life has them: missing, invalid, upper-case, padded, shared. Their domains are
reserved ones.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import duckdb

from bench.measuring import FOLDER, python, run

# An even number below 10,000 for customer i and one purpose.
DRAW = "CREATE MACRO draw(i, purpose) AS CAST(hash(i, purpose) % 10000 AS INTEGER)"
# Four of ten customers live in Illinois or Washington and have five orders or more.
PROFILES = """
    SELECT format('C{:09d}', i) AS customer_id,
           ['Chicago', 'Seattle', 'Austin', 'Boston', 'Denver', 'Miami'][1 + draw(i, 'city') % 6] AS city,
           CASE WHEN draw(i, 'state') < 2700 THEN 'IL' WHEN draw(i, 'state') < 5100 THEN 'WA'
                ELSE ['TX', 'MA', 'CO', 'FL', 'CA', 'NY'][1 + draw(i, 'state') % 6] END AS state,
           DATE '1950-01-01' + draw(i, 'birthday') * 2 AS birthday,
           ['none', 'silver', 'gold', NULL][1 + draw(i, 'tier') % 4] AS loyalty_tier,
           draw(i, 'orders') % 21 AS orders,
           draw(i, 'value') / 7.0 AS lifetime_value,
           draw(i, 'opt-in') < 8000 AS email_opt_in
    FROM range(1, :customers + 1) AS t(i)
"""
# One of 35 customers shares an address with a household, one of 1,000 has a shop assistant's stopgap, and of one in 170
# only the library can tell that the address is none.
CONTACTS = """
    WITH named AS (
        SELECT i, draw(i, 'email') AS kind,
               ['anna', 'ben', 'chloe', 'david', 'elif', 'farid', 'grace', 'hugo'][1 + draw(i, 'first') % 8] AS first,
               ['lopez', 'kim', 'miller', 'nguyen', 'okafor', 'rossi', 'smith'][1 + draw(i, 'last') % 7] AS last,
               ['example.com', 'example.org', 'mail.example.net'][1 + draw(i, 'domain') % 3] AS domain
        FROM range(1, :customers + 1) AS t(i)
    ), addressed AS (
        SELECT *, CASE WHEN draw(i // 3, 'household') < 300 THEN format('household{}@{}', i // 3, domain)
                       ELSE format('{}.{}{}@{}', first, last, i, domain) END AS address
        FROM named
    )
    SELECT format('C{:09d}', i) AS customer_id, first AS first_name, last AS last_name,
           CASE WHEN kind < 400 THEN NULL
                WHEN kind < 500 THEN ''
                WHEN kind < 560 THEN format('{} at example', last)
                WHEN kind < 590 THEN format('josé{}@example.com', i)
                WHEN kind < 620 THEN replace(address, '@', '..@')
                WHEN kind < 630 THEN 'nobody@example.com'
                WHEN kind < 1600 THEN upper(address)
                WHEN kind < 1900 THEN '  ' || address || ' '
                WHEN kind < 2000 THEN address || chr(160) || chr(9)
                ELSE address END AS email,
           format('+1 202 555 {:04d}', 100 + i % 100) AS phone
    FROM addressed
"""
# Five for each customer on average, over a year and a half, one after the other as a shop writes them down.
ORDERS = """
    SELECT format('C{:09d}', 1 + hash(i, 'customer') % :customers) AS customer_id,
           draw(i, 'amount') / 50.0 AS amount,
           ['web', 'store', 'phone'][1 + draw(i, 'channel') % 3] AS channel,
           TIMESTAMP '2025-07-01' + to_microseconds(i * (47000000000000 // (5 * :customers))) AS ordered_at
    FROM range(1, 5 * :customers + 1) AS t(i)
"""
# Numbers of the exchange 555, which nobody has, under every area code of the United States; one of ten is none.
PHONES = """
    SELECT format('C{:09d}', i) AS customer_id,
           CASE WHEN kind < 500 THEN NULL
                WHEN kind < 700 THEN 'unknown'
                WHEN kind < 1000 THEN format('555-{:04d}', line)
                WHEN kind < 4000 THEN format('({}) 555-{:04d}', area, line)
                WHEN kind < 7000 THEN format('+1 {} 555 {:04d}', area, line)
                WHEN kind < 8500 THEN format('{}555{:04d}', area, line)
                WHEN kind < 9500 THEN format('+1{}555{:04d}', area, line)
                ELSE format('1-{}-555-{:04d}', area, line) END AS phone
    FROM (SELECT i, draw(i, 'phone') AS kind, draw(i, 'line') AS line,
                 ([:areas])[1 + CAST(hash(i, 'area') % :area_count AS INTEGER)] AS area
          FROM range(1, :customers + 1) AS t(i))
"""
TABLES = {
    "--with-orders": ("orders", ORDERS),
    "--with-phones": ("merged_customers", PHONES),
    "": ("merged_customers", CONTACTS),
}


def make(folder: Path, customers: int, option: str) -> None:
    """customer_360.parquet, and merged_customers.parquet with one row for each customer or orders.parquet with five."""
    folder.mkdir(parents=True, exist_ok=True)
    areas = area_codes()
    with duckdb.connect() as connection:
        connection.execute(DRAW)
        for name, query in (("customer_360", PROFILES), TABLES[option]):
            unfinished = folder / f"{name}.unfinished"
            rows = query.replace(":customers", str(customers)).replace(":area_count", str(len(areas)))
            rows = rows.replace(":areas", ", ".join(areas))
            connection.execute(f"COPY ({rows}) TO '{unfinished}' (FORMAT parquet)")
            unfinished.rename(folder / f"{name}.parquet")


def area_codes() -> list[str]:
    """Those of the United States in which 555 is an exchange."""
    from phonenumbers import parse, region_code_for_number

    return [
        str(area) for area in range(201, 990) if region_code_for_number(parse(f"+1{area}5550123")) == "US"
    ]


def made(customers: int) -> Path:
    """The folder with so many customers, made once and in a process of its own, which keeps this one small."""
    return _made(f"customers-{customers}", customers)


def with_orders(customers: int) -> Path:
    """The same with their orders, five times as many, and without their addresses."""
    return _made(f"orders-{customers}", customers, "--with-orders")


def with_phones(customers: int) -> Path:
    """The same with phone numbers in `merged_customers`, and no addresses."""
    return _made(f"phones-{customers}", customers, "--with-phones")


def _made(name: str, customers: int, *options: str) -> Path:
    folder = FOLDER / name
    if not folder.exists():
        print(f"making {name}", flush=True)
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        run(python("-m", "bench.customers", str(unfinished), str(customers), *options))
        unfinished.rename(folder)
    return folder


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]), *(sys.argv[3:] or [""]))
