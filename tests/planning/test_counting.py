"""Who is left, counted over real files."""

import sqlite3
from threading import Event, Timer

import duckdb
import pytest

from campaigns.customers.models import CustomerDatabase, DefaultAttribute
from campaigns.planning.counting import count
from campaigns.planning.draft import Draft, DraftSubAudience
from campaigns.planning.headcount import Column
from campaigns.planning.world import look
from campaigns.segments.models import Segment
from campaigns.segments.sizing import SizeUnknown
from tests.planning.conftest import control, group, make_destination, rest


def _is(column, value):
    return {"version": 1, "rules": {"all": [{"attribute": f"customer_360.{column}", "is": value}]}}


@pytest.fixture
def database(db, tmp_path):
    """A hundred people: each tenth in Chicago, the even ones gold, each fifth unsubscribed."""
    duckdb.sql(
        "SELECT 'c' || i AS customer_id, if(i % 10 = 0, 'Chicago', 'Boston') AS city,"
        " if(i % 2 = 0, 'gold', 'none') AS tier, i % 5 = 0 AS unsubscribed,"
        " CASE i % 4 WHEN 0 THEN ' C' || i || '@example.com' WHEN 1 THEN 'c@' || i WHEN 2 THEN '' END AS email"
        " FROM range(100) t(i)"
    ).write_parquet(str(tmp_path / "customer_360.parquet"))
    duckdb.sql(
        "SELECT 'c' || i // 2 AS customer_id, '+1 202 555 01' || lpad((i % 100)::text, 2, '0') AS phone"
        " FROM range(20) t(i)"
    ).write_parquet(str(tmp_path / "numbers.parquet"))
    made = CustomerDatabase(
        name="People", url=f"files:{tmp_path}", customer_key="customer_id", profile_table="customer_360"
    )
    from campaigns.customers.catalogue import read_catalogue

    made.catalogue = read_catalogue(made).to_json()
    made.save()
    return made


@pytest.fixture
def people(database):
    def make(name, rules, **more):
        return Segment.objects.create(customer_database=database, name=name, rules=rules, **more).pk

    return {
        "boston": make("Boston", _is("city", "Boston")),
        "gold": make("Gold", _is("tier", "gold")),
        "out": make("Unsubscribed", _is("unsubscribed", True)),
    }


def counted(database, include, exclude=(), *sub_audiences, **more):
    draft = Draft(
        "Sale", database.pk, include, exclude, sub_audiences=sub_audiences or (rest(control()),), **more
    )
    return count(draft, look(draft, None))


def test_considered_less_excluded_is_the_audience(database, people):
    found = counted(database, (people["boston"],), (people["out"],))
    assert (found.considered, found.audience) == (90, 80)
    assert [(one.segment, one.customers) for one in found.excluded] == [("Unsubscribed", 10)]
    assert found.sub_audiences == (80,)


def test_each_customer_is_excluded_once_by_the_first_that_applies(database, people):
    found = counted(database, (people["boston"],), (people["out"], people["gold"]))
    assert [one.customers for one in found.excluded] == [10, 40]
    assert found.considered == sum(one.customers for one in found.excluded) + found.audience


def test_the_suppression_list_comes_first(database, people):
    database.suppression_id = people["out"]
    database.save()
    found = counted(database, (people["boston"],), (people["gold"], people["out"]))
    assert [(one.segment, one.customers) for one in found.excluded] == [("Unsubscribed", 10), ("Gold", 40)]


def test_the_first_sub_audience_that_matches_counts(database, people):
    gold = DraftSubAudience("Gold", segments=(people["gold"],))
    out = DraftSubAudience("Boston gold", rules=_is("city", "Boston"))
    found = counted(database, (people["boston"], people["gold"]), (), gold, out, rest(control()))
    assert found.sub_audiences == (50, 50, 0)
    found = counted(
        database,
        (people["boston"], people["gold"]),
        (),
        gold,
        out,
        rest(control()),
        assign_to_first_match_only=False,
    )
    assert found.sub_audiences == (50, 90, 0)


def test_without_the_rest_some_are_in_no_sub_audience(database, people):
    gold = DraftSubAudience("Gold", segments=(people["gold"],))
    found = counted(database, (people["boston"],), (), gold)
    assert (found.sub_audiences, found.no_sub_audience) == ((40,), 50)


def test_a_sub_audience_without_segments_yet_is_empty(database, people):
    found = counted(
        database, (people["boston"],), (), DraftSubAudience("New", by_segments=True), rest(control())
    )
    assert found.sub_audiences == (0, 90)


def test_segments_in_segments_are_followed(database, people):
    rules = {"version": 1, "rules": {"none": [{"segment": people["gold"]}]}}
    other = Segment.objects.create(customer_database=database, name="Others", rules=rules).pk
    assert counted(database, (other,)).considered == 50


