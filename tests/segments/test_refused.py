"""Rules that cannot be, or no longer can: each has its own sentence, at its own place, on every engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns.customers.connection import CustomerDatabaseError
from campaigns.segments.checking import faults
from campaigns.segments.compile import Context, members
from campaigns.segments.rules import RuleError, ids_in, parse
from tests.segments.awkward import NOW, SHOP, Rows
from tests.segments.engines import Tables, on_url, write_parquet, write_postgres
from tests.segments.meanings import Rule, of, order, orders

UTC = ZoneInfo("UTC")
Kept = Callable[[Tables], str]


@pytest.fixture(params=["files", "postgres"])
def keep(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    """Puts tables where customers are, instead of those that were there; gives the URL."""
    postgres = request.getfixturevalue("postgres") if request.param == "postgres" else ""

    def kept(tables: Tables) -> str:
        if postgres:
            write_postgres(tables, postgres)
            return postgres
        for path in tmp_path.glob("*.parquet"):
            path.unlink()
        write_parquet(tables, tmp_path)
        return f"files:{tmp_path}"

    return kept


def _all(*rules: Rule) -> Rule:
    return {"all": list(rules)}


def _nested(depth: int) -> Rule:
    rule = of("points", "is", 5)
    for _ in range(depth):
        rule = _all(rule)
    return rule


SEVERAL = "orders has several rows per customer. Use “rows” for it, with exists or an aggregate."
WRONG: list[tuple[Rule, str]] = [
    ({"all": []}, "A group needs at least one rule. Add one, or remove the group."),
    (_all({"any": []}), "A group needs at least one rule. Add one, or remove the group."),
    (
        _all({"rows": "orders", "where": {"none": []}, "exists": True}),
        "A group needs at least one rule. Add one, or remove the group.",
    ),
    (_nested(100), "Groups are nested 20 deep at most."),
    (
        _all(of("city", "in", [str(number) for number in range(10_001)])),
        "A list has 10,000 values at most. Use a segment instead.",
    ),
    (_all(of("city", "in", [])), "Enter at least one value."),
    (_all(of("city", "is", 5)), "Enter a text."),
    (_all(of("city", "in", ["Chicago", 5])), "Enter a text."),
    (_all(of("points", "is", "5")), "Enter a number."),
    (_all(of("points", "between", [1, "2"])), "Enter a number."),
    (_all(of("points", "is", True)), "Enter a number."),
    (_all(of("opted_in", "is", "yes")), "Choose true or false."),
    (_all(of("opted_in", "is", 1)), "Choose true or false."),
    (
        _all(of("birthday", "on", "soon")),
        "Enter a date such as 2027-03-01, or a time such as 2027-03-01T09:00.",
    ),
    (
        _all(of("birthday", "on", "2027-02-29")),
        "Enter a date such as 2027-03-01, or a time such as 2027-03-01T09:00.",
    ),
    (_all(of("seen_at", "on", "9999-12-31T23:59-01:00")), "Enter a time within the years 1 to 9999."),
    (_all(of("seen_at", "in_last", "3000 years")), "3000 years reaches beyond the calendar. Enter less."),
    (
        _all(of("seen_at", "in_last", "a while")),
        "Enter a length of time such as 90 days, 6 weeks, 3 months or 1 year.",
    ),
    (
        _all(of("birthday", "anniversary_within", "367 days")),
        "Enter a number of days from 0 to 366, such as 7 days.",
    ),
    (
        _all(of("points", "contains", "5")),
        "“contains” cannot be used with a number column. Choose another comparison.",
    ),
    (_all(of("orders.amount", "gte", 5)), SEVERAL),
    (
        _all(of("town", "is", "x")),
        "The attribute profiles.town is gone from the customer database. Choose another one.",
    ),
    (_all({"rows": "returns", "exists": True}), "The table returns is gone. Choose another one."),
    (
        _all(orders("sum", "gt", 5, of="channel")),
        "A sum cannot be made of orders.channel, a text column. Choose another one.",
    ),
    (
        _all(orders("first", "gt", 5, of="amount", ordered_by="paid")),
        "Rows cannot be ordered by orders.paid. Choose another column.",
    ),
    (
        _all(orders("count", "contains", "5")),
        "“contains” cannot be used with a number column. Choose another comparison.",
    ),
]


@pytest.mark.parametrize(("rules", "sentence"), WRONG, ids=[f"{number}" for number in range(len(WRONG))])
def test_a_rule_that_cannot_be_has_its_own_sentence(tmp_path: Path, rules: Rule, sentence: str) -> None:
    write_parquet(SHOP, tmp_path)
    with on_url(f"files:{tmp_path}") as (_, catalogue):
        assert [fault.message for fault in faults(rules, catalogue, UTC, "duckdb")] == [sentence]


def test_the_other_rules_of_a_group_are_still_looked_at(tmp_path: Path) -> None:
    write_parquet(SHOP, tmp_path)
    rules = _all(
        of("city", "is", "Chicago"), of("points", "is", "5"), {"any": [of("town", "is", "x"), order()]}
    )
    with on_url(f"files:{tmp_path}") as (_, catalogue):
        places = [fault.path[:4] for fault in faults(rules, catalogue, UTC, "duckdb")]
    assert places == [("all", 1), ("all", 2, "any", 0)]


def test_rules_too_deep_are_still_asked_for_the_segments_they_name() -> None:
    assert ids_in({"all": [_nested(100), {"segment": 7}]}) == {7}


# Large ----------------------------------------------------------------------------------------------------------


def _who(url: str, rules: Rule) -> str:
    with on_url(url) as (connection, catalogue):
        found = members(parse(rules), UTC, Context(connection.table, catalogue, NOW))
        return "".join(sorted(row["customer_key"] for row in connection.rows(found)))


def test_five_thousand_values_are_a_list(keep: Kept) -> None:
    url = keep(SHOP)
    texts = [f"it's 100%_ number \\{number}" for number in range(4_999)]
    assert _who(url, _all(of("city", "in", [*texts, "CHICAGO"], ignore_case=True))) == "ab"
    assert _who(url, _all(of("city", "not_in", [*texts, "Chicago"]))) == "bcdefghijklmnop"
    assert _who(url, _all(of("points", "in", [*range(5, 5_004), 0.5]))) == "aef"


def test_a_thousand_rules_are_a_group(keep: Kept) -> None:
    url = keep(SHOP)
    rules = [of("city", "is", f"town {number}") for number in range(999)]
    assert _who(url, {"any": [*rules, of("city", "is", "Chicago")]}) == "a"


# Since the catalogue was read -----------------------------------------------------------------------------------


def _changed(table: str, change: Callable[[dict[str, str]], dict[str, str]]) -> dict[str, Rows]:
    """The shop with other columns in one table, and no rows in it."""
    found = SHOP[table]
    return {**SHOP, table: replace(found, columns=change(dict(found.columns)), rows=[])}


def _renamed(old: str, new: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda columns: {new if name == old else name: kind for name, kind in columns.items()}


def _retyped(column: str, kind: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda columns: {**columns, column: kind}


OTHER_TYPE = (
    "The attribute {} is of another type by now ({}, it was {}). Ask an operator to read the catalogue again."
)
GONE = "The attribute {} is gone from the customer database. Choose another one."
SINCE: list[tuple[dict[str, Rows], Rule, str]] = [
    (
        _changed("profiles", _renamed("points", "score_points")),
        of("points", "is", 5),
        GONE.format("profiles.points"),
    ),
    (
        _changed("orders", _renamed("amount", "total")),
        order(of("orders.amount", "gte", 5)),
        GONE.format("orders.amount"),
    ),
    (
        _changed("orders", _renamed("amount", "total")),
        orders("sum", "gte", 5, of="amount"),
        GONE.format("orders.amount"),
    ),
    (
        _changed("orders", _renamed("ordered_at", "at")),
        orders("latest", "is", 5, of="amount", ordered_by="ordered_at"),
        GONE.format("orders.ordered_at"),
    ),
    (
        _changed("profiles", _retyped("points", "text")),
        of("points", "is", 5),
        OTHER_TYPE.format("profiles.points", "text", "number"),
    ),
    (
        _changed("orders", _retyped("ordered_at", "date")),
        order(of("orders.ordered_at", "in_last", "90 days")),
        OTHER_TYPE.format("orders.ordered_at", "date", "datetime"),
    ),
    (
        _changed("orders", _renamed("customer_id", "client")),
        order(),
        "The customer key customer_id is gone from the table orders. Ask an operator to mend it.",
    ),
    (
        {name: table for name, table in SHOP.items() if name != "orders"},
        order(),
        "The table orders is gone from the customer database.",
    ),
    (
        {name: table for name, table in SHOP.items() if name != "contacts"},
        of("contacts.email", "empty", True),
        "The table contacts is gone from the customer database.",
    ),
]


@pytest.mark.parametrize(
    ("tables", "rule", "sentence"), SINCE, ids=[f"{number}" for number in range(len(SINCE))]
)
def test_what_changed_since_the_catalogue_is_told(
    keep: Kept, tables: dict[str, Rows], rule: Rule, sentence: str
) -> None:
    with on_url(keep(SHOP)) as (_, known):
        pass
    with on_url(keep(tables)) as (connection, _), pytest.raises((RuleError, CustomerDatabaseError)) as caught:
        members(parse(_all(rule)), UTC, Context(connection.table, known, NOW))
    found: Any = caught.value
    assert found.message == sentence


def test_a_whole_number_may_become_a_decimal(keep: Kept) -> None:
    with on_url(keep(SHOP)) as (_, known):
        pass
    with on_url(keep(_changed("profiles", _retyped("points", "decimal")))) as (connection, _):
        found = members(parse(_all(of("points", "is", 5))), UTC, Context(connection.table, known, NOW))
        assert connection.rows(found) == []
