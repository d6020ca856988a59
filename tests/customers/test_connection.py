"""The way into a customer database, and each failure in a plain sentence."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from importlib.metadata import metadata
from importlib.util import find_spec
from types import SimpleNamespace

import duckdb
import ibis
import pytest

from campaigns.customers.connection import CustomerDatabaseError, QueryStopped, open_database
from campaigns.customers.models import CustomerDatabase
from tests.segments.shop import make_shop, shop_database


def _csv(folder, name, text):
    (folder / f"{name}.csv").write_text(text)
    return CustomerDatabase(name="Files", url=f"files:{folder}", customer_key="customer_id")


def test_each_file_of_a_folder_is_a_table(tmp_path) -> None:
    make_shop(tmp_path)
    (tmp_path / "notes.txt").write_text("not a table")
    with open_database(shop_database(tmp_path)) as connection:
        assert connection.tables() == ["contacts", "orders", "profiles"]


def test_a_relative_folder_lies_below_the_project(tmp_path, settings) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "shop").mkdir()
    make_shop(tmp_path / "shop")
    with open_database(shop_database(tmp_path, url="files:shop")) as connection:
        assert "profiles" in connection.tables()


def test_a_missing_folder_is_told(tmp_path) -> None:
    with (
        pytest.raises(
            CustomerDatabaseError, match="The folder of the customer database is not there"
        ) as told,
        open_database(shop_database(tmp_path / "gone")),
    ):
        pass
    assert (
        told.value.detail == f"There is no folder {tmp_path}/gone. Correct the URL of the customer database."
    )
    assert str(tmp_path) not in told.value.message


def test_an_empty_folder_is_told(tmp_path) -> None:
    with (
        pytest.raises(CustomerDatabaseError, match="no Parquet or CSV file"),
        open_database(shop_database(tmp_path)),
    ):
        pass


def test_a_broken_file_is_told_by_name(tmp_path) -> None:
    (tmp_path / "orders.parquet").write_text("this is no Parquet")
    with (
        pytest.raises(CustomerDatabaseError, match=r"orders\.parquet cannot be read as PARQUET"),
        open_database(shop_database(tmp_path)),
    ):
        pass


def test_a_table_that_is_gone_is_told_by_name(tmp_path) -> None:
    make_shop(tmp_path)
    with (
        open_database(shop_database(tmp_path)) as connection,
        pytest.raises(CustomerDatabaseError, match="The table visits is gone"),
    ):
        connection.table("visits")


def test_a_missing_duckdb_file_is_not_made(tmp_path) -> None:
    path = tmp_path / "shop.duckdb"
    with (
        pytest.raises(CustomerDatabaseError, match="The file of the customer database is not there"),
        open_database(shop_database(tmp_path, url=f"duckdb://{path}")),
    ):
        pass
    assert not path.exists()


def test_a_duckdb_file_is_read_and_never_written(tmp_path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(path) as made:
        made.execute("CREATE TABLE profiles AS SELECT 'a' AS customer_id")
    with open_database(shop_database(tmp_path, url=f"duckdb://{path}")) as connection:
        assert connection.tables() == ["profiles"]
        assert connection.duckdb is not None
        with pytest.raises(duckdb.Error, match="read-only"):
            connection.duckdb.execute("DROP TABLE profiles")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "not one that can be read"),
        ("var/demo", "not one that can be read"),
        ("carrier-pigeon://coop", "not one that can be read"),
        ("memtable://coop", "not one that can be read"),
        ("file:///data/shop.duckdb", "not one that can be read"),
        ("postgres://muster:hunter2@127.0.0.1:1/shop", "customer database"),
    ],
)
def test_a_url_that_leads_nowhere_is_told_without_its_password(tmp_path, url, words) -> None:
    with pytest.raises(CustomerDatabaseError) as caught, open_database(shop_database(tmp_path, url=url)):
        pass
    assert words in caught.value.detail
    assert "hunter2" not in caught.value.detail


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (
            "postgres://reader:hunter2@db.example.com:99999/shop",
            "The port of the URL is no number from 1 to 65535",
        ),
        (
            "postgres://reader:hunter2@db.example.com:0/shop",
            "The port of the URL is no number from 1 to 65535",
        ),
        (
            "mysql://reader:hunter2@db.example.com:abc/shop",
            "The port of the URL is no number from 1 to 65535",
        ),
        ("postgres://reader:hunter2@/shop?port=abc", "The port of the URL is no number from 1 to 65535"),
        ("postgres://reader:hunter2@[::1/shop", "The host of the URL cannot be read"),
        ("postgres://reader:hunter2@db.example.com/\0shop", "a character that cannot be seen"),
        ("postgres://reader:hunter2@db.example.com/x%00y", "a character that cannot be seen"),
        ("files:/srv/hunter2\0", "a character that cannot be seen"),
    ],
)
def test_what_is_wrong_with_a_url_is_told_by_its_cause(tmp_path, url, words) -> None:
    with pytest.raises(CustomerDatabaseError) as caught, open_database(shop_database(tmp_path, url=url)):
        pass
    assert caught.value.detail.startswith("The ")
    assert words in caught.value.detail
    assert "hunter2" not in caught.value.detail


def test_a_file_in_place_of_its_folder_is_told(tmp_path) -> None:
    make_shop(tmp_path)
    file = tmp_path / "profiles.parquet"
    with (
        pytest.raises(CustomerDatabaseError) as caught,
        open_database(shop_database(tmp_path, url=f"files:{file}")),
    ):
        pass
    assert caught.value.detail == f"{file} is a file. Write the folder that it lies in, as files:{tmp_path}."


@pytest.mark.parametrize("scheme", ["sqlite", "SQLite", "duckdb", "DUCKDB"])
def test_no_spelling_of_a_url_makes_a_file(tmp_path, scheme) -> None:
    path = tmp_path / "new"
    with (
        pytest.raises(CustomerDatabaseError, match="The file of the customer database is not there"),
        open_database(shop_database(tmp_path, url=f"{scheme}:///{path}")),
    ):
        pass
    assert not path.exists()


# Ibis still asks pandas in a way that the next pandas drops.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_sqlite_file_is_read_and_never_written(tmp_path) -> None:
    path = tmp_path / "a shop.sqlite"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE profiles AS SELECT 'a' AS customer_id")
    with open_database(shop_database(tmp_path, url=f"SQLITE:///{path}")) as connection:
        assert connection.tables() == ["profiles"]
        assert connection.rows(connection.table("profiles")) == [{"customer_id": "a"}]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.backend.raw_sql("DROP TABLE profiles")


def test_a_slow_query_of_a_sqlite_file_is_stopped(tmp_path) -> None:
    path = tmp_path / "shop.sqlite"
    counting = (
        "WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) SELECT max(i) AS customer_id FROM t"
    )
    with closing(sqlite3.connect(path)) as made:
        made.execute(f"CREATE VIEW endless AS {counting}")
    with (
        pytest.raises(QueryStopped, match="took too long to answer and was stopped"),
        open_database(shop_database(tmp_path, url=f"sqlite:///{path}")) as connection,
        connection.limited(0.1),
    ):
        connection.fetch("SELECT customer_id FROM endless", {"customer_id": "string"})


# Drivers --------------------------------------------------------------------------------------------------

# Flink is reached by an object of its own, never by a URL.
NOT_BY_URL = "flink"


def _installed(engine) -> bool:
    """Whether Ibis can load it; some engines look for their driver only when they connect."""
    modules = {"singlestoredb": "singlestoredb", "snowflake": "snowflake", "flink": "pyflink"}
    (entry,) = (one for one in ibis.util.backend_entry_points() if one.name == engine)
    try:
        entry.load()
    except ImportError:
        return False
    return find_spec(modules.get(engine, "ibis")) is not None


ENGINES = sorted(entry.name for entry in ibis.util.backend_entry_points())


@pytest.mark.parametrize("engine", [engine for engine in ENGINES if not _installed(engine)])
def test_a_missing_driver_is_told_by_the_package_to_install(tmp_path, engine) -> None:
    with (
        pytest.raises(CustomerDatabaseError) as caught,
        open_database(shop_database(tmp_path, url=f"{engine}://reader:hunter2@127.0.0.1:1/shop")),
    ):
        pass
    if engine == NOT_BY_URL:
        assert "The URL is not one that flink takes." in caught.value.detail
    else:
        assert f"Install the package ibis-framework[{engine}], then try again." in caught.value.detail
        assert engine in (metadata("ibis-framework").get_all("Provides-Extra") or ())
    assert "hunter2" not in caught.value.detail


@pytest.mark.parametrize("option", ["colour", "passfile", "service", "sslkey", "options"])
def test_an_option_that_could_name_a_file_or_a_setting_is_refused(tmp_path, option) -> None:
    with (
        pytest.raises(CustomerDatabaseError) as caught,
        open_database(shop_database(tmp_path, url=f"postgres://127.0.0.1:1/shop?host=&{option}=hunter2")),
    ):
        pass
    assert caught.value.detail.startswith(f"“{option}” may not stand in the URL of a customer database.")
    assert "hunter2" not in caught.value.detail


def test_dates_that_python_has_not_are_shown_as_the_engine_writes_them(tmp_path) -> None:
    rows = "SELECT 'a' AS customer_id, DATE 'infinity' AS day, TIMESTAMP '20000-01-01' AS at, 1 AS one"
    duckdb.sql(f"COPY ({rows}) TO '{tmp_path / 'people.parquet'}'")
    shop = CustomerDatabase(name="People", url=f"files:{tmp_path}", customer_key="customer_id")
    with open_database(shop) as connection:
        (row,) = connection.rows(connection.table("people"))
    assert row == {"customer_id": "a", "day": "infinity", "at": "20000-01-01 00:00:00", "one": 1}


# What is Muster's own -------------------------------------------------------------------------------------


def _refused_as_own(url) -> bool:
    try:
        with open_database(CustomerDatabase(name="Own", url=url, customer_key="customer_id")):
            return False
    except CustomerDatabaseError as error:
        return "Muster's own data is no customer database" in error.detail


@pytest.fixture
def own(tmp_path, settings):
    """The data folder with files of each kind."""
    folder = settings.DATA_DIR
    for name in ("launches", "demo"):
        (folder / name).mkdir(parents=True)
        make_shop(folder / name)
    with duckdb.connect(folder / "work.duckdb") as made:
        made.execute("CREATE TABLE profiles AS SELECT 'a' AS customer_id")
    with closing(sqlite3.connect(folder / "muster.sqlite3")) as made:
        made.execute("CREATE TABLE profiles AS SELECT 'a' AS customer_id")
    return folder


@pytest.mark.parametrize(
    "url",
    [
        "files:{own}/launches",
        "FILES:/{own}/launches",
        "files:{own}/demo/../launches",
        "files:{own}/not/there",
        "duckdb://{own}/work.duckdb",
        "DuckDB:///{own}/work.duckdb",
        "sqlite:///{own}/muster.sqlite3",
        "SQLITE:////{own}/muster.sqlite3",
    ],
)
def test_nothing_is_read_from_the_data_folder(own, url) -> None:
    assert _refused_as_own(url.format(own=own))


def test_no_link_leads_into_the_data_folder(own, tmp_path) -> None:
    (tmp_path / "folder").symlink_to(own / "launches")
    (tmp_path / "file.sqlite").symlink_to(own / "muster.sqlite3")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "orders.parquet").symlink_to(own / "launches" / "orders.parquet")
    for url in ("files:{}/folder", "sqlite:///{}/file.sqlite", "files:{}/files"):
        assert _refused_as_own(url.format(tmp_path))


def test_the_sample_customers_in_the_data_folder_are_read(own) -> None:
    with open_database(shop_database(own / "demo")) as connection:
        assert connection.tables() == ["contacts", "orders", "profiles"]


def test_muster_s_own_sqlite_file_is_refused_wherever_it_lies(tmp_path, monkeypatch) -> None:
    path = tmp_path / "elsewhere.sqlite3"
    path.touch()
    works_with = SimpleNamespace(vendor="sqlite", settings_dict={"NAME": str(path)})
    monkeypatch.setattr("campaigns.customers.own.connection", works_with)
    os.link(path, tmp_path / "another name")
    assert _refused_as_own(f"sqlite:///{path}")
    assert _refused_as_own(f"sqlite:///{tmp_path}/another name")


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("postgres://reader:hush@localhost:1/muster", True),
        ("postgresql://reader@127.0.0.1:1/muster", True),
        ("POSTGRES://[::1]:1/muster/public", True),
        ("materialize://127.0.0.1:1/muster", True),
        ("postgres://127.0.0.1:2/other?host=localhost&port=1&database=muster", True),
        ("postgres://db.example.com/muster?host=db.example.com,127.0.0.1&port=1", True),
        ("postgres://muster@127.0.0.1:1", True),
        ("postgres:///muster?host=/var/run/postgresql&port=1", True),
        ("postgres://127.0.0.1:1/shop", False),
        ("postgres://127.0.0.1:2/muster", False),
        ("mysql://127.0.0.1:1/muster", False),
    ],
)
def test_muster_s_own_database_on_a_server_is_refused(monkeypatch, url, refused) -> None:
    at = {"NAME": "muster", "HOST": "localhost", "PORT": 1}
    monkeypatch.setattr(
        "campaigns.customers.own.connection", SimpleNamespace(vendor="postgresql", settings_dict=at)
    )
    assert _refused_as_own(url) == refused


# Files ----------------------------------------------------------------------------------------------------


def test_keys_and_phone_numbers_of_csv_files_stay_text(tmp_path) -> None:
    database = _csv(
        tmp_path, "people", "Customer_ID,phone,zip,points\n007,+12025550142,02134,5\n8,,60601,0\n"
    )
    with open_database(database) as connection:
        rows = connection.rows(connection.table("people").order_by("points"))
    assert rows == [
        {"Customer_ID": "8", "phone": None, "zip": "60601", "points": 0},
        {"Customer_ID": "007", "phone": "+12025550142", "zip": "02134", "points": 5},
    ]


def test_names_with_quotes_are_no_way_into_the_database(tmp_path) -> None:
    database = _csv(tmp_path, "o'brien\"s", "customer_id,it's\n1,01\n")
    with open_database(database) as connection:
        assert connection.tables() == ["o'brien\"s"]
        assert connection.rows(connection.table("o'brien\"s")) == [{"customer_id": "1", "it's": "01"}]


def test_rows_come_as_a_stream(tmp_path) -> None:
    make_shop(tmp_path)
    with open_database(shop_database(tmp_path)) as connection:
        reader = connection.batches(connection.table("orders").select("customer_id"))
        assert sum(batch.num_rows for batch in reader) == 6


def test_a_failure_in_the_middle_of_a_stream_is_told(tmp_path) -> None:
    make_shop(tmp_path)
    with open_database(shop_database(tmp_path)) as connection:
        cities = connection.table("profiles").city
        with pytest.raises(CustomerDatabaseError, match="customer database could not answer"):
            connection.batches(cities.cast("int64").as_table()).read_all()
