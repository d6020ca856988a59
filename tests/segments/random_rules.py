"""Any customers with any rules about them, for Hypothesis: few values, so that rules meet them, and all awkward.

Strategies are kept for each clock, for making them anew takes longer than drawing from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from campaigns.customers.catalogue import Catalogue, Column, ColumnType, Table
from campaigns.segments.operators import AGGREGATES, OPERATORS, SORTABLE
from campaigns.segments.rules import Group, parse
from tests.segments.awkward import Rows
from tests.segments.naive import World

KEYS = ["a", "b", "c", "d"]
TYPES: dict[str, ColumnType] = {
    "text": "text",
    "integer": "number",
    "decimal": "number",
    "float": "number",
    "date": "date",
    "time": "datetime",
    "instant": "datetime",
    "boolean": "boolean",
}
COLUMNS = {
    "profiles": {
        "customer_id": "text",
        "city": "text",
        "points": "integer",
        "balance": "decimal",
        "birthday": "date",
        "seen_at": "time",
        "called_at": "instant",
        "opted_in": "boolean",
    },
    "contacts": {"customer_id": "text", "email": "text", "score": "float"},
    "orders": {
        "customer_id": "text",
        "amount": "decimal",
        "items": "integer",
        "weight": "float",
        "ordered_at": "time",
        "shipped_at": "instant",
        "day": "date",
        "channel": "text",
        "paid": "boolean",
    },
}
TEXTS = [
    "",
    "Chicago",
    "CHICAGO",
    "Zürich",
    "ZÜRICH",
    "Zu\u0308rich",
    "50%_\\",
    "it's",
    "İı",
    "ΣΑΣ",
    "σας",
    " ",
]
PARTS = ["", "hic", "ü", "Ü", "%", "_", "\\", "'", "i", "σ", "Σ", " ", "Zu"]
NUMBERS = [-10.5, -1, 0, 0.5, 1, 2, 3, 5, 99.99, 10**18 - 1]
FLOATS = [-2.25, 0.5, 1.0, 5.0, float("nan")]
ZONES = [
    ZoneInfo(name) for name in ("UTC", "America/Chicago", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Apia")
]
# The second begins a day without a midnight, the third is in an hour that comes twice.
CLOCKS = [
    datetime.fromisoformat(f"{text}+00:00")
    for text in (
        "2027-03-01T15:00",
        "2018-11-04T03:00",
        "2026-11-01T06:30",
        "2028-02-29T23:59",
        "2027-01-31T04:00",
    )
]
STEPS = [
    timedelta(0),
    *(timedelta(microseconds=sign) for sign in (-1, 1)),
    *(
        timedelta(hours=sign * hours)
        for sign in (-1, 1)
        for hours in (1, 5, 10, 18, 24, 31, 48, 24 * 7, 24 * 29)
    ),
    *(timedelta(days=days) for days in (-11_688, -1461, -366, -365, -90, 28, 364, 365, 366)),
]
SPANS = [f"{number} {unit}" for number in (0, 1, 2, 7, 13) for unit in ("days", "weeks", "months", "years")]


@dataclass(frozen=True)
class Question:
    """Customers, rules about them, and the clock."""

    tables: Mapping[str, Rows]
    groups: list[tuple[Group, ZoneInfo]]
    now: datetime
    segments: Mapping[int, tuple[Group, ZoneInfo]] = field(default_factory=dict)
    lists: Mapping[int, list[str]] = field(default_factory=dict)
    profile: str = "profiles"

    @property
    def world(self) -> World:
        rows = {name: table.as_dicts() for name, table in self.tables.items()}
        return World(rows, self.now, self.segments, self.lists, self.profile)

    @property
    def catalogue(self) -> Catalogue:
        return Catalogue(tuple(_described(name) for name in self.tables), self.profile)


def _described(name: str) -> Table:
    columns = tuple(Column(column, TYPES[kind]) for column, kind in COLUMNS[name].items())
    return Table(name, "customer_id", name == "orders", columns)


# Customers ----------------------------------------------------------------------------------------------------


@cache
def _values(kind: str, now: datetime) -> st.SearchStrategy[Any]:
    moments = [now + step for step in STEPS]
    found: dict[str, list[Any]] = {
        "text": TEXTS,
        "integer": [-1, 0, 1, 2, 5, 10**18 - 1],
        "decimal": [Decimal(text) for text in ("-10.50", "0.00", "0.50", "1.00", "5.00", "99.99")],
        "float": FLOATS,
        "date": [*(moment.date() for moment in moments), date(1988, 2, 29), date(1990, 2, 28)],
        "time": [moment.replace(tzinfo=None) for moment in moments],
        "instant": moments,
        "boolean": [True, False],
    }
    return st.sampled_from([None, *found[kind]])


def _table(name: str, keys: st.SearchStrategy[list[str | None]], now: datetime) -> st.SearchStrategy[Rows]:
    columns = COLUMNS[name]
    others = st.tuples(*(_values(kind, now) for kind in list(columns.values())[1:]))

    def rows(found: list[str | None]) -> st.SearchStrategy[Rows]:
        drawn = st.lists(others, min_size=len(found), max_size=len(found))
        return drawn.map(
            lambda some: Rows(columns, [(key, *row) for key, row in zip(found, some, strict=True)])
        )

    return keys.flatmap(rows)


@cache
def _customers(now: datetime) -> st.SearchStrategy[dict[str, Rows]]:
    once = st.lists(st.sampled_from([*KEYS, "x"]), unique=True, max_size=4).map(lambda keys: [*keys, None])
    often = st.lists(st.sampled_from([*KEYS, *KEYS, "x", None]), max_size=8)
    return st.fixed_dictionaries(
        {
            "profiles": _table("profiles", once, now),
            "contacts": _table("contacts", once, now),
            "orders": _table("orders", often, now),
        }
    )


# Rules --------------------------------------------------------------------------------------------------------


@cache
def _scalars(kind: ColumnType, operator: str, now: datetime) -> st.SearchStrategy[Any]:
    if kind == "text":
        return st.sampled_from(PARTS if operator.endswith(("contains", "_with")) else TEXTS)
    if kind == "number":
        return st.sampled_from(NUMBERS)
    if kind == "boolean":
        return st.booleans()
    moments = [now + step for step in STEPS]
    local = [moment.replace(tzinfo=None).isoformat() for moment in moments]
    days = [moment.date().isoformat() for moment in moments]
    return st.sampled_from([*days, *local, *(moment.isoformat() for moment in moments)])


@cache
@st.composite
def comparisons(draw: st.DrawFn, kind: ColumnType, now: datetime) -> dict[str, Any]:
    name = draw(st.sampled_from([name for name, found in OPERATORS.items() if kind in found.types]))
    operator = OPERATORS[name]
    one = _scalars(kind, name, now)
    value = draw(
        {
            "one": one,
            "list": st.lists(one, min_size=1, max_size=3),
            "two": st.lists(one, min_size=2, max_size=2),
            "span": st.sampled_from(SPANS),
            "days": st.sampled_from(["0 days", "1 day", "7 days", "366 days"]),
            "flag": st.booleans(),
        }[operator.shape]
    )
    ignores = kind == "text" and operator.for_text and draw(st.booleans())
    return {name: value, **({"ignore_case": True} if ignores else {})}


@cache
def _conditions(table: str, now: datetime) -> st.SearchStrategy[dict[str, Any]]:
    def of(column: str) -> st.SearchStrategy[dict[str, Any]]:
        found = comparisons(TYPES[COLUMNS[table][column]], now)
        return found.map(lambda compared: {"attribute": f"{table}.{column}", **compared})

    return st.sampled_from(list(COLUMNS[table])).flatmap(of)


def _nested(leaves: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[Any]:
    return st.recursive(leaves, _grouped, max_leaves=most)


def _grouped(rules: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    several = st.lists(rules, min_size=1, max_size=3)
    return st.builds(lambda match, found: {match: found}, st.sampled_from(["all", "any", "none"]), several)


@cache
@st.composite
def relations(draw: st.DrawFn, now: datetime) -> dict[str, Any]:
    rule: dict[str, Any] = {"rows": "orders"}
    if draw(st.booleans()):
        rule["where"] = draw(_grouped(_nested(_conditions("orders", now), 3)))
    name = draw(st.sampled_from(["", *AGGREGATES]))
    if not name:
        return {**rule, "exists": draw(st.booleans())}
    aggregate = AGGREGATES[name]
    rule["aggregate"] = name
    kind: ColumnType = "number"
    if name != "count":
        of = draw(
            st.sampled_from(
                [one for one, found in COLUMNS["orders"].items() if TYPES[found] in aggregate.types]
            )
        )
        rule["of"] = f"orders.{of}"
        kind = aggregate.result or TYPES[COLUMNS["orders"][of]]
    if aggregate.is_ordered:
        by = [one for one, found in COLUMNS["orders"].items() if TYPES[found] in SORTABLE]
        rule["ordered_by"] = f"orders.{draw(st.sampled_from(by))}"
    return {**rule, **draw(comparisons(kind, now))}


@cache
def groups(now: datetime, *more: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Group, ZoneInfo]]:
    leaves = st.one_of(_conditions("profiles", now), _conditions("contacts", now), relations(now), *more)
    return st.tuples(_grouped(_nested(leaves, 4)).map(parse), st.sampled_from(ZONES))


@cache
def _in(key: str, *ids: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda pk, member: {key: pk, "member": member}, st.sampled_from(ids), st.booleans())


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Segment 2 may name segment 1; the rest may name both, and list 3."""
    now = draw(st.sampled_from(CLOCKS))
    segments = {1: draw(groups(now)), 2: draw(groups(now, _in("segment", 1)))}
    asked = draw(st.lists(groups(now, _in("segment", 1, 2), _in("list", 3)), min_size=1, max_size=2))
    lists = {3: draw(st.lists(st.sampled_from([*KEYS, "nobody"]), max_size=3))}
    profile = draw(st.sampled_from(["profiles", "profiles", ""]))
    return Question(draw(_customers(now)), asked, now.astimezone(UTC), segments, lists, profile)
