import pytest

from campaigns.segments.rules import (
    Query,
    RuleError,
    attributes,
    dump,
    list_ids,
    load,
    map_named,
    parse,
    query_of,
    segment_ids,
    to_data,
)

RULES = {
    "all": [
        {"attribute": "customer_360.city", "is": "Chicago"},
        {
            "any": [
                {"attribute": "customer_360.state", "in": ["IL", "WI"], "ignore_case": True},
                {"attribute": "customer_360.birthday", "anniversary_within": "7 days"},
            ]
        },
        {
            "rows": "orders",
            "where": {"all": [{"attribute": "orders.amount", "gte": 50}]},
            "aggregate": "latest",
            "of": "orders.channel",
            "ordered_by": "orders.ordered_at",
            "is": "web",
        },
        {"rows": "orders", "exists": False},
        {"segment": 12, "member": False},
        {"none": [{"segment": 13}]},
    ]
}


def test_data_comes_out_as_it_went_in() -> None:
    assert to_data(parse(RULES)) == RULES
    assert load(dump(parse(RULES))) == parse(RULES)


def test_it_tells_which_segments_and_columns_are_read() -> None:
    assert segment_ids(parse(RULES)) == {12, 13}
    assert attributes(parse(RULES)) >= {"customer_360.city", "orders.amount", "orders.channel"}


def test_segments_are_renamed_at_any_depth() -> None:
    assert map_named(map_named(RULES, "segment", str), "segment", int) == RULES


@pytest.mark.parametrize(
    ("rule", "words", "path"),
    [
        ({"all": []}, "at least one rule", ("all",)),
        ({"attribute": "t.c", "is": 1}, "begin with all", ()),
        ({"all": [{"attribute": "city", "is": 1}]}, "table.column", ("all", 0, "attribute")),
        ({"all": [{"attribute": "t.c"}]}, "Choose one comparison", ("all", 0)),
        ({"all": [{"attribute": "t.c", "is": 1, "gte": 2}]}, "one comparison only", ("all", 0)),
        (
            {"all": [{"attribute": "t.c", "is": 1, "colour": 2}]},
            "colour does not belong",
            ("all", 0, "colour"),
        ),
        ({"all": [{"attribute": "t.c", "in": []}]}, "at least one value", ("all", 0, "in")),
        ({"all": [{"attribute": "t.c", "between": [1]}]}, "two values", ("all", 0, "between")),
        ({"all": [{"attribute": "t.c", "in_last": "soon"}]}, "length of time", ("all", 0, "in_last")),
        ({"all": [{"attribute": "t.c", "empty": "yes"}]}, "true or false", ("all", 0, "empty")),
        (
            {"all": [{"attribute": "t.c", "gte": 1, "ignore_case": True}]},
            "ignore_case",
            ("all", 0, "ignore_case"),
        ),
        ({"all": [{"rows": "o"}]}, "exists or aggregate", ("all", 0)),
        (
            {"all": [{"rows": "o", "exists": True, "aggregate": "count", "is": 1}]},
            "exists or aggregate",
            ("all", 0),
        ),
        ({"all": [{"rows": "o", "aggregate": "sum", "is": 1}]}, "sum needs of", ("all", 0, "of")),
        ({"all": [{"rows": "o", "aggregate": "count", "of": "o.x", "is": 1}]}, "no of", ("all", 0, "of")),
        (
            {"all": [{"rows": "o", "exists": True, "where": {"all": [{"attribute": "p.x", "is": 1}]}}]},
            "no column of o",
            ("all", 0, "where"),
        ),
        ({"all": [{"segment": "Gold"}]}, "Choose a segment", ("all", 0, "segment")),
        ({"all": ["x"]}, "set of keys", ("all", 0)),
        ({"all": [{"attribute": "t.c", "is": float("nan")}]}, "Enter a number", ("all", 0, "is")),
        ({"all": [{"attribute": "t.c", "is": 10**18}]}, "too large", ("all", 0, "is")),
        ({"all": [{"attribute": "t.c", "is": "a\0b"}]}, "cannot be stored", ("all", 0, "is")),
        ({"all": [{"attribute": "t.c", "is": None}]}, "Enter a value", ("all", 0, "is")),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_place(rule, words, path) -> None:
    with pytest.raises(RuleError, match=words) as caught:
        parse(rule)
    assert caught.value.path == path


def test_groups_are_not_nested_without_end() -> None:
    rule = {"attribute": "t.c", "is": 1}
    for _ in range(50):
        rule = {"all": [rule]}
    with pytest.raises(RuleError, match="20 deep"):
        parse(rule)


def test_a_version_from_the_future_is_refused_in_words() -> None:
    with pytest.raises(RuleError, match="version 99"):
        load({"version": 99, "rules": {}})


def test_a_query_stands_alone():
    assert query_of(parse({"all": [{"sql": "SELECT customer_id FROM orders; "}]})) == Query(
        "SELECT customer_id FROM orders;"
    )
    for rules in (
        {"any": [{"sql": "SELECT 1"}]},
        {"all": [{"sql": "SELECT 1"}, {"segment": 1}]},
        {"all": [{"all": [{"sql": "SELECT 1"}]}]},
    ):
        with pytest.raises(RuleError, match="stands alone"):
            parse(rules)


def test_an_uploaded_list_is_named_by_its_id():
    data = {"none": [{"list": 3}, {"list": 4, "member": False}]}
    assert to_data(parse(data)) == data
    assert list_ids(parse(data)) == {3, 4}
    with pytest.raises(RuleError, match="Choose an uploaded list"):
        parse({"all": [{"list": "VIP"}]})
