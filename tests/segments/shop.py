"""A small customer database with every awkward value, as Parquet files."""

from __future__ import annotations

from pathlib import Path

import duckdb

from campaigns.customers.models import CustomerDatabase

PROFILES = """
    ('a', 'Chicago', 'IL', 10, DATE '1990-02-28', TIMESTAMP '2027-02-28 23:30:00', true),
    ('b', 'chicago', 'WI', 0, DATE '1988-02-29', TIMESTAMP '2027-03-01 05:59:59', false),
    ('c', '', 'IL', -1, DATE '2000-03-07', TIMESTAMP '2027-03-01 06:00:00', NULL),
    ('d', NULL, NULL, NULL, NULL, NULL, NULL),
    ('e', '100%_off', 'WA', 5, DATE '1999-12-31', TIMESTAMP '2026-11-30 12:00:00', true),
    ('f', 'Zürich', 'ZH', 5, DATE '2001-03-08', TIMESTAMP '2027-03-02 00:00:00', true),
    (NULL, 'Nobody', 'IL', 99, NULL, NULL, true)
"""
ORDERS = """
    ('a', 60.0, TIMESTAMP '2027-02-01 10:00:00', 'web'),
    ('a', 55.0, TIMESTAMP '2027-02-10 10:00:00', 'web'),
    ('a', 20.0, TIMESTAMP '2027-02-20 10:00:00', 'store'),
    ('b', 70.0, TIMESTAMP '2026-01-01 10:00:00', 'web'),
    ('e', NULL, TIMESTAMP '2027-02-25 10:00:00', NULL),
    ('x', 500.0, TIMESTAMP '2027-02-25 10:00:00', 'web')
"""


def make_shop(folder: Path) -> None:
    """profiles: one row per customer; contacts: one, without some; orders: many."""
    with duckdb.connect() as connection:
        for name, columns, rows in (
            ("profiles", "customer_id, city, state, points, birthday, seen_at, opted_in", PROFILES),
            ("contacts", "Customer_ID, email", "('a', 'a@example.com'), ('b', '')"),
            ("orders", "customer_id, amount, ordered_at, channel", ORDERS),
        ):
            connection.execute(
                f"COPY (SELECT * FROM (VALUES {rows}) AS t({columns})) TO '{folder / name}.parquet'"
            )


def shop_database(folder: Path, **changes: object) -> CustomerDatabase:
    fields: dict[str, object] = {
        "name": "Shop",
        "url": f"files:{folder}",
        "customer_key": "customer_id",
        "profile_table": "profiles",
    }
    return CustomerDatabase(**{**fields, **changes})
