"""What differs between two sets of rules, in words."""

from __future__ import annotations

import pytest

from campaigns.segments.about.difference import changes
from campaigns.segments.masked import masked
from campaigns.segments.words import Names, in_words

CITY = {"attribute": "profiles.city", "is": "Chicago"}
GOLD = {"attribute": "profiles.tier", "is": "gold"}
ORDERS = {"rows": "orders", "aggregate": "count", "gte": 3}


def told(before, after, hide=False):
    """(kind, words, was, inside, note) without what is empty."""
    found = changes(
        before,
        after,
        lambda rule: in_words(masked(rule, lambda column: None) if hide else rule, Names({4: "Buyers"})),
    )
    return [
        tuple(part for part in (one.kind, one.words, one.was, one.inside, one.note) if part) for one in found
    ]


def test_equal_rules_have_no_difference():
    assert told({"all": [CITY, {"any": [GOLD]}]}, {"all": [CITY, {"any": [GOLD]}]}) == []


def test_added_removed_and_changed_rules():
    before = {"all": [CITY, GOLD]}
    after = {"all": [{**CITY, "is": "Boston"}, ORDERS, {"segment": 4}]}
    assert told(before, after) == [
        ("changed", "city is Boston", "city is Chicago"),
        ("removed", "tier is gold"),
        ("added", "number of rows in orders is at least 3"),
        ("added", "a member of Buyers"),
    ]


def test_nested_rules_say_where_they_stand():
    before = {"all": [CITY, {"any": [GOLD, {"none": [ORDERS]}]}]}
    after = {"all": [CITY, {"any": [GOLD, {"none": [{**ORDERS, "gte": 5}]}, {"segment": 4}]}]}
    assert told(before, after) == [
        (
            "changed",
            "number of rows in orders is at least 5",
            "number of rows in orders is at least 3",
            "Any of these › None of these",
        ),
        ("added", "a member of Buyers", "Any of these"),
    ]


def test_another_match_of_a_group_is_one_change():
    assert told({"all": [CITY, {"any": [GOLD, ORDERS]}]}, {"all": [CITY, {"none": [GOLD, ORDERS]}]}) == [
        ("changed", "None of these", "Any of these")
    ]
    assert told({"all": [CITY]}, {"any": [CITY]}) == [("changed", "Any of these", "All of these")]


def test_groups_are_matched_by_what_they_share():
    before = {"all": [{"any": [CITY, ORDERS]}, {"any": [GOLD]}]}
    after = {"all": [{"any": [{**GOLD, "is": "silver"}]}]}
    assert told(before, after) == [
        ("removed", "city is Chicago or number of rows in orders is at least 3"),
        ("changed", "tier is silver", "tier is gold", "Any of these"),
    ]


def test_the_order_alone_is_said_in_a_sentence():
    assert told({"all": [CITY, GOLD]}, {"all": [GOLD, CITY]}) == [
        ("moved", "The same rules in another order")
    ]


def test_one_rule_of_two_equal_ones_is_missed():
    assert told({"all": [CITY, CITY]}, {"all": [CITY]}) == [("removed", "city is Chicago")]


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        ({"sql": "SELECT 1"}, {"sql": "SELECT 2"}, "the query is another one"),
        (
            {"rows": "o", "aggregate": "first", "of": "o.a", "ordered_by": "o.b", "is": 1},
            {"rows": "o", "aggregate": "first", "of": "o.a", "ordered_by": "o.c", "is": 1},
            "the rows are ordered by another column",
        ),
    ],
)
def test_what_the_words_leave_out_is_said_beside(before, after, note):
    ((*_, last),) = told({"all": [before]}, {"all": [after]})
    assert last == note


def test_two_values_masked_alike_differ_all_the_same():
    before = {"all": [{"attribute": "profiles.last_name", "is": "Jordan"}]}
    after = {"all": [{"attribute": "profiles.last_name", "is": "Jones"}]}
    (found,) = told(before, after, hide=True)
    assert found == ("changed", "last_name is J···", "a value you may not see is another one")
    assert told(before, after) == [("changed", "last_name is Jones", "last_name is Jordan")]


def test_rules_of_another_shape_are_told_without_an_error():
    assert told({}, {"all": [CITY]}) == [("added", "city is Chicago")]


def test_a_query_is_compared_line_by_line():
    before = {"all": [{"sql": "SELECT customer_id\nFROM profiles\nWHERE city = 'Chicago'\n-- so far"}]}
    after = {"all": [{"sql": "SELECT customer_id\nFROM profiles\nWHERE city = 'Boston'\n-- for now"}]}
    (change,) = changes(before, after, lambda rule: in_words(rule, Names()))
    assert change.note == "the query is another one"
    assert change.lines == (
        "  FROM profiles",
        "- WHERE city = 'Chicago'",
        "- -- so far",
        "+ WHERE city = 'Boston'",
        "+ -- for now",
    )
