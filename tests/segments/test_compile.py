"""What one expression answers, and which rules cannot become one. Who matches which rule stands in meanings.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from campaigns.customers.catalogue import Catalogue
from campaigns.customers.connection import Connection, open_database
from campaigns.customers.reading import read
from campaigns.segments.compile import Context, everybody, flags, members
from campaigns.segments.contexts import context_of
from campaigns.segments.fitting import check
from campaigns.segments.rules import RuleError, parse
from tests.segments.shop import make_shop, shop_database

NOW = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Catalogue]]:
    folder = tmp_path_factory.mktemp("shop")
    make_shop(folder)
    with open_database(shop_database(folder)) as connection:
        yield connection, read(connection, "customer_id", "profiles", "")


def _context(shop, segments=None, profile=True) -> Context:
    connection, catalogue = shop
    if not profile:
        catalogue = Catalogue(catalogue.tables)
    return context_of(connection, catalogue, NOW, segments or {})


def _members(shop, rule, segments=None) -> str:
    context = _context(shop, segments)
    found = members(parse(rule if set(rule) & {"all", "any", "none"} else {"all": [rule]}), CHICAGO, context)
    return "".join(sorted(row["customer_key"] for row in shop[0].rows(found)))


def _of(column: str, **comparison: object) -> dict[str, object]:
    return {"attribute": column if "." in column else f"profiles.{column}", **comparison}


def test_everybody_is_who_has_a_key_in_the_profile_table(shop) -> None:
    assert len(shop[0].rows(everybody(_context(shop)))) == 6


def test_without_a_profile_table_everybody_is_in_any_table(shop) -> None:
    found = shop[0].rows(everybody(_context(shop, profile=False)))
    assert sorted(row["customer_key"] for row in found) == ["a", "b", "c", "d", "e", "f", "x"]


def test_a_circle_of_segments_is_refused(shop) -> None:
    segments = {
        1: (parse({"all": [{"segment": 2}]}), CHICAGO),
        2: (parse({"all": [{"segment": 1}]}), CHICAGO),
    }
    with pytest.raises(RuleError, match="circle"):
        _members(shop, {"segment": 1}, segments)


def test_flags_answer_several_questions_in_one_pass(shop) -> None:
    context = _context(shop)
    named = {
        "rich": (parse({"all": [_of("points", gte=5)]}), CHICAGO),
        "illinois": (parse({"all": [_of("state", **{"is": "IL"})]}), CHICAGO),
    }
    expression = flags(context, named, {"city": "profiles.city"})
    rows = {row["customer_key"]: row for row in shop[0].rows(expression)}
    assert rows["a"] == {"customer_key": "a", "rich": True, "illinois": True, "city": "Chicago"}
    assert rows["d"] == {"customer_key": "d", "rich": False, "illinois": False, "city": None}
    assert shop[0].sql(expression).count("profiles") == 1


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (_of("town", **{"is": "x"}), "profiles.town is gone"),
        (_of("pets.name", **{"is": "x"}), "pets.name is gone"),
        (_of("points", **{"is": "many"}), "Enter a number"),
        (_of("city", **{"is": 3}), "Enter a text"),
        (_of("city", gte=3), "cannot be used with a text column"),
        (_of("birthday", on="soon"), "Enter a date"),
        (_of("orders.amount", gte=3), "several rows per customer"),
        ({"rows": "visits", "exists": True}, "table visits is gone"),
        ({"rows": "orders", "aggregate": "count", "is": "three"}, "Enter a number"),
        ({"rows": "orders", "aggregate": "sum", "of": "orders.channel", "gt": 1}, "sum cannot be made of"),
        ({"rows": "orders", "aggregate": "max", "of": "orders.town", "gt": 1}, "orders.town is gone"),
        (_of("points", **{"is": 5, "ignore_case": True}), "ignore_case"),
    ],
)
def test_a_rule_that_no_longer_fits_is_told_with_its_place(shop, rule, words) -> None:
    (error,) = check(parse({"any": [_of("city", empty=False), rule]}), shop[1])
    assert words in error.message
    assert error.path[:2] == ("any", 1)


def test_a_query_yields_members_and_everybody_stays_everybody(shop):
    query = "SELECT Customer_ID FROM contacts UNION ALL SELECT 'nobody' -- all"
    assert _members(shop, {"sql": query}) == "ab"


def test_an_engine_is_left_free_to_skip_what_cannot_match(shop) -> None:
    rules = {
        "all": [
            _of("state", **{"is": "IL"}),
            {"none": [{"any": [_of("points", gte=5), _of("city", **{"is": "Chicago"})]}]},
            {"rows": "orders", "where": {"all": [_of("orders.amount", gte=50)]}, "exists": True},
        ]
    }
    found = members(parse(rules), CHICAGO, _context(shop))
    (_, plan) = shop[0].backend.con.execute(f"EXPLAIN {shop[0].sql(found)}").fetchone()
    # Both reach the files themselves, where whole parts are passed over by their smallest and largest values.
    assert "state='IL'" in plan
    assert "amount>=50" in plan
