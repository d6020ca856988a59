"""Rules as those read them who may not see personal data. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from campaigns.segments.operators import AGGREGATES, OPERATORS
from config.masking import DOT, mask

Personal = Callable[[str], bool | None]
_WITH_VALUES = frozenset(name for name, one in OPERATORS.items() if one.shape in ("one", "list", "two"))


def masked(data: Any, personal: Personal) -> Any:
    """Rules, or anything that holds some, with the values of personal columns masked: to be read alone.

    `personal`: what an operator said about a column, `Catalogue.personal` of their customer database.
    """
    if isinstance(data, list | tuple):
        return [masked(item, personal) for item in data]
    if not isinstance(data, Mapping):
        return data
    if isinstance(data.get("sql"), str):
        return {**data, "sql": DOT * 3}  # its own page masks it value by value
    column = _compared(data)
    return {
        key: _value(value, column, personal) if column and key in _WITH_VALUES else masked(value, personal)
        for key, value in data.items()
    }


def _compared(rule: Mapping[str, Any]) -> str:
    """The column whose own values the rule is about; a number of rows or values is nobody's."""
    aggregate = AGGREGATES.get(str(rule.get("aggregate")))
    if aggregate:
        return "" if aggregate.result == "number" else str(rule.get("of", ""))
    return str(rule.get("attribute", ""))


def _value(value: Any, column: str, personal: Personal) -> Any:
    if isinstance(value, list | tuple):
        return [_value(item, column, personal) for item in value]
    return value if value is None or isinstance(value, bool) else mask(value, column, personal(column))
