"""PostgreSQL as a customer database: read, never written, and no query outlives its time."""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
import time
import uuid
from contextlib import suppress
from itertools import pairwise
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.customers.catalogue import read_catalogue, stored
from campaigns.customers.connection import CustomerDatabaseError, QueryStopped, open_database
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.saving import refresh_catalogue
from campaigns.customers.values import search_values
from campaigns.segments.rules import load, parse
from campaigns.segments.sizing import SizeUnknown, size

UTC = ZoneInfo("UTC")
TABLES = """
    CREATE TABLE profiles AS
    SELECT 'c' || i AS customer_id, CASE WHEN i % 3 = 0 THEN 'Chicago' ELSE 'Boise' END AS city,
           'person' || i || '@example.com' AS email, i * 1.5 AS points, i % 2 = 0 AS opted_in,
           timestamptz '2026-10-01 12:00Z' + i * interval '1 hour' AS seen_at
    FROM generate_series(1, 60) AS i;
    CREATE TABLE "My Orders" AS
    SELECT 'c' || (1 + i % 60) AS "Customer_ID", (20 + i)::numeric(10, 2) AS "Amount", 'x''y"z' AS "it's ""so"" called"
    FROM generate_series(0, 239) AS i;
    CREATE VIEW regulars AS SELECT customer_id, city AS town FROM profiles WHERE points > 45;
    CREATE TABLE visits (customer_id text, channel text);
    CREATE TABLE prices (product text);
"""


def execute(folder, *statements, database="postgres"):
    """Each statement as the owner; the rows of the last one."""
    with psycopg.connect(host=folder, user="muster", dbname=database, autocommit=True) as opened:
        for statement in statements:
            cursor = opened.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def server(postgres):
    """The folder of its socket; the database `shop` holds customers."""
    folder = postgres.partition("host=")[2]
    execute(folder, "CREATE ROLE nobody LOGIN", "CREATE DATABASE shop TEMPLATE template0")
    execute(folder, TABLES, database="shop")
    yield folder
    execute(folder, "DROP DATABASE shop WITH (FORCE)", "DROP ROLE nobody")


@pytest.fixture
def sql(server):
    return lambda *statements: execute(server, *statements, database="shop")


@pytest.fixture
def shop(server):
    return CustomerDatabase(
        name="Shop",
        url=f"postgres://muster@/shop?host={server}",
        customer_key="customer_id",
        profile_table="profiles",
    )


def _queries_under_way(server):
    """Of anybody but who asks."""
    sql = "SELECT query FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND datname = 'shop'"
    return execute(server, sql)


def _wait_until_idle(server):
    deadline = time.monotonic() + 5
    while left := _queries_under_way(server):
        assert time.monotonic() < deadline, left
        time.sleep(0.01)


def test_tables_views_and_empty_tables_are_found_by_whatever_name(shop):
    catalogue = read_catalogue(shop)
    assert {table.name: (table.key, table.many) for table in catalogue.tables} == {
        "My Orders": ("Customer_ID", True),
        "profiles": ("customer_id", False),
        "regulars": ("customer_id", False),
        "visits": ("customer_id", False),
    }
    orders, profiles = catalogue.table("My Orders"), catalogue.table("profiles")
    assert [column.type for column in profiles.columns] == [
        "text", "text", "text", "number", "boolean", "datetime"
    ]  # fmt: skip
    assert orders.column('it\'s "so" called').values == ("x'y\"z",)
    assert profiles.column("city").values == ("Boise", "Chicago")
    assert profiles.column("email").values == ()
    assert profiles.column("opted_in").values == ("false", "true")


