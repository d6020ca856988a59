"""How many match, by which contact they can be reached, and a few of them."""

from __future__ import annotations

import threading
from zoneinfo import ZoneInfo

import duckdb
import pytest

from campaigns.customers.catalogue import read_catalogue
from campaigns.segments import people as segment_people
from campaigns.segments import sizing
from campaigns.segments.models import Segment
from campaigns.segments.people import people
from campaigns.segments.rules import dump, parse
from campaigns.segments.sizing import SizeUnknown, hits, remember, remembered, size
from campaigns.segments.under_way import asked_by, stop
from tests.segments.shop import make_shop, shop_database

UTC = ZoneInfo("UTC")
IN_ILLINOIS = parse({"all": [{"attribute": "profiles.state", "is": "IL"}]})


@pytest.fixture
def shop(db, tmp_path):
    make_shop(tmp_path)
    database = shop_database(tmp_path)
    database.catalogue = read_catalogue(database).to_json()
    database.save()
    return database


def test_the_size_stands_beside_everybody(shop) -> None:
    counted = size(shop, IN_ILLINOIS, UTC)
    assert (counted.customers, counted.everybody) == (2, 6)


def test_it_is_the_same_where_every_row_has_a_key(shop, tmp_path) -> None:
    path = tmp_path / "profiles.parquet"
    duckdb.sql(f"SELECT * FROM '{path}' WHERE customer_id IS NOT NULL").write_parquet(f"{path}.new")
    path.with_name(f"{path.name}.new").replace(path)
    counted = size(shop, IN_ILLINOIS, UTC)
    assert (counted.customers, counted.everybody) == (2, 6)


def test_without_rules_it_is_everybody(shop) -> None:
    assert size(shop, None, UTC).customers == 6


def test_segments_inside_are_loaded(shop) -> None:
    inner = Segment.objects.create(customer_database=shop, name="Illinois", rules=dump(IN_ILLINOIS))
    outer = parse({"none": [{"segment": inner.pk}]})
    assert size(shop, outer, UTC).customers == 4


def test_each_rule_is_counted_by_itself(shop) -> None:
    rules = parse(
        {
            "all": [
                {"attribute": "profiles.state", "is_not": "IL"},
                {"rows": "orders", "exists": True},
            ]
        }
    ).rules
    found = hits(shop, {"r-0": rules[0], "r-1": rules[1]}, UTC, with_empty=["r-0"])
    assert (found["r-0"].customers, found["r-0"].empty) == (4, 1)
    assert (found["r-1"].customers, found["r-1"].empty) == (3, None)


def test_reach_counts_customers_with_a_usable_value(shop) -> None:
    (reach,) = people(shop, IN_ILLINOIS, UTC, masked=False).reach
    assert (reach.identifier, reach.column, reach.customers) == ("email", "contacts.email", 1)
    assert reach.is_valid


def test_reach_counts_e_mail_and_phone_of_one_database(customer_database) -> None:
    found = people(customer_database, None, UTC, masked=True).reach
    assert [(reach.identifier, reach.customers) for reach in found] == [("email", 52), ("phone", 48)]


def test_the_sample_shows_what_the_rules_ask_about_first(shop) -> None:
    sample = people(shop, IN_ILLINOIS, UTC, masked=False).sample
    assert sample.columns[:3] == ("customer_id", "profiles.state", "profiles.city")
    assert sample.columns[-1] == "contacts.email"
    rows = {row[0]: row for row in sample.rows}
    assert set(rows) == {"a", "c"}
    assert rows["a"][-1] == "a@example.com"
    assert rows["c"][2] == "–"


def test_the_sample_is_there_where_the_reach_takes_too_long(shop, settings, monkeypatch) -> None:
    settings.COUNT_SECONDS = 1
    slow = "SELECT count(*) AS found FROM range(1000000) a, range(1000000) b WHERE hash(a.range, b.range) = 1"
    monkeypatch.setattr(
        segment_people, "reachable", lambda connection, *_, many: (connection.fetch(slow, {})[0][0], True)
    )
    found = people(shop, IN_ILLINOIS, UTC, masked=False)
    assert {row[0] for row in found.sample.rows} == {"a", "c"}
    assert found.reach == ()
    assert "was stopped" in found.reach_error


