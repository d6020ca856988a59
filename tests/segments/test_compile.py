"""Rule -> the customers that match it, on a shop with every awkward value. The clock stands at 09:00 in Chicago."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns.customers.catalogue import Catalogue
from campaigns.customers.connection import Connection, open_database
from campaigns.customers.reading import read
from campaigns.segments.compile import Context, check, everybody, flags, members
from campaigns.segments.contexts import context_of
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


CASES: list[tuple[dict[str, Any], str]] = [
    (_of("city", **{"is": "Chicago"}), "a"),
    (_of("city", **{"is": "chicago", "ignore_case": True}), "ab"),
    (_of("city", is_not="Chicago"), "bcdef"),
    (_of("city", is_not="CHICAGO", ignore_case=True), "cdef"),
    (_of("city", **{"in": ["Chicago", "Zürich"]}), "af"),
    (_of("city", **{"in": ["ZÜRICH", "CHICAGO"], "ignore_case": True}), "abf"),
    (_of("city", not_in=["Chicago", "Zürich"]), "bcde"),
    (_of("city", contains="%_"), "e"),
    (_of("city", contains="hic"), "ab"),
    (_of("city", starts_with="100%"), "e"),
    (_of("city", starts_with="1__"), ""),
    (_of("city", ends_with="GO", ignore_case=True), "ab"),
    (_of("city", empty=True), "cd"),
    (_of("city", empty=False), "abef"),
    (_of("points", **{"is": 5}), "ef"),
    (_of("points", is_not=5), "abcd"),
    (_of("points", lt=0), "c"),
    (_of("points", lte=0), "bc"),
    (_of("points", gt=5), "a"),
    (_of("points", gte=5), "aef"),
    (_of("points", between=[0, 5]), "bef"),
    (_of("points", empty=True), "d"),
    (_of("opted_in", **{"is": True}), "aef"),
    (_of("opted_in", **{"is": False}), "b"),
    (_of("opted_in", is_not=True), "bcd"),
    (_of("opted_in", empty=True), "cd"),
    # Times without a zone are UTC; a date is that whole day in Chicago (06:00 to 06:00 UTC in winter).
    (_of("seen_at", on="2027-02-28"), "ab"),
    (_of("seen_at", on="2027-03-01"), "cf"),
    (_of("seen_at", before="2027-02-28"), "e"),
    (_of("seen_at", after="2027-02-28"), "cf"),
    (_of("seen_at", after="2027-03-01T00:00"), "f"),
    (_of("seen_at", between=["2027-02-28", "2027-03-01"]), "abcf"),
    (_of("seen_at", in_last="1 day"), "abc"),
    (_of("seen_at", in_last="0 days"), "c"),
    (_of("seen_at", not_in_last="1 day"), "def"),
    (_of("seen_at", in_next="1 day"), "f"),
    (_of("seen_at", in_last="3 months"), "abc"),
    (_of("seen_at", in_last="13 weeks"), "abce"),
    (_of("birthday", on="1990-02-28"), "a"),
    (_of("birthday", before="1990-02-28"), "b"),
    (_of("birthday", after="2000-03-07"), "f"),
    (_of("birthday", between=["1990-02-28", "2000-03-07"]), "ace"),
    (_of("birthday", anniversary_within="6 days"), "c"),
    (_of("birthday", anniversary_within="7 days"), "cf"),
    (_of("birthday", anniversary_within="366 days"), "abcef"),
    (_of("seen_at", anniversary_within="0 days"), "cf"),
    (_of("birthday", in_last="40 years"), "abcef"),
    (_of("birthday", in_last="38 years"), "acef"),
    (_of("contacts.email", empty=True), "bcdef"),
    (_of("contacts.email", ends_with="@example.com"), "a"),
    ({"rows": "orders", "exists": True}, "abe"),
    ({"rows": "orders", "exists": False}, "cdf"),
    (
        {"rows": "orders", "where": {"all": [_of("orders.channel", **{"is": "web"})]}, "exists": False},
        "cdef",
    ),
    ({"rows": "orders", "aggregate": "count", "lt": 3}, "bcdef"),
    (
        {
            "rows": "orders",
            "where": {"all": [_of("orders.amount", gte=50), _of("orders.ordered_at", in_last="90 days")]},
            "aggregate": "count",
            "gte": 2,
        },
        "a",
    ),
    ({"rows": "orders", "aggregate": "sum", "of": "orders.amount", "gt": 100}, "a"),
    # e has a row without an amount: its sum is empty, which “is not” matches; c, d and f have no row at all.
    ({"rows": "orders", "aggregate": "sum", "of": "orders.amount", "is_not": 70}, "ae"),
    ({"rows": "orders", "aggregate": "sum", "of": "orders.amount", "empty": True}, "e"),
    ({"rows": "orders", "aggregate": "average", "of": "orders.amount", "between": [45, 70]}, "ab"),
    ({"rows": "orders", "aggregate": "min", "of": "orders.amount", "lt": 50}, "a"),
    ({"rows": "orders", "aggregate": "max", "of": "orders.ordered_at", "in_last": "10 days"}, "ae"),
    ({"rows": "orders", "aggregate": "count_distinct", "of": "orders.channel", "is": 2}, "a"),
    ({"rows": "orders", "aggregate": "count_distinct", "of": "orders.channel", "is": 0}, "cdef"),
    (
        {
            "rows": "orders",
            "aggregate": "latest",
            "of": "orders.channel",
            "ordered_by": "orders.ordered_at",
            "empty": True,
        },
        "e",
    ),
    (
        {
            "rows": "orders",
            "aggregate": "latest",
            "of": "orders.channel",
            "ordered_by": "orders.ordered_at",
            "is": "store",
        },
        "a",
    ),
    (
        {
            "rows": "orders",
            "aggregate": "first",
            "of": "orders.amount",
            "ordered_by": "orders.ordered_at",
            "gte": 60,
        },
        "ab",
    ),
    ({"any": [_of("city", **{"is": "Chicago"}), _of("points", lt=0)]}, "ac"),
    ({"none": [_of("city", **{"is": "Chicago"}), _of("points", lt=0)]}, "bdef"),
    ({"all": [_of("state", **{"in": ["IL", "WI"]}), {"none": [_of("points", gt=0)]}]}, "bc"),
]


@pytest.mark.parametrize(("rule", "expected"), CASES, ids=[str(rule) for rule, _ in CASES])
def test_the_rule_matches_exactly_these_customers(shop, rule, expected) -> None:
    assert _members(shop, rule) == expected


def test_everybody_is_who_has_a_key_in_the_profile_table(shop) -> None:
    assert len(shop[0].rows(everybody(_context(shop)))) == 6


def test_without_a_profile_table_everybody_is_in_any_table(shop) -> None:
    found = shop[0].rows(everybody(_context(shop, profile=False)))
    assert sorted(row["customer_key"] for row in found) == ["a", "b", "c", "d", "e", "f", "x"]


def test_a_segment_counts_its_days_in_its_own_zone(shop) -> None:
    seen_today = parse({"all": [_of("seen_at", on="2027-03-01")]})
    segments = {7: (seen_today, ZoneInfo("UTC"))}
    assert _members(shop, {"segment": 7}, segments) == "bc"
    assert _members(shop, {"segment": 7, "member": False}, segments) == "adef"


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


def test_rules_that_fit_have_nothing_to_tell(shop) -> None:
    for rule, _ in CASES:
        group = parse(rule if set(rule) & {"all", "any", "none"} else {"all": [rule]})
        assert check(group, shop[1]) == []


def test_a_query_yields_members_and_everybody_stays_everybody(shop):
    query = "SELECT Customer_ID FROM contacts UNION ALL SELECT 'nobody' -- all"
    assert _members(shop, {"sql": query}) == "ab"
