"""One comparison as an Ibis expression, for each type of column.

Where it is NULL, a customer does not match. It is left so because an engine that reads `state = 'IL'` can skip parts of
a file or use an index, and one that reads `COALESCE(state = 'IL', FALSE)` cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from operator import and_, or_
from typing import Any

import ibis
from ibis import Value as Column

from campaigns.customers.catalogue import ColumnType
from campaigns.customers.reading import column_type
from campaigns.segments.operators import OPERATORS
from campaigns.segments.rules import Comparison, RuleError
from campaigns.segments.times import (
    Moment,
    anniversaries,
    day_after,
    instant_after,
    read_moment,
    shifted,
    whole_days,
)
from campaigns.segments.values import Span

# From the first day to the last that nanoseconds in 64 bits have whole.
NANOSECONDS = (datetime(1677, 9, 22, tzinfo=UTC), datetime(2262, 4, 11, tzinfo=UTC))
EARLIEST_YEAR = 1900  # of an anniversary that is stored as a time
YEARS_AHEAD = 30  # so far it may lie in the future
# What some engines make of İ, and of Σ at the end of a word, when they lower them; and what others do.
_ALIKE = {"i\u0307": "i", "ς": "σ"}


def matches(column: Column, comparison: Comparison, moment: Moment) -> Column:
    """Whether the column's value compares; NULL is no. RuleError where operator, value and column do not fit."""
    kind = column_type(column.type())
    check_fit(kind, comparison, moment)
    if comparison.operator == "empty":
        empty = _is_empty(column, kind)
        return empty if comparison.value else ~empty
    if kind in ("date", "datetime"):
        return _times(column, kind, comparison, moment)
    return _plain(column, comparison)