def test_the_sample_is_masked_for_who_may_not_see_personal_data(shop) -> None:
    sample = people(shop, IN_ILLINOIS, UTC, masked=True).sample
    shown = " ".join(value for row in sample.rows for value in row)
    assert sample.is_masked
    assert "a@example.com" not in shown
    assert "a···@example.com" in shown
    assert "1990-02-28" not in shown
    assert "Chicago" in shown


def test_rules_that_no_longer_fit_are_told(shop) -> None:
    gone = parse({"all": [{"attribute": "profiles.town", "is": "x"}]})
    with pytest.raises(SizeUnknown, match=r"profiles\.town is gone"):
        size(shop, gone, UTC)


def _contacts(folder, select) -> None:
    duckdb.sql(f"COPY ({select}) TO '{folder / 'contacts.parquet'}'")


@pytest.mark.parametrize("many", [False, True])
def test_a_contact_column_that_vanished_since_is_named(shop, tmp_path, many) -> None:
    if many:
        _contacts(tmp_path, "SELECT 'a' AS Customer_ID, unnest(['a@example.com', 'b@example.com']) AS email")
        shop.catalogue = read_catalogue(shop).to_json()
    _contacts(tmp_path, "SELECT 'a' AS Customer_ID, 'a@example.com' AS address")
    try:
        told = people(shop, IN_ILLINOIS, UTC, masked=False).reach_error
    except SizeUnknown as error:
        told = error.message
    assert "contacts.email is gone" in told


def test_a_customer_database_that_is_away_is_told(shop, tmp_path) -> None:
    shop.url = f"files:{tmp_path / 'elsewhere'}"
    with pytest.raises(SizeUnknown, match="The folder of the customer database is not there"):
        size(shop, IN_ILLINOIS, UTC)


def test_counting_that_takes_too_long_is_stopped(shop, settings, monkeypatch) -> None:
    settings.COUNT_SECONDS = 0.05
    slow = "SELECT count(*) AS found FROM range(1000000) a, range(1000000) b WHERE hash(a.range, b.range) = 1"
    monkeypatch.setattr(sizing, "_count", lambda connection, expression: connection.fetch(slow, {})[0][0])
    with pytest.raises(SizeUnknown, match="was stopped"):
        size(shop, IN_ILLINOIS, UTC)


def test_counting_stops_when_the_answer_is_no_longer_wanted(shop, settings, monkeypatch) -> None:
    settings.COUNT_SECONDS = 600
    slow = "SELECT count(*) AS found FROM range(1000000) a, range(1000000) b WHERE hash(a.range, b.range) = 1"
    monkeypatch.setattr(sizing, "_count", lambda connection, expression: connection.fetch(slow, {})[0][0])
    with asked_by("page") as older:
        threading.Timer(0.2, lambda: stop("page")).start()
        with pytest.raises(SizeUnknown, match="The rules changed while this was counted"):
            size(shop, IN_ILLINOIS, UTC, older)


def test_what_a_page_asks_next_stops_what_it_asked_before() -> None:
    with asked_by("one") as older, asked_by("two") as other:
        with asked_by("one") as newer:
            assert (older.is_set(), newer.is_set(), other.is_set()) == (True, False, False)
            stop("one")
            assert newer.is_set()
        stop("one")
    with asked_by("") as nobody, asked_by("") as neither:
        assert (nobody.is_set(), neither.is_set()) == (False, False)


def test_a_size_is_remembered_until_the_rules_inside_change(shop) -> None:
    inner = Segment.objects.create(customer_database=shop, name="Illinois", rules=dump(IN_ILLINOIS))
    outer = parse({"none": [{"segment": inner.pk}]})
    remember(shop, outer, UTC, size(shop, outer, UTC))
    assert remembered(shop, outer, UTC) is not None
    assert remembered(shop, outer, ZoneInfo("America/Chicago")) is None
    inner.rules = dump(parse({"all": [{"attribute": "profiles.state", "is": "WI"}]}))
    inner.save()
    assert remembered(shop, outer, UTC) is None