def test_everybody_and_each_segment_are_counted_in_the_same_pass(database, people):
    gold = DraftSubAudience("Gold", segments=(people["gold"],))
    found = counted(database, (people["boston"],), (people["out"],), gold, rest(control()))
    assert found.everybody == 100
    assert found.segments == {people["boston"]: 90, people["out"]: 20, people["gold"]: 50}


@pytest.fixture
def sent_to(database):
    """A group for two destinations: e-mail in the profile table, several phone numbers in another one."""
    mail, text = make_destination("Mail", "email"), make_destination("Text", "phone", "sftp:two")
    for destination, column in ((mail, "customer_360.email"), (text, "numbers.phone")):
        DefaultAttribute.objects.create(destination=destination, customer_database=database, column=column)
    return group("Offer", "90", mail, text)


MAIL, TEXT = Column("customer_360.email", "email"), Column("numbers.phone", "phone")


def test_usable_values_are_counted_by_the_rule_of_a_launch(database, people, sent_to):
    found = counted(database, (people["gold"],), (), rest(control(), sent_to))
    assert found.audience == 50
    assert found.usable_in(0, MAIL) == 25
    assert found.usable_in(0, TEXT) == 10  # five of them have two numbers each
    assert found.is_checked


@pytest.mark.parametrize("first_match_only", [True, False])
def test_usable_values_are_counted_where_their_people_are(database, people, sent_to, first_match_only):
    gold = DraftSubAudience("Gold", (control(), sent_to), segments=(people["gold"],))
    out = DraftSubAudience("Out", (control(), sent_to), segments=(people["out"],))
    found = counted(
        database, (people["boston"], people["gold"]), (), gold, out, rest(control(), sent_to),
        assign_to_first_match_only=first_match_only,
    )  # fmt: skip
    both = 0 if first_match_only else 5
    assert [found.usable_in(index, MAIL) for index in range(3)] == [25, both, 0]
    assert found.sub_audiences == (50, 10 if first_match_only else 20, 40)


def test_who_is_in_no_sub_audience_is_not_counted_as_a_row(database, people, sent_to):
    found = counted(
        database, (people["gold"],), (), DraftSubAudience("Out", (sent_to,), segments=(people["out"],))
    )
    assert found.usable_in(0, MAIL) == 5


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Ibis reads SQLite by way of pandas
def test_an_engine_that_cannot_tell_counts_what_is_not_empty(database, people, sent_to, tmp_path):
    folder = tmp_path / "customers.sqlite"
    with sqlite3.connect(folder) as file:
        for table in ("customer_360", "numbers"):
            columns, rows = _read(tmp_path / f"{table}.parquet")
            file.execute(f"CREATE TABLE {table} ({', '.join(f'{name} TEXT' for name in columns)})")
            marks = ", ".join("?" for _ in columns)
            file.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    database.url = f"sqlite:///{folder}"
    database.save()
    found = counted(database, (people["gold"],), (), rest(control(), sent_to))
    assert (found.audience, found.usable_in(0, MAIL), found.is_checked) == (50, 25, False)


def _read(path):
    relation = duckdb.sql(f"FROM '{path}'")
    return relation.columns, relation.fetchall()


def test_a_count_that_is_no_longer_wanted_is_stopped_in_the_engine(database, settings):
    settings.COUNT_SECONDS = 600
    tables = ", ".join(f"customer_360 AS t{number}" for number in range(6))
    cities = " || ".join(f"t{number}.city" for number in range(6))
    sql = f"SELECT t0.customer_id FROM {tables} WHERE length({cities}) = 3"
    rules = {"version": 2, "rules": {"all": [{"sql": sql}]}}
    slow = Segment.objects.create(customer_database=database, name="Slow", rules=rules)
    draft = Draft("Sale", database.pk, (slow.pk,), sub_audiences=(rest(control()),))
    stop = Event()
    Timer(0.2, stop.set).start()
    with pytest.raises(SizeUnknown, match="changed while this was counted"):
        count(draft, look(draft, None), stop)


def test_a_missing_customer_database_is_one_sentence(database, people):
    CustomerDatabase.objects.update(url="files:/nowhere/at/all")
    database.refresh_from_db()
    with pytest.raises(SizeUnknown, match="The folder of the customer database is not there"):
        counted(database, (people["boston"],))


def test_a_count_that_takes_too_long_is_stopped(database, people, settings, tmp_path):
    settings.COUNT_SECONDS = 0.2
    duckdb.sql(
        "SELECT 'c' || i AS customer_id, i % 7 AS n, md5(i::text) AS t FROM range(3000000) t(i)"
    ).write_csv(str(tmp_path / "orders.csv"))
    from campaigns.customers.catalogue import read_catalogue

    database.catalogue = read_catalogue(database).to_json()
    database.save()
    slow = {"version": 1, "rules": {"all": [{"attribute": "orders.t", "contains": "abc"}]}}
    slow_segment = Segment.objects.create(customer_database=database, name="Slow", rules=slow).pk
    with pytest.raises(SizeUnknown, match="longer than"):
        counted(database, (slow_segment,))
