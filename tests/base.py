"""What tests of more than one part need."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import duckdb
import pytest

# 60 customers C01 … C60: half of them in Chicago, every third gold, every tenth without an e-mail address, C07 and
# C17 with one that is none, C08 and C18 sharing one.
CUSTOMERS = """
    SELECT format('C{:02d}', i) AS customer_id,
           CASE WHEN i % 2 = 0 THEN 'Chicago' ELSE 'Seattle' END AS city,
           CASE WHEN i % 2 = 0 THEN 'IL' ELSE 'WA' END AS state,
           CASE WHEN i % 3 = 0 THEN 'gold' WHEN i % 3 = 1 THEN 'silver' END AS loyalty_tier,
           DATE '1980-01-01' + CAST(i * 100 AS INTEGER) AS birthday,
           i * 10.5 AS lifetime_value,
           i % 4 <> 0 AS email_opt_in
    FROM range(1, 61) AS t(i)
"""
CONTACTS = """
    SELECT format('C{:02d}', i) AS customer_id,
           CASE WHEN i % 10 = 0 THEN NULL
                WHEN i IN (7, 17) THEN 'not an address'
                WHEN i IN (8, 18) THEN 'shared@example.com'
                ELSE format('person{}@example.com', i) END AS email,
           CASE WHEN i % 5 <> 0 THEN format('+1 202 555 {:04d}', 100 + i) END AS phone
    FROM range(1, 61) AS t(i)
"""
ORDERS = """
    SELECT format('C{:02d}', 1 + i % 60) AS customer_id,
           CAST(20 + i % 90 AS DOUBLE) AS amount,
           TIMESTAMP '2026-10-01 12:00:00' + INTERVAL (i) HOUR AS ordered_at
    FROM range(0, 240) AS t(i)
"""


def make_customers(folder: Path) -> None:
    """customer_360 and merged_customers with a row for each customer, orders with several; the same every time."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"customer_360": CUSTOMERS, "merged_customers": CONTACTS, "orders": ORDERS}
    with duckdb.connect() as connection:
        for name, query in tables.items():
            connection.execute(f"COPY ({query}) TO '{folder / name}.parquet'")


def program(name: str, *places: str) -> str:
    """The path of a program, looked for on the path and in `places`.

    Without it the test is skipped, and says what is missing; with REQUIRE_SERVICES=1 it fails instead.
    """
    found = shutil.which(name) or next((place for place in places if Path(place).exists()), None)
    return found or missing(f"{name} is not installed")


def missing(reason: str) -> NoReturn:
    tell = pytest.fail if os.environ.get("REQUIRE_SERVICES") == "1" else pytest.skip
    tell(reason)
