"""Segments are counted once a day of their own, whoever counts and however often."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import duckdb
import pytest
from django.core.management import call_command
from django.db import connections

from campaigns.customers.connection import Connection
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.about import daily
from campaigns.segments.about.daily import count_due
from campaigns.segments.models import Segment, SegmentSize, SizeCounting
from config import clock

IN_CHICAGO = {"attribute": "customer_360.city", "is": "Chicago"}
GOLD = {"attribute": "customer_360.loyalty_tier", "is": "gold"}
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def segment(customer_database):
    def make(name, *rules, **more):
        stored = {"version": 1, "rules": {"all": list(rules)}}
        return Segment.objects.create(
            **{"customer_database": customer_database, "name": name, "rules": stored, **more}
        )

    return make


@pytest.fixture
def passes(monkeypatch):
    """The queries that are asked for one row."""
    asked = []
    ask = Connection.row

    def counted(self, expression):
        asked.append(expression)
        return ask(self, expression)

    monkeypatch.setattr(Connection, "row", counted)
    return asked


def sizes():
    return {
        (one.segment.name, one.day): (one.customers, one.everybody)
        for one in SegmentSize.objects.select_related("segment")
    }


def count_at(moment):
    with clock.stopped_at(moment):
        return count_due()


def test_each_segment_gets_one_number_a_day_in_one_pass(segment, passes):
    segment("Chicago", IN_CHICAGO)
    segment("Gold", GOLD)
    assert count_at(NOON) == 2
    assert len(passes) == 2, "what the file itself knows, and one pass"
    assert count_at(NOON + timedelta(hours=3)) == 0
    assert count_at(NOON + timedelta(days=1)) == 2
    today, tomorrow = date(2026, 11, 25), date(2026, 11, 26)
    assert sizes() == {
        ("Chicago", today): (30, 60),
        ("Gold", today): (20, 60),
        ("Chicago", tomorrow): (30, 60),
        ("Gold", tomorrow): (20, 60),
    }


def test_many_are_counted_some_at_a_time(segment, passes, monkeypatch):
    monkeypatch.setattr(daily, "MOST_AT_ONCE", 4)
    for number in range(10):
        segment(f"Segment {number}", IN_CHICAGO)
    assert count_at(NOON) == 10
    assert len(passes) == 4


def test_a_day_is_the_segments_own(segment):
    segment("Chicago", IN_CHICAGO, time_zone="America/Chicago")
    segment("Auckland", IN_CHICAGO, time_zone="Pacific/Auckland")
    before_midnight = datetime(2026, 11, 25, 5, tzinfo=UTC)  # 23:00 and 18:00
    assert count_at(before_midnight) == 2
    assert set(sizes()) == {("Chicago", date(2026, 11, 24)), ("Auckland", date(2026, 11, 25))}
    assert count_at(before_midnight + timedelta(hours=2)) == 1
    assert ("Chicago", date(2026, 11, 25)) in sizes()


def test_the_list_shows_the_new_number(segment):
    one = segment("Chicago", IN_CHICAGO)
    count_at(NOON)
    one.refresh_from_db()
    assert (one.size, one.size_counted_at, one.version) == (30, NOON, 1)


def test_what_is_offered_nowhere_is_not_counted(segment, customer_database):
    segment("Disabled", IN_CHICAGO, disabled_at=NOON)
    segment("Deleted", IN_CHICAGO, archived_at=NOON)
    assert count_at(NOON) == 0
    segment("Chicago", IN_CHICAGO)
    customer_database.archived_at = NOON
    customer_database.save()
    assert count_at(NOON) == 0


def test_a_segment_inside_another_counts_even_where_it_is_disabled(segment):
    inner = segment("Inner", IN_CHICAGO, disabled_at=NOON)
    segment("Outer", GOLD, {"segment": inner.pk})
    assert count_at(NOON) == 1
    assert sizes()["Outer", date(2026, 11, 25)] == (10, 60)


def test_one_that_cannot_be_counted_stops_no_other(segment, caplog):
    segment("Chicago", IN_CHICAGO)
    segment("Gone", {"attribute": "customer_360.gone", "is": "jordan@example.com"})
    old = segment("Old")
    Segment.objects.filter(pk=old.pk).update(rules={"version": 0})
    segment("Names old", {"segment": old.pk})
    assert count_at(NOON) == 1
    assert [name for name, _ in sizes()] == ["Chicago"]
    assert "jordan" not in caplog.text
    assert count_at(NOON + timedelta(minutes=30)) == 0, "tried again an hour later"
    segment("Late", GOLD)
    assert count_at(NOON + timedelta(minutes=61)) == 1


def test_where_one_query_fails_each_is_asked_by_itself(segment, customer_database):
    """Not every mistake is seen before the customer database is asked."""
    query = {"sql": "SELECT CAST(city AS INTEGER) FROM customer_360"}
    segment("Chicago", IN_CHICAGO)
    Segment.objects.create(
        customer_database=customer_database, name="Query", rules={"version": 2, "rules": {"all": [query]}}
    )
    assert count_at(NOON) == 1
    assert sizes() == {("Chicago", date(2026, 11, 25)): (30, 60)}


def test_a_customer_database_that_is_away_is_asked_again_later(segment, customer_database, caplog):
    segment("Chicago", IN_CHICAGO)
    url = customer_database.url
    customer_database.url = "files:/nowhere/at/all"
    customer_database.save()
    assert count_at(NOON) == 0
    assert "broke off" in caplog.text
    customer_database.url = url
    customer_database.save()
    assert count_at(NOON + timedelta(minutes=59)) == 0
    assert count_at(NOON + timedelta(minutes=61)) == 1


def test_a_customer_key_that_is_gone_breaks_off_one_customer_database_alone(
    segment, customer_database, tmp_path, caplog
):
    segment("Chicago", IN_CHICAGO)
    other = CustomerDatabase.objects.get(pk=customer_database.pk)
    other.pk, other.name, other.url = None, "Others", f"files:{tmp_path / 'others'}"
    shutil.copytree(tmp_path / "customers", tmp_path / "others")
    other.save()
    segment("Others in Chicago", IN_CHICAGO, customer_database=other)
    path = tmp_path / "customers" / "customer_360.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE old AS FROM '{path}'")
        connection.execute(f"COPY (SELECT * RENAME (customer_id AS person) FROM old) TO '{path}'")
    assert count_at(NOON) == 1
    assert [name for name, _ in sizes()] == ["Others in Chicago"]
    assert "broke off: The customer key customer_id is gone" in caplog.text


def test_an_edit_while_it_was_counted_leaves_no_wrong_number(segment, monkeypatch):
    one = segment("Chicago", IN_CHICAGO)
    ask = Connection.row

    def edited_meanwhile(self, expression):
        Segment.objects.filter(pk=one.pk).update(version=2)
        return ask(self, expression)

    with monkeypatch.context() as patch:
        patch.setattr(Connection, "row", edited_meanwhile)
        count_at(NOON)
    assert not sizes()
    assert count_at(NOON) == 1


def test_whoever_comes_second_leaves_it_to_the_first(segment, customer_database):
    segment("Chicago", IN_CHICAGO)
    SizeCounting.objects.create(customer_database=customer_database, not_before=NOON + timedelta(minutes=5))
    assert count_at(NOON) == 0
    assert count_at(NOON + timedelta(minutes=6)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_count_once(segment, passes):
    segment("Chicago", IN_CHICAGO)
    start, counted = Barrier(2), []

    def count():
        try:
            start.wait(10)
            counted.append(count_due())
        finally:
            connections.close_all()

    threads = [Thread(target=count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counted) == [0, 1]
    assert len(passes) == 2, "what the file itself knows, and one pass"
    assert SegmentSize.objects.count() == 1


def test_the_reconciler_counts_when_it_looks_once(segment):
    segment("Chicago", IN_CHICAGO)
    call_command("reconcile", "--once")
    assert SegmentSize.objects.count() == 1


def test_the_day_is_that_of_the_segment_s_time_zone(segment):
    segment("Chicago", IN_CHICAGO, time_zone="Pacific/Auckland")
    segment("Gold", GOLD)
    assert count_at(NOON - timedelta(hours=2)) == 2
    assert count_at(NOON) == 1, "in Auckland it is one o'clock in the morning"
    assert sorted(sizes()) == [
        ("Chicago", date(2026, 11, 25)),
        ("Chicago", date(2026, 11, 26)),
        ("Gold", date(2026, 11, 25)),
    ]


def test_where_nothing_is_due_no_catalogue_and_no_rules_are_read(segment, django_assert_num_queries):
    segment("Chicago", IN_CHICAGO)
    count_at(NOON)
    with django_assert_num_queries(1) as asked:
        assert count_at(NOON + timedelta(hours=1)) == 0
    read = asked.captured_queries[0]["sql"]
    assert '"catalogue"' not in read
    assert '"rules"' not in read
