"""What a customer database holds, and why one cannot serve as such."""

from __future__ import annotations

import duckdb
import pytest

from campaigns.customers.catalogue import Catalogue, read_catalogue, stored
from campaigns.customers.connection import CustomerDatabaseError
from tests.segments.shop import make_shop, shop_database


@pytest.fixture
def folder(tmp_path):
    make_shop(tmp_path)
    return tmp_path


def _write(folder, name, select):
    duckdb.sql(f"COPY ({select}) TO '{folder / name}.parquet'")


def test_it_tells_tables_keys_and_how_many_rows_a_customer_has(folder) -> None:
    catalogue = read_catalogue(shop_database(folder))
    assert {table.name: (table.key, table.many) for table in catalogue.tables} == {
        "contacts": ("Customer_ID", False),
        "orders": ("customer_id", True),
        "profiles": ("customer_id", False),
    }


def test_columns_have_a_type_and_a_label(folder) -> None:
    table = read_catalogue(shop_database(folder)).table("profiles")
    assert table is not None
    assert {column.name: column.type for column in table.columns} == {
        "customer_id": "text",
        "city": "text",
        "state": "text",
        "points": "number",
        "birthday": "date",
        "seen_at": "datetime",
        "opted_in": "boolean",
    }
    opted_in = table.column("opted_in")
    assert opted_in is not None
    assert opted_in.label == "Opted in"


def test_tables_without_the_customer_key_are_left_out(folder) -> None:
    _write(folder, "prices", "SELECT 1 AS product, 2 AS price")
    assert read_catalogue(shop_database(folder)).table("prices") is None


def test_it_comes_out_of_the_database_as_it_went_in(folder) -> None:
    catalogue = read_catalogue(shop_database(folder))
    assert Catalogue.from_json(catalogue.to_json()) == catalogue
    assert stored(shop_database(folder)).tables == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"customer_key": "person"}, r"No table has the customer key person\. There is contacts, orders"),
        ({"profile_table": "people"}, "The profile table people is missing"),
        ({"contact_table": "letters"}, "The contact table letters is missing"),
        ({"profile_table": "orders"}, "The profile table orders has several rows for one customer_id"),
    ],
)
def test_it_says_why_it_cannot_serve(folder, changes, words) -> None:
    with pytest.raises(CustomerDatabaseError, match=words):
        read_catalogue(shop_database(folder, **changes))


def test_keys_that_are_equal_as_text_are_duplicates(tmp_path) -> None:
    _write(tmp_path, "profiles", "SELECT unnest(['1', '1', NULL, NULL]) AS customer_id")
    with pytest.raises(CustomerDatabaseError, match="several rows for one customer_id"):
        read_catalogue(shop_database(tmp_path))


def test_rows_without_a_key_are_no_duplicates(tmp_path) -> None:
    _write(tmp_path, "profiles", "SELECT unnest([1, NULL, NULL]) AS customer_id")
    (table,) = read_catalogue(shop_database(tmp_path)).tables
    assert not table.many
