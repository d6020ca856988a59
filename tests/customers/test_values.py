"""The distinct values that pickers offer: few are kept, many are searched, nobody's own are shown."""

from __future__ import annotations

import duckdb
import pytest

from campaigns.customers import connection, values
from campaigns.customers.catalogue import Catalogue, read_catalogue, stored
from campaigns.customers.connection import CustomerDatabaseError, open_database
from campaigns.customers.models import CustomerDatabase
from tests.segments.shop import make_shop, shop_database

MANY = """
    SELECT 'c' || i AS customer_id, 'tier ' || (i % 3) AS tier, 'street ' || (i % 900) AS shop, i AS points,
           i % 2 + 0.0 AS half, 'Name ' || (i % 5) AS first_name, 'p' || (i % 4) || '@example.com' AS login,
           CASE WHEN i % 2 = 0 THEN '' END AS nothing, repeat('x', 101) AS letter, DATE '2026-01-01' AS day,
           CASE WHEN i < 60000 THEN 'early' ELSE 'late ' || i END AS sorted
    FROM range(60300) t(i)
"""


@pytest.fixture
def database(tmp_path):
    duckdb.sql(f"COPY ({MANY}) TO '{tmp_path}/profiles.parquet'")
    found = shop_database(tmp_path)
    found.catalogue = read_catalogue(found).to_json()
    return found


def kept(database):
    (table,) = stored(database).tables
    return {column.name: column.values for column in table.columns if column.values}


def test_columns_with_few_values_keep_them_and_no_others(database):
    assert kept(database) == {"tier": ("tier 0", "tier 1", "tier 2"), "half": ("0", "1")}


def test_the_most_frequent_come_first(tmp_path):
    make_shop(tmp_path)
    catalogue = read_catalogue(shop_database(tmp_path))
    assert catalogue.column("profiles.state").values == ("IL", "WA", "WI", "ZH")
    assert catalogue.column("profiles.points").values == ("5", "-1", "0", "10", "99")
    assert catalogue.column("profiles.opted_in").values == ("true", "false")
    assert catalogue.column("orders.channel").values == ("web", "store")


@pytest.mark.parametrize("direct", [True, False])
def test_an_engine_that_ibis_speaks_for_gives_the_same(tmp_path, monkeypatch, direct):
    make_shop(tmp_path)
    if not direct:
        monkeypatch.setattr(connection, "TAKE_PLAIN_SQL", ())
    catalogue = read_catalogue(shop_database(tmp_path))
    assert catalogue.column("profiles.state").values == ("IL", "WA", "WI", "ZH")
    assert [table.many for table in catalogue.tables] == [False, True, False]


def test_a_table_whose_values_cannot_be_read_goes_without(tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(path) as made:
        made.execute("CREATE TABLE profiles AS SELECT 'a' AS customer_id, 'x' AS tier")
        made.execute("CREATE VIEW strange AS SELECT customer_id, CAST(tier AS INT) AS rank FROM profiles")
    catalogue = read_catalogue(shop_database(tmp_path, url=f"duckdb://{path}"))
    assert catalogue.column("profiles.tier").values == ("x",)
    assert catalogue.column("strange.rank").values == ()


def test_no_catalogue_grows_beyond_what_every_page_reads(database, tmp_path, monkeypatch):
    duckdb.sql(f"COPY ({MANY}) TO '{tmp_path}/second.parquet'")
    monkeypatch.setattr(values, "MOST_IN_ALL", 4)
    catalogue = read_catalogue(database)
    assert catalogue.column("profiles.tier").values
    assert not catalogue.column("second.tier").values


# Searched -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attribute", "text", "found"),
    [
        ("profiles.shop", "REET 89", ["street 89", "street 890", "street 891"]),
        ("profiles.shop", "100%", []),
        ("profiles.shop", "street_1", []),
        ("profiles.shop", "'; DROP TABLE", []),
        ("profiles.points", "6029", ["16029", "26029", "36029"]),
        ("profiles.tier", "2", ["tier 2"]),
        ("profiles.tier", "", ["tier 0", "tier 1", "tier 2"]),
        ("profiles.sorted", "", ["early", "late 60000", "late 60001"]),
        ("profiles.day", "2026", ["2026-01-01"]),
        ("profiles.nothing", "", []),
    ],
)
def test_values_are_found_by_a_part_in_any_case_the_most_frequent_first(database, attribute, text, found):
    assert values.search_values(database, attribute, text, limit=3) == found


def test_a_nul_is_no_way_to_fail(database):
    assert values.search_values(database, "profiles.shop", "street 77\0")[:1] == ["street 77"]


def test_personal_values_are_for_those_who_may_see_them(database):
    with pytest.raises(CustomerDatabaseError, match="These values are personal data, which you may not see"):
        values.search_values(database, "profiles.first_name", "")
    seen = values.search_values(database, "profiles.first_name", "name 3", sees_personal_data=True)
    assert seen == ["Name 3"]


def test_values_that_look_like_a_person_are_for_nobody_else_either(database):
    with pytest.raises(CustomerDatabaseError, match="These values are personal data"):
        values.search_values(database, "profiles.login", "p1")
    assert values.search_values(database, "profiles.login", "p1", sees_personal_data=True) == [
        "p1@example.com"
    ]


def test_hidden_and_gone_columns_are_refused(database):
    database.column_marks = {"profiles.shop": {"hidden": True}}
    with pytest.raises(CustomerDatabaseError, match=r"The attribute profiles\.shop is hidden"):
        values.search_values(database, "profiles.shop", "", sees_personal_data=True)
    with pytest.raises(CustomerDatabaseError, match=r"The attribute profiles\.gone is gone"):
        values.search_values(database, "profiles.gone", "")


def test_a_column_that_changed_since_is_told(database, tmp_path):
    duckdb.sql(f"COPY (SELECT 1 AS customer_id, 2 AS shop) TO '{tmp_path}/profiles.parquet'")
    with pytest.raises(CustomerDatabaseError, match="is of another type by now"):
        values.search_values(database, "profiles.shop", "")


def test_a_search_that_takes_too_long_is_stopped(tmp_path, settings):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(path) as made:
        made.execute("CREATE VIEW slow AS SELECT a.range::text || '-' || b.range AS customer_id, 'x' || hash(a.range"
                     " * b.range) AS code FROM range(100000) a, range(100000) b")  # fmt: skip
    columns = [{"name": "customer_id", "type": "text"}, {"name": "code", "type": "text"}]
    database = CustomerDatabase(url=f"duckdb://{path}", customer_key="customer_id")
    database.catalogue = {
        "tables": [{"name": "slow", "key": "customer_id", "many": False, "columns": columns}]
    }
    settings.COUNT_SECONDS = 0.2
    with pytest.raises(CustomerDatabaseError, match="took too long to answer and was stopped"):
        values.search_values(database, "slow.code", "7")
    with open_database(database) as opened:
        assert opened.tables() == ["slow"]


def test_a_catalogue_from_before_there_were_values_is_read():
    old = {"tables": [{"name": "t", "key": "k", "many": False, "columns": [{"name": "k", "type": "text"}]}]}
    assert Catalogue.from_json(old).column("t.k").values == ()