def joined(combine: Callable[[Any, Any], Any], parts: Sequence[Any]) -> Any:
    """All of them combined by twos, so that a long list does not become a deep expression."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return combine(joined(combine, parts[:half]), joined(combine, parts[half:]))


def known(column: Column) -> Column:
    """The column with NULL for what is no number: to one engine it is empty, to another more than all numbers."""
    return column.isnan().ifelse(ibis.null(column.type()), column) if column.type().is_floating() else column


def _is_empty(column: Column, kind: ColumnType) -> Column:
    empty = column.isnull()
    if kind == "text":
        empty = empty | (column == "")
    elif column.type().is_floating():
        empty = empty | column.isnan()
    return empty.fill_null(False)


def check_fit(kind: ColumnType, comparison: Comparison, moment: Moment) -> None:
    """RuleError where the operator is not for this type of column, or the value is of another type."""
    operator = OPERATORS[comparison.operator]
    if comparison.ignore_case and kind != "text":
        raise RuleError("ignore_case goes beside an operator for text.")
    if kind not in operator.types:
        raise RuleError(f"“{operator.label}” cannot be used with a {kind} column. Choose another comparison.")
    if operator.shape == "span":
        _bounds(comparison, kind, moment)
    if operator.shape not in ("one", "list", "two"):
        return
    values = comparison.value if isinstance(comparison.value, tuple) else (comparison.value,)
    for value in values:
        if kind in ("date", "datetime"):
            read_moment(value, moment.zone)
        elif not _FITS[kind](value):
            raise RuleError(_WANTED[kind])


_FITS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
}
_WANTED = {
    "text": "Enter a text.",
    "number": "Enter a number.",
    "boolean": "Choose true or false.",
}


def holds(expression: Column) -> Column:
    """The same, but false instead of NULL."""
    return expression.fill_null(False)


def _plain(column: Column, comparison: Comparison) -> Column:
    value: Any = comparison.value
    operator = comparison.operator
    if comparison.ignore_case:
        values = [_lowered(item) for item in (value if isinstance(value, tuple) else (value,))]
        column = column.lower()
        for found, plain in _ALIKE.items():
            if any(plain in item for item in values):
                column = column.replace(found, plain)
        value = values if isinstance(value, tuple) else values[0]
    return _PLAIN[operator](column, value)


def _lowered(text: str) -> str:
    text = text.lower()
    for found, plain in _ALIKE.items():
        text = text.replace(found, plain)
    return text


_PLAIN: dict[str, Callable[[Column, Any], Column]] = {
    "is": lambda column, value: column == value,
    "is_not": lambda column, value: ~holds(column == value),
    "in": lambda column, values: column.isin(list(values)),
    "not_in": lambda column, values: ~holds(column.isin(list(values))),
    "contains": lambda column, value: column.contains(value),
    "starts_with": lambda column, value: column.startswith(value),
    "ends_with": lambda column, value: column.endswith(value),
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "gt": lambda column, value: _is_number(column > value, column),
    "gte": lambda column, value: _is_number(column >= value, column),
    "between": lambda column, pair: (column >= pair[0]) & (column <= pair[1]),
}


def _is_number(found: Column, column: Column) -> Column:
    """And not NaN, which is more than all numbers."""
    return found & ~column.isnan() if column.type().is_floating() else found


def _times(column: Column, kind: str, comparison: Comparison, moment: Moment) -> Column:
    operator, value = comparison.operator, comparison.value
    if operator == "anniversary_within":
        assert isinstance(value, Span)
        return _anniversary(column, kind, anniversaries(moment.today, value.number), moment)
    if operator == "not_in_last":
        return ~holds(_times(column, kind, Comparison("in_last", value), moment))
    first, past = _bounds(comparison, kind, moment)
    found = [] if first is None else [_reaching(column, first) >= _literal(column, first)]
    if past is not None:
        found.append(_reaching(column, past) < _literal(column, past))
    return joined(and_, found)


def _anniversary(column: Column, kind: str, wanted: list[int], moment: Moment) -> Column:
    if kind == "date":
        return (column.month().cast("int64") * 100 + column.day().cast("int64")).isin(wanted)
    # The local day of an instant is not something every engine can tell, so the days become instants.
    years = range(EARLIEST_YEAR, moment.today.year + YEARS_AHEAD)
    runs = [run for year in years for run in whole_days(wanted, year)]
    bounds = [
        (_literal(column, moment.start_of(first)), _literal(column, moment.start_of(past)))
        for first, past in runs
    ]
    return joined(or_, [(column >= first) & (column < past) for first, past in bounds])


Bound = date | datetime | None


def _bounds(comparison: Comparison, kind: str, moment: Moment) -> tuple[Bound, Bound]:
    """From the first included to the first excluded: days for a date column, else instants."""
    value = comparison.value
    if isinstance(value, Span):
        first, past = _relative(comparison.operator, value, kind, moment)
    else:
        pair = value if isinstance(value, tuple) else (value, value)
        low, high = (_range(item, kind, moment) for item in pair)
        first, past = low[0], high[1]
        if comparison.operator == "before":
            first, past = None, low[0]
        elif comparison.operator == "after":
            # Behind the end of the calendar there is nothing: from a bound to itself.
            first, past = (high[1], None) if high[1] is not None else (low[0], low[0])
    return first, past


def _relative(operator: str, span: Span, kind: str, moment: Moment) -> tuple[Bound, Bound]:
    today = moment.today
    tomorrow = today + timedelta(days=1)
    now = moment.now.astimezone(UTC)
    if operator == "in_last":
        since = shifted(today, span, -1)
        # An instant is included when it equals the clock.
        return (since, tomorrow) if kind == "date" else (moment.start_of(since), instant_after(now))
    until = shifted(today, span, 1)
    if kind == "date":
        return today, day_after(until)
    return now, moment.end_of(until)


def _range(value: object, kind: str, moment: Moment) -> tuple[date | datetime, Bound]:
    """What a value covers, a whole local day or one instant; its end is None where the calendar ends with it."""
    found = read_moment(value, moment.zone)
    if kind == "date":
        day = found.astimezone(moment.zone).date() if isinstance(found, datetime) else found
        return day, day_after(day)
    if isinstance(found, datetime):
        return found, instant_after(found)
    return moment.start_of(found), moment.end_of(found)


def _reaching(column: Column, bound: date | datetime) -> Column:
    """The column, so that it can be compared with the bound: DuckDB has no nanoseconds of other years.

    Only then, for without the cast it skips what a file's statistics rule out.
    """
    kind = column.type()
    if not isinstance(bound, datetime) or (kind.scale or 0) <= 6 or NANOSECONDS[0] <= bound < NANOSECONDS[1]:
        return column
    return column.cast(kind.copy(scale=6))


def _literal(column: Column, bound: date | datetime) -> Column:
    """The bound in the column's own type: a time without a zone is UTC."""
    if not isinstance(bound, datetime):
        return ibis.literal(bound)
    if column.type().timezone is None:
        return ibis.literal(bound.replace(tzinfo=None), type="timestamp(6)")
    return ibis.literal(bound, type=column.type())
