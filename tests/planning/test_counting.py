"""Who is left, counted over real files."""

import duckdb
import pytest

from campaigns.customers.models import CustomerDatabase
from campaigns.planning.counting import count
from campaigns.planning.draft import Draft, DraftSubAudience
from campaigns.planning.world import look
from campaigns.segments.models import Segment
from campaigns.segments.sizing import SizeUnknown
from tests.planning.conftest import control, rest


def _is(column, value):
    return {"version": 1, "rules": {"all": [{"attribute": f"customer_360.{column}", "is": value}]}}


@pytest.fixture
def database(db, tmp_path):
    """A hundred people: each tenth in Chicago, the even ones gold, each fifth unsubscribed."""
    duckdb.sql(
        "SELECT 'c' || i AS customer_id, if(i % 10 = 0, 'Chicago', 'Boston') AS city,"
        " if(i % 2 = 0, 'gold', 'none') AS tier, i % 5 = 0 AS unsubscribed FROM range(100) t(i)"
    ).write_parquet(str(tmp_path / "customer_360.parquet"))
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


def test_a_missing_customer_database_is_one_sentence(database, people):
    CustomerDatabase.objects.update(url="files:/nowhere/at/all")
    database.refresh_from_db()
    with pytest.raises(SizeUnknown, match="There is no folder"):
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
