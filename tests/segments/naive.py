"""Rules read as docs/segments.md tells them, row by row in plain Python: what every engine has to agree with.

Nothing of `compile`, `conditions` and `times` is used here, so that a mistake would have to be made twice.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from campaigns.segments.rules import Comparison, Condition, Group, InList, InSegment, Node, Rows
from campaigns.segments.values import Span

Row = Mapping[str, Any]


@dataclass(frozen=True)
class World:
    """`tables`: their rows, the customer key under "key"; `segments` and `lists` by id."""

    tables: Mapping[str, Sequence[Row]]
    now: datetime
    segments: Mapping[int, tuple[Group, ZoneInfo]] = field(default_factory=dict)
    lists: Mapping[int, list[str]] = field(default_factory=dict)
    profile: str = "profiles"  # empty: everybody is who stands in any of the tables

    def rows_of(self, table: str, key: str) -> list[Row]:
        return [row for row in self.tables[table] if row["key"] == key]

    def members(self, group: Group, zone: ZoneInfo) -> list[str]:
        tables = [self.profile] if self.profile else list(self.tables)
        everybody = {row["key"] for table in tables for row in self.tables[table]} - {None}
        return sorted(key for key in everybody if self.matches(group, key, zone))

    def matches(self, node: Node, key: str, zone: ZoneInfo) -> bool:
        if isinstance(node, Group):
            return _together(node, [self.matches(rule, key, zone) for rule in node.rules])
        if isinstance(node, Condition):
            table, _, column = node.attribute.rpartition(".")
            found = self.rows_of(table, key)
            return compares(found[0][column] if found else None, node.comparison, self.now, zone)
        if isinstance(node, InSegment):
            rules, own_zone = self.segments[node.segment]
            return self.matches(rules, key, own_zone) is node.member
        if isinstance(node, InList):
            return (key in self.lists[node.list]) is node.member
        assert isinstance(node, Rows)
        return self._rows_match(node, key, zone)

    def _rows_match(self, node: Rows, key: str, zone: ZoneInfo) -> bool:
        rows = [row for row in self.rows_of(node.table, key) if self._on_row(node.where, row, zone)]
        if node.comparison is None:
            return bool(rows) is node.exists
        if node.ordered_by:
            rows = [row for row in rows if _is_known(row[_last(node.ordered_by)])]
        if not rows and not node.aggregate.startswith("count"):
            return False
        return compares(_aggregate(node, rows), node.comparison, self.now, zone)

    def _on_row(self, node: Node | None, row: Row, zone: ZoneInfo) -> bool:
        if isinstance(node, Group):
            return _together(node, [self._on_row(rule, row, zone) for rule in node.rules])
        if node is None:
            return True
        assert isinstance(node, Condition)
        return compares(row[_last(node.attribute)], node.comparison, self.now, zone)


def _last(attribute: str) -> str:
    return attribute.rpartition(".")[2]


def _together(group: Group, answers: list[bool]) -> bool:
    if group.match == "all":
        return all(answers)
    return any(answers) if group.match == "any" else not any(answers)


def _aggregate(node: Rows, rows: list[Row]) -> Any:
    if node.aggregate == "count":
        return len(rows)
    column = _last(node.of)
    if node.ordered_by:
        return _at_the_end(node.aggregate, [(row[_last(node.ordered_by)], row[column]) for row in rows])
    known = [row[column] for row in rows if _is_known(row[column])]
    if node.aggregate == "count_distinct":
        return len(set(known))
    return _OF_VALUES[node.aggregate](known) if known else None


def _mean(numbers: list[Any]) -> Decimal:
    return sum(map(_exact, numbers), Decimal(0)) / len(numbers)


_OF_VALUES: dict[str, Callable[[list[Any]], Any]] = {"sum": sum, "average": _mean, "min": min, "max": max}


def _at_the_end(which: str, found: list[tuple[Any, Any]]) -> Any:
    """Of several at one place the smallest value for `first`, the largest for `latest`; none where all lack it."""
    pick = min if which == "first" else max
    place = pick(at for at, _ in found)
    known = [value for at, value in found if at == place and _is_known(value)]
    return pick(known) if known else None


# One comparison ---------------------------------------------------------------------------------------------


def compares(value: Any, comparison: Comparison, now: datetime, zone: ZoneInfo) -> bool:
    operator, wanted = comparison.operator, cast(Any, comparison.value)
    value = value if _is_known(value) else None
    if operator == "empty":
        return (value is None or value == "") is wanted
    if operator in ("is_not", "not_in", "not_in_last"):
        opposite = {"is_not": "is", "not_in": "in", "not_in_last": "in_last"}[operator]
        return not compares(value, Comparison(opposite, wanted, comparison.ignore_case), now, zone)
    if value is None:
        return False
    if isinstance(value, date):
        return _time_compares(value, operator, wanted, now, zone)
    if comparison.ignore_case:
        value = _lowered(value)
        wanted = tuple(map(_lowered, wanted)) if isinstance(wanted, tuple) else _lowered(wanted)
    if isinstance(value, int | float | Decimal):
        value = _exact(value)
        wanted = tuple(map(_exact, wanted)) if isinstance(wanted, tuple) else _exact(wanted)
    return _PLAIN[operator](value, wanted)


def _lowered(text: str) -> str:
    """Letter by letter; İ is i, and the ς at the end of a word is σ."""
    return "".join({"İ": "i", "ς": "σ"}.get(letter, letter.lower()) for letter in text)


def _is_known(value: Any) -> bool:
    """Neither NULL nor, for a number, none."""
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def _exact(number: Any) -> Decimal:
    """Decimal numbers as people write them."""
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


_PLAIN: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda value, wanted: value == wanted,
    "in": lambda value, wanted: value in wanted,
    "contains": lambda value, wanted: wanted in value,
    "starts_with": lambda value, wanted: value.startswith(wanted),
    "ends_with": lambda value, wanted: value.endswith(wanted),
    "lt": lambda value, wanted: value < wanted,
    "lte": lambda value, wanted: value <= wanted,
    "gt": lambda value, wanted: value > wanted,
    "gte": lambda value, wanted: value >= wanted,
    "between": lambda value, wanted: wanted[0] <= value <= wanted[1],
}


def _time_compares(value: date, operator: str, wanted: Any, now: datetime, zone: ZoneInfo) -> bool:
    today = now.astimezone(zone).date()
    has_time = isinstance(value, datetime)
    instant = _instant(value) if isinstance(value, datetime) else None
    day = instant.astimezone(zone).date() if instant else value
    if operator == "anniversary_within":
        return any(_falls_on(day, today + timedelta(days=ahead)) for ahead in range(wanted.number + 1))
    if operator == "in_last":
        return _moved(today, wanted, -1) <= day and (instant <= now if instant else day <= today)
    if operator == "in_next":
        return day <= _moved(today, wanted, 1) and (instant >= now if instant else day >= today)
    low, high = wanted if operator == "between" else (wanted, wanted)
    below = _stands(instant, day, low, zone, has_time) < 0
    above = _stands(instant, day, high, zone, has_time) > 0
    return {"before": below, "after": above}.get(operator, not below and not above)


def _instant(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _stands(instant: datetime | None, day: date, wanted: str, zone: ZoneInfo, has_time: bool) -> int:
    """-1, 0 or 1: before, at or behind what a rule names, which is a whole day or a moment."""
    if "T" not in wanted:
        return _sign(day, date.fromisoformat(wanted))
    told = datetime.fromisoformat(wanted)
    told = told if told.tzinfo else told.replace(tzinfo=zone)
    if has_time:
        return _sign(instant, told.astimezone(UTC))
    return _sign(day, told.astimezone(zone).date())


def _sign(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)


def _moved(day: date, span: Span, direction: int) -> date:
    """Step by step, as one would count on a calendar."""
    if span.unit in ("days", "weeks"):
        return day + timedelta(days=direction * span.number * (7 if span.unit == "weeks" else 1))
    year, month = day.year, day.month
    for _ in range(span.number * (12 if span.unit == "years" else 1)):
        month += direction
        if month in (0, 13):
            year, month = year + direction, 12 if month == 0 else 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _falls_on(born: date, day: date) -> bool:
    if (born.month, born.day) == (2, 29) and not calendar.isleap(day.year):
        return (day.month, day.day) == (2, 28)
    return (born.month, born.day) == (day.month, day.day)