def test_it_is_added_refreshed_and_counted(shop, server, sql, operator, client_of):
    fields = {
        "name": "Shop",
        "url": shop.url,
        "customer_key": "customer_id",
        "default_country": "US",
        "profile_table": "profiles",
        "action": "save",
        "form_token": str(uuid.uuid4()),
    }
    client_of(operator).post(reverse("customer_database_new"), fields)
    database = CustomerDatabase.objects.get()
    rules = [
        {"attribute": "profiles.city", "is": "Chicago"},
        {"rows": "My Orders", "aggregate": "count", "of": None, "gte": 4},
        {"rows": "visits", "exists": False},
        {"attribute": "regulars.town", "empty": True},
    ]
    rules[1].pop("of")
    assert size(database, parse({"all": rules}), UTC).customers == 10
    sql("ALTER TABLE profiles ADD COLUMN tier text", "ALTER TABLE visits ALTER channel TYPE int USING 0")
    try:
        refreshed = refresh_catalogue(database, operator)
    finally:
        sql("ALTER TABLE profiles DROP COLUMN tier", "ALTER TABLE visits ALTER channel TYPE text")
    assert refreshed.catalogue_changes["came"] == ["profiles.tier"]
    assert refreshed.catalogue_changes["changed_type"] == ["visits.channel"]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM profiles",
        "CREATE TABLE more (a int)",
        "DROP VIEW regulars",
        "CREATE TEMP VIEW v AS SELECT 1",
    ],
)
def test_nothing_is_ever_written(shop, statement):
    with open_database(shop) as opened, pytest.raises(Exception, match="read-only transaction"):
        opened.backend.raw_sql(statement)


def test_a_query_that_takes_too_long_is_ended_on_the_server(shop, server):
    with open_database(shop) as opened:
        slow = opened.backend.sql("SELECT pg_sleep(60)::text AS a", schema={"a": "string"})
        began = time.monotonic()
        with (
            pytest.raises(QueryStopped, match="took too long to answer and was stopped"),
            opened.limited(0.2),
        ):
            opened.rows(slow)
        assert time.monotonic() - began < 10
        _wait_until_idle(server)
        assert opened.rows(opened.table("visits")) == []


def test_the_server_ends_a_query_that_nobody_waits_for(shop, server, monkeypatch):
    """As where the process that asked was killed: nothing interrupts it."""
    monkeypatch.setattr("campaigns.customers.connection.Connection.interrupt", lambda self: None)
    with open_database(shop) as opened, opened.limited(0.2), pytest.raises(QueryStopped):
        opened.rows(opened.backend.sql("SELECT pg_sleep(60)::text AS a", schema={"a": "string"}))
    _wait_until_idle(server)


def test_the_time_of_a_request_ends_with_it(shop, settings):
    settings.STATEMENT_SECONDS = 1800
    shown = "SELECT current_setting('statement_timeout') AS a"
    with open_database(shop) as opened:
        limit = opened.backend.sql(shown, schema={"a": "string"})
        assert opened.rows(limit) == [{"a": "30min"}]
        with opened.limited(20):
            assert opened.rows(limit) == [{"a": "20s"}]
        assert opened.rows(limit) == [{"a": "30min"}]


