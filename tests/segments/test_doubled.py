"""A table that got a second row for a customer since its catalogue was read counts and shows nobody twice."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from campaigns.customers import reading
from campaigns.customers.catalogue import read_catalogue
from campaigns.segments.about.daily import count_due
from campaigns.segments.models import Segment, SegmentSize
from campaigns.segments.people import people
from campaigns.segments.rules import parse
from campaigns.segments.sizing import SizeUnknown, size
from tests.engines import in_sqlite

SENTENCE = "has several rows for one customer_id by now. Remove the duplicates"
CONTACT = {"attribute": "merged_customers.email", "empty": False}
CITY = {"attribute": "customer_360.city", "is": "Chicago"}


def page(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def double(customer_database):
    """Writes a table's rows twice."""

    def write(table):
        path = Path(customer_database.url.removeprefix("files:")) / f"{table}.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE old AS FROM '{path}'")
            connection.execute(f"COPY (FROM old UNION ALL FROM old) TO '{path}'")

    return write


@pytest.fixture
def segment(customer_database):
    def make(*rules):
        stored = {"version": 2, "rules": {"all": list(rules)}}
        return Segment.objects.create(customer_database=customer_database, name="Doubled", rules=stored)

    return make


@pytest.mark.parametrize("part", ["size", "people", "breakdowns", "members/rows"])
@pytest.mark.parametrize(("rule", "table"), [(CITY, "customer_360"), (CONTACT, "merged_customers")])
def test_every_card_gives_the_sentence_of_a_launch(client, segment, double, part, rule, table):
    pk = segment(rule).pk
    double(table)
    assert f"The table {table} {SENTENCE}" in page(client.get(f"/segments/{pk}/{part}/"))


def test_the_summary_and_the_download_give_it_too(client, segment, double, customer_database):
    customer_database.orders = {"table": "orders", "amount": "amount", "ordered_at": "ordered_at"}
    customer_database.save()
    pk = segment(CITY).pk
    double("customer_360")
    assert SENTENCE in page(client.get(f"/segments/{pk}/summary/"))
    assert SENTENCE in page(client.get(f"/segments/{pk}/members/download/", follow=True))


def test_a_contact_that_no_row_shows_is_looked_at_too(customer_database, destination, double):
    """Its rows are counted, not its customers."""
    hidden = {f"merged_customers.{name}": {"hidden": True} for name in ("email", "phone")}
    customer_database.column_marks = hidden
    customer_database.save()
    group, zone = parse({"all": [CITY]}), ZoneInfo("UTC")
    (before,) = people(customer_database, group, zone, masked=False).reach
    assert (before.column, before.customers) == ("merged_customers.email", 24)
    double("merged_customers")
    found = people(customer_database, group, zone, masked=False)
    assert SENTENCE in found.reach_error
    assert found.reach == ()
    assert len(found.sample.rows) == 10


@pytest.mark.parametrize("table", ["customer_360", "merged_customers"])
def test_the_daily_count_keeps_no_such_number(segment, double, table):
    segment(CONTACT)
    double(table)
    assert count_due() == 0
    assert not SegmentSize.objects.exists()


def test_a_table_that_no_number_needs_stops_none(client, segment, double):
    pk = segment(CITY).pk
    double("merged_customers")
    assert '<p class="big">30</p>' in page(client.get(f"/segments/{pk}/size/"))


def test_it_is_looked_at_once_for_each_change_even_one_that_keeps_its_time(
    double, customer_database, monkeypatch
):
    looked = []
    has_many = reading._has_many
    monkeypatch.setattr(reading, "_has_many", lambda *of: looked.append(of) or has_many(*of))
    path = Path(customer_database.url.removeprefix("files:")) / "customer_360.parquet"
    written = path.stat()
    group, zone = parse({"all": [CITY]}), ZoneInfo("UTC")
    for _ in range(3):
        assert size(customer_database, group, zone).customers == 30
    assert len(looked) == 1
    double("customer_360")
    os.utime(path, ns=(written.st_atime_ns, written.st_mtime_ns))
    with pytest.raises(SizeUnknown, match=SENTENCE):
        size(customer_database, group, zone)
    assert len(looked) == 2


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, by which Ibis reads SQLite
def test_a_file_of_another_engine_is_looked_at_again_as_well(customer_database, tmp_path):
    customer_database.url = in_sqlite(tmp_path)
    customer_database.catalogue = read_catalogue(customer_database).to_json()
    customer_database.save()
    group, zone = parse({"all": [CITY]}), ZoneInfo("UTC")
    assert size(customer_database, group, zone).customers == 30
    with sqlite3.connect(customer_database.url.removeprefix("sqlite://")) as connection:
        connection.execute("INSERT INTO customer_360 SELECT * FROM customer_360")
    with pytest.raises(SizeUnknown, match=SENTENCE):
        size(customer_database, group, zone)
