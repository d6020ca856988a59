"""What changed in a customer database since its catalogue was read: a launch is stopped by one plain sentence."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from campaigns.customers.catalogue import read_catalogue
from campaigns.customers.models import CustomerDatabase, DefaultAttribute
from campaigns.launches.models import LaunchState
from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
from campaigns.segments.rules import dump, parse


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "customers"


def _change(folder: Path, table: str, select: str) -> None:
    """Write a table anew; `select` reads the old one as `old`."""
    path = folder / f"{table}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE old AS FROM '{path}'")
        connection.execute(f"COPY ({select}) TO '{path}'")


def _feed_from(database: CustomerDatabase, column: str) -> None:
    DefaultAttribute.objects.filter(customer_database=database).update(column=column)
    database.catalogue = read_catalogue(database).to_json()
    database.save()


def _rule(segment: Segment, rule: dict[str, object]) -> None:
    segment.rules = dump(parse({"all": [rule]}))
    segment.save()


def _refused(launch, uploads: Path) -> str:
    """Nothing is sent, nobody assigned; the reason."""
    assert launch.state == LaunchState.FAILED
    assert not list(uploads.iterdir())
    assert not launch.history_path
    assert "Muster itself" not in launch.error
    return str(launch.error)


def test_a_folder_that_vanished(launched, folder, uploads) -> None:
    folder.rename(folder.with_name("elsewhere"))
    assert "The folder of the customer database is not there" in _refused(launched(), uploads)


def test_a_file_that_broke(launched, folder, uploads) -> None:
    (folder / "customer_360.parquet").write_text("half a file")
    assert "customer_360.parquet cannot be read" in _refused(launched(), uploads)


def test_a_table_that_vanished(launched, folder, uploads) -> None:
    (folder / "merged_customers.parquet").unlink()
    assert "The table merged_customers is gone" in _refused(launched(), uploads)


def test_a_column_of_a_rule_that_vanished(launched, folder, uploads) -> None:
    _change(folder, "customer_360", "SELECT * EXCLUDE (city) FROM old")
    assert "customer_360.city is gone" in _refused(launched(), uploads)


@pytest.mark.parametrize("table", ["customer_360", "merged_customers"])
def test_a_customer_key_that_vanished(launched, folder, uploads, table) -> None:
    _change(folder, table, "SELECT * RENAME (customer_id AS person) FROM old")
    assert f"customer_id is gone from the table {table}" in _refused(launched(), uploads)


def test_an_identifier_that_vanished(launched, folder, uploads) -> None:
    _change(folder, "merged_customers", "SELECT * EXCLUDE (email) FROM old")
    assert "merged_customers.email is gone" in _refused(launched(), uploads)


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        ("customer_id", "customer_id is gone from the table merged_customers"),
        ("email", "merged_customers.email is gone"),
    ],
)
def test_an_identifier_that_vanished_from_a_table_with_many_rows(
    customer_database, campaign, launched, folder, uploads, gone, words
) -> None:
    _change(
        folder,
        "merged_customers",
        "FROM old UNION ALL SELECT * REPLACE ('more@example.com' AS email) FROM old",
    )
    _feed_from(customer_database, "merged_customers.email")
    _change(folder, "merged_customers", f"SELECT * EXCLUDE ({gone}) FROM old")
    assert words in _refused(launched(), uploads)


@pytest.mark.parametrize(
    ("gone", "words"),
    [("customer_id", "customer_id is gone from the table orders"), ("amount", "orders.amount is gone")],
)
def test_a_column_of_orders_that_vanished(chicago, campaign, launched, folder, uploads, gone, words) -> None:
    where = {"all": [{"attribute": "orders.amount", "gte": 30}]}
    _rule(chicago, {"rows": "orders", "where": where, "aggregate": "count", "gte": 1})
    _change(folder, "orders", f"SELECT * EXCLUDE ({gone}) FROM old")
    assert words in _refused(launched(), uploads)


def test_a_column_of_an_aggregate_that_vanished(chicago, campaign, launched, folder, uploads) -> None:
    _rule(chicago, {"rows": "orders", "aggregate": "sum", "of": "orders.amount", "gte": 30})
    _change(folder, "orders", "SELECT * EXCLUDE (amount) FROM old")
    assert "orders.amount is gone" in _refused(launched(), uploads)


def test_a_column_that_became_another_type(chicago, campaign, launched, folder, uploads) -> None:
    _rule(chicago, {"attribute": "customer_360.lifetime_value", "gte": 30})
    _change(folder, "customer_360", "SELECT * REPLACE ('much' AS lifetime_value) FROM old")
    assert "customer_360.lifetime_value" in _refused(launched(), uploads)


@pytest.mark.parametrize("first_match_only", [True, False])
@pytest.mark.parametrize("table", ["customer_360", "merged_customers"])
def test_duplicate_keys_never_multiply_recipients(
    campaign: Campaign, launched, folder, uploads, table, first_match_only
) -> None:
    campaign.assign_to_first_match_only = first_match_only
    campaign.save()
    _change(folder, table, "FROM old UNION ALL FROM old WHERE customer_id = 'C04'")
    reason = _refused(launched(), uploads)
    assert f"{table} has several rows for one customer_id" in reason
    assert "Remove the duplicates" in reason


def test_a_duplicate_of_whom_an_exclude_segment_keeps_out_is_found_too(launched, folder, uploads) -> None:
    other = "SELECT * REPLACE ('gold' AS loyalty_tier) FROM old WHERE customer_id = 'C04'"
    _change(folder, "customer_360", f"FROM old UNION ALL {other}")
    assert "customer_360 has several rows" in _refused(launched(), uploads)


def test_rows_without_a_key_are_no_duplicates(launched, folder) -> None:
    _change(folder, "customer_360", "FROM old UNION ALL SELECT * REPLACE (NULL AS customer_id) FROM old")
    assert launched().state == LaunchState.DELIVERED