@pytest.fixture
def freezing(server):
    """The socket's folder of a server that stops answering, and what freezes it."""
    folder, frozen = tempfile.mkdtemp(prefix="pg-"), threading.Event()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(f"{folder}/.s.PGSQL.5432")
    listening.listen()
    open_ones = [listening]

    def pass_on(one, other):
        with suppress(OSError):
            while data := one.recv(65536):
                if frozen.is_set():
                    return
                other.sendall(data)

    def accept():
        with suppress(OSError):
            while True:
                client, upstream = listening.accept()[0], socket.socket(socket.AF_UNIX)
                open_ones.extend([client, upstream])
                upstream.connect(f"{server}/.s.PGSQL.5432")
                for pair in ((client, upstream), (upstream, client)):
                    threading.Thread(target=pass_on, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield folder, frozen
    for one in open_ones:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
    shutil.rmtree(folder)


def test_a_server_that_stops_answering_holds_up_nobody_else(shop, freezing, monkeypatch):
    monkeypatch.setattr("campaigns.customers.postgres.CANCEL_SECONDS", 0.3)
    folder, frozen = freezing
    shop.url = f"postgres://muster@/shop?host={folder}"
    with open_database(shop) as opened:
        slow = opened.backend.sql("SELECT pg_sleep(60)::text AS a", schema={"a": "string"})
        beats, done = [], threading.Event()

        def beat():
            while not done.wait(0.05):
                beats.append(time.monotonic())

        beside = threading.Thread(target=beat)
        beside.start()
        threading.Timer(0.2, frozen.set).start()
        began = time.monotonic()
        with pytest.raises(CustomerDatabaseError), opened.limited(0.5):
            opened.rows(slow)
        took = time.monotonic() - began
        done.set()
        beside.join()
    assert took < 10
    assert max(later - earlier for earlier, later in pairwise(beats)) < 2, "the other thread went on"


@pytest.fixture
def freeze(freezing, monkeypatch, settings):
    """Freezes the server; from then on nobody waits long for it."""

    def now():
        monkeypatch.setattr("campaigns.customers.postgres.CANCEL_SECONDS", 0.3)
        settings.CONNECT_SECONDS = 1
        freezing[1].set()

    return now


def _ends(ask):
    """What `ask` fails with, though the server never answers."""
    failed = []

    def run():
        try:
            ask()
        except CustomerDatabaseError as error:
            failed.append(error.message)

    asking = threading.Thread(target=run, daemon=True)
    asking.start()
    asking.join(20)
    assert not asking.is_alive(), "it hangs for ever"
    return failed


def test_a_server_that_freezes_before_the_first_question_is_told(shop, freezing, freeze):
    folder, _ = freezing
    shop.url = f"postgres://muster@/shop?host={folder}"
    with open_database(shop) as opened:
        freeze()

        def ask():
            with opened.limited(0.5):
                opened.tables()

        assert _ends(ask) == ["The customer database cannot be reached. Ask an operator to look at it."]


def test_a_server_that_freezes_between_two_questions_lets_go(shop, freezing, freeze):
    folder, _ = freezing
    shop.url = f"postgres://muster@/shop?host={folder}"
    with open_database(shop) as opened:

        def ask():
            with opened.limited(20):
                freeze()

        assert _ends(ask) == []


def test_a_pooler_that_lets_people_in_before_a_frozen_server_is_told(shop, freezing, freeze, monkeypatch):
    """It answers to the login by itself; the first question is never answered."""
    folder, _ = freezing
    real = psycopg.connect

    def let_in(**options):
        driver = real(**options)
        freeze()
        return driver

    monkeypatch.setattr(psycopg, "connect", let_in)
    shop.url = f"postgres://muster@/shop?host={folder}"

    def ask():
        with open_database(shop):
            pass

    assert len(_ends(ask)) == 1


def test_a_host_that_is_gone_from_the_network_is_noticed(shop):
    with open_database(shop) as opened:
        options = opened.backend.con.info.get_parameters()
    assert (options["keepalives_idle"], options["tcp_user_timeout"]) == ("30", "60000")
    assert options["connect_timeout"] == "15"


def test_a_schema_in_the_url_is_where_tables_are_found(shop, server, sql):
    sql("CREATE SCHEMA north", "CREATE TABLE north.buyers AS SELECT 'c1' AS customer_id")
    try:
        for url in (f"postgres://muster@/shop/north?host={server}", f"{shop.url}&schema=north"):
            shop.url, shop.profile_table = url, ""
            assert [table.name for table in read_catalogue(shop).tables] == ["buyers"]
    finally:
        sql("DROP SCHEMA north CASCADE")


@pytest.mark.django_db
def test_a_count_that_takes_too_long_is_told_and_nothing_goes_on(shop, server, sql, settings):
    sql("CREATE VIEW slow AS SELECT customer_id, pg_sleep(0.5)::text AS nap FROM profiles")
    try:
        shop.catalogue = {
            "tables": [{"name": "slow", "key": "customer_id", "many": False,
                        "columns": [{"name": "customer_id", "type": "text"}, {"name": "nap", "type": "text"}]}]
        }  # fmt: skip
        shop.profile_table = "slow"
        shop.save()
        settings.COUNT_SECONDS = 0.3
        group = load({"version": 1, "rules": {"all": [{"attribute": "slow.nap", "is": "x"}]}})
        with pytest.raises(SizeUnknown, match="Counting took longer than 0 seconds and was stopped"):
            size(shop, group, UTC)
        _wait_until_idle(server)
    finally:
        sql("DROP VIEW slow")


def test_a_catalogue_that_takes_too_long_is_told_by_the_table_it_stopped_at(shop, server, sql, settings):
    sql("CREATE VIEW crawling AS SELECT customer_id FROM profiles, pg_sleep(60)")
    settings.CATALOGUE_SECONDS = 1
    try:
        with pytest.raises(
            CustomerDatabaseError, match="longer than 1 seconds and was stopped at the table crawling"
        ):
            read_catalogue(shop)
        _wait_until_idle(server)
    finally:
        sql("DROP VIEW crawling")


def test_values_that_take_too_long_leave_the_catalogue_whole(shop, server, sql, settings):
    sql(
        "CREATE VIEW slow AS SELECT customer_id, city, pg_sleep(0.02)::text AS nap FROM profiles WHERE city = 'Boise'"
    )
    settings.COUNT_SECONDS = 0.5
    try:
        catalogue = read_catalogue(shop)
        _wait_until_idle(server)
    finally:
        sql("DROP VIEW slow")
    assert catalogue.column("profiles.city").values == ("Boise", "Chicago")
    assert catalogue.column("slow.city").values == ()


def test_values_are_searched_in_any_case(shop):
    shop.catalogue = read_catalogue(shop, with_values=False).to_json()
    assert search_values(shop, "profiles.city", "CHI") == ["Chicago"]
    assert search_values(shop, "profiles.points", "", limit=2) == ["1.5", "10.5"]
    assert search_values(shop, "My Orders.Amount", "23.0") == ["123.00", "223.00", "23.00"]


def test_a_table_that_the_reader_may_not_read_is_told_by_its_name(shop, server, sql):
    sql("GRANT SELECT ON profiles TO nobody", "GRANT INSERT ON visits TO nobody")
    shop.url = f"postgres://nobody@/shop?host={server}"
    try:
        with pytest.raises(CustomerDatabaseError, match="The table visits cannot be read"):
            read_catalogue(shop)
    finally:
        sql("REVOKE ALL ON visits, profiles FROM nobody")


def test_hundreds_of_tables_are_read_in_seconds(server, sql, operator, client_of):
    columns = ", ".join(f"'v{number}'::text AS c{number}" for number in range(16))
    execute(server, "CREATE DATABASE wide")
    for number in range(300):
        execute(server, f"CREATE TABLE t{number} AS SELECT 'a' AS customer_id, {columns}", database="wide")
    wide = CustomerDatabase.objects.create(
        name="Wide", url=f"postgres://muster@/wide?host={server}", customer_key="customer_id"
    )
    began = time.monotonic()
    refresh_catalogue(wide, operator)
    assert time.monotonic() - began < 12
    catalogue = stored(wide)
    assert (len(catalogue.tables), sum(len(table.columns) for table in catalogue.tables)) == (300, 5100)
    page, queries = _page(client_of(operator), wide)
    assert ">t299</a>" in page
    execute(server, "DROP DATABASE wide WITH (FORCE)")
    small = CustomerDatabase.objects.create(name="Small", url="files:/nowhere", customer_key="customer_id")
    assert queries == _page(client_of(operator), small)[1]


def _page(client, database):
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(reverse("customer_database", args=[database.pk]))
    return answer.content.decode(), len(captured)
