"""What queries find on real engines, and what stops them."""

from __future__ import annotations

import time
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from campaigns.customers.catalogue import Catalogue, read_catalogue
from campaigns.customers.connection import CustomerDatabaseError, open_database
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.compile import members
from campaigns.segments.contexts import context_of
from campaigns.segments.people import people
from campaigns.segments.queries.trying import plan_problem
from campaigns.segments.rules import Group, Query, RuleError
from campaigns.segments.sizing import SizeUnknown, opened, size
from config import clock
from tests.segments.queries_told import HONEST, HOSTILE
from tests.segments.shop import ORDERS, PROFILES, make_shop, shop_database

UTC = ZoneInfo("UTC")
# Hours of work for any engine, over tables of six rows.
ENDLESS = "SELECT a.customer_id FROM " + ", ".join(f"profiles {name}" for name in "abcdefghijklmnopqrst")


def query(sql: str) -> Group:
    return Group("all", (Query(sql),))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("shop")
    make_shop(made)
    return made


@pytest.fixture(params=["files", "duckdb", "postgres"])
def database(request: pytest.FixtureRequest, folder: Path, tmp_path: Path, db: None) -> CustomerDatabase:
    """The shop of shop.py in a folder of files, in DuckDB's own file, on a PostgreSQL server."""
    url = f"files:{folder}"
    if request.param == "duckdb":
        with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
            _create(connection)
        url = f"duckdb://{tmp_path}/shop.duckdb"
    elif request.param == "postgres":
        import psycopg

        url = request.getfixturevalue("postgres")
        with psycopg.connect(url) as server, server.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            _create(cursor)
    made = shop_database(folder, url=url)
    made.catalogue = read_catalogue(made).to_json()
    made.save()
    return made


def _create(connection: object) -> None:
    for name, columns, rows in (
        ("profiles", "customer_id, city, state, points, birthday, seen_at, opted_in", PROFILES),
        ("orders", "customer_id, amount, ordered_at, channel", ORDERS),
    ):
        sql = f"CREATE TABLE {name} AS SELECT * FROM (VALUES {rows}) AS t({columns})"
        connection.execute(sql)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [(sql, found) for sql, found in HONEST if "now()" not in sql],
    ids=lambda one: one[:60],
)
def test_it_finds_these_customers(database, sql, expected):
    assert plan_problem(database, sql) is None
    with opened(database, []) as (connection, context):
        found = connection.rows(members(query(sql), UTC, context))
    assert "".join(sorted(row["customer_key"] for row in found)) == expected


def test_a_query_may_ask_for_the_time(database):
    sql = "SELECT customer_id FROM profiles WHERE seen_at > now() - INTERVAL '100 years'"
    assert size(database, query(sql), UTC).customers == 5


def test_size_reach_and_sample_are_told(database):
    group = query("SELECT customer_id FROM orders WHERE channel = 'web'")
    counted = size(database, group, UTC)
    assert (counted.customers, counted.everybody) == (2, 6)
    assert {row[0] for row in people(database, group, UTC, masked=False).sample.rows} == {"a", "b"}


def test_a_query_stands_beside_other_groups_in_one_pass(database):
    from campaigns.segments.compile import flags

    with opened(database, []) as (connection, context):
        named = {"web": (query("SELECT customer_id FROM orders WHERE channel = 'web'"), UTC)}
        named["all"] = (query("SELECT customer_id FROM profiles;"), UTC)
        rows = connection.rows(flags(context, named))
    assert sorted(row["customer_key"] for row in rows) == list("abcdef")
    assert sorted(row["customer_key"] for row in rows if row["web"]) == ["a", "b"]
    assert all(row["all"] for row in rows)


# What stops one -----------------------------------------------------------------------------------------


def test_what_would_run_for_ever_is_stopped(database, settings):
    settings.COUNT_SECONDS = 1
    assert plan_problem(database, ENDLESS) is None
    began = time.monotonic()
    with pytest.raises(SizeUnknown, match="was stopped"):
        size(database, query(ENDLESS), UTC)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("sql", "word", "line"),
    [
        (
            "SELECT customer_id\nFROM profiles\nWHERE amount = 1 OR EXISTS (SELECT amount FROM orders)",
            "amount",
            3,
        ),
        ("SELECT customer_id FROM profiles WHERE city + 1 > 2", "The customer database says", None),
        ("SELECT customer_id FROM profiles GROUP BY city", "customer_id", None),
    ],
)
def test_what_the_engine_cannot_plan_is_told_in_its_words(database, sql, word, line):
    problem = plan_problem(database, sql)
    assert problem is not None
    assert word in problem.text
    assert line is None or problem.line == line
    assert str(database.url) not in problem.text
    assert problem.text.count("\n") == 0


def test_what_no_longer_passes_is_stopped_before_a_run(database):
    with open_database(database) as connection:
        gone = Catalogue(
            tuple(one for one in read_catalogue(database).tables if one.name != "orders"), "profiles"
        )
        context = context_of(connection, gone, clock.now(), {})
        with pytest.raises(RuleError, match=r"can no longer be used\. There is no table orders"):
            members(query("SELECT customer_id FROM orders"), UTC, context)


def test_a_stored_query_that_was_never_checked_does_not_run(database):
    for sql in ("SELECT content FROM read_text('/etc/passwd')", "SELECT pg_read_file('/etc/passwd')"):
        with pytest.raises(SizeUnknown, match=r"can no longer be used\. The function"):
            size(database, query(sql), UTC)


@pytest.mark.parametrize("sql", [sql for sql, _ in HOSTILE["duckdb"] if "/etc/" in sql or "read_" in sql])
def test_a_duckdb_is_shut_in_besides(db, folder, sql):
    """Even what the check let through by mistake could read no file and change no setting."""
    with open_database(shop_database(folder)) as connection:
        connection.lock()
        assert connection.duckdb is not None
        with pytest.raises(duckdb.Error):
            connection.duckdb.execute(sql).fetchall()
        with pytest.raises(duckdb.Error, match="locked"):
            connection.duckdb.execute("SET enable_external_access = true")
        assert connection.fetch("SELECT count(*) FROM profiles", {})[0][0] == 7


def test_a_database_that_does_not_answer_is_no_fault_of_the_query(db, folder):
    gone = shop_database(folder, url="files:/nowhere")
    with pytest.raises(CustomerDatabaseError, match="The folder of the customer database is not there"):
        plan_problem(gone, "SELECT customer_id FROM profiles")
