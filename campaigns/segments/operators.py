"""The operators of rules, in one table: what they are called, what they compare, with which columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from campaigns.customers.catalogue import ColumnType

Shape = Literal["one", "list", "two", "span", "days", "flag"]
Unit = Literal["days", "weeks", "months", "years"]

ANY: frozenset[ColumnType] = frozenset({"text", "number", "date", "datetime", "boolean", "other"})
TEXT: frozenset[ColumnType] = frozenset({"text"})
ORDERED: frozenset[ColumnType] = frozenset({"number", "date", "datetime"})
TIMES: frozenset[ColumnType] = frozenset({"date", "datetime"})


@dataclass(frozen=True)
class Operator:
    label: str
    shape: Shape  # of the value
    types: frozenset[ColumnType]

    @property
    def for_text(self) -> bool:
        return "text" in self.types and self.shape in ("one", "list")


OPERATORS: dict[str, Operator] = {
    "is": Operator("is", "one", frozenset({"text", "number", "boolean"})),
    "is_not": Operator("is not", "one", frozenset({"text", "number", "boolean"})),
    "in": Operator("is in list", "list", frozenset({"text", "number"})),
    "not_in": Operator("is not in list", "list", frozenset({"text", "number"})),
    "contains": Operator("contains", "one", TEXT),
    "starts_with": Operator("starts with", "one", TEXT),
    "ends_with": Operator("ends with", "one", TEXT),
    "lt": Operator("is less than", "one", frozenset({"number"})),
    "lte": Operator("is at most", "one", frozenset({"number"})),
    "gt": Operator("is more than", "one", frozenset({"number"})),
    "gte": Operator("is at least", "one", frozenset({"number"})),
    "between": Operator("is between", "two", ORDERED),
    "before": Operator("is before", "one", TIMES),
    "after": Operator("is after", "one", TIMES),
    "on": Operator("is on", "one", TIMES),
    "in_last": Operator("is in the last", "span", TIMES),
    "not_in_last": Operator("is not in the last", "span", TIMES),
    "in_next": Operator("is in the next", "span", TIMES),
    "anniversary_within": Operator("has its anniversary within", "days", TIMES),
    "empty": Operator("is empty", "flag", ANY),
}
# They match customers whose value is empty; the screen says so.
MATCH_EMPTY = frozenset({"is_not", "not_in", "not_in_last"})

KNOWN: frozenset[ColumnType] = ANY - {"other"}


@dataclass(frozen=True)
class Aggregate:
    """`types`: of the column it is made of; `result`: what it is compared as, None for the column's own type."""

    label: str
    types: frozenset[ColumnType]
    result: ColumnType | None = None
    is_ordered: bool = False  # it asks for a column that says which row comes first


AGGREGATES: dict[str, Aggregate] = {
    "count": Aggregate("number of rows", ANY, "number"),
    "count_distinct": Aggregate("number of different values", KNOWN, "number"),
    "sum": Aggregate("sum", frozenset({"number"}), "number"),
    "average": Aggregate("average", frozenset({"number"}), "number"),
    "min": Aggregate("smallest", ORDERED),
    "max": Aggregate("largest", ORDERED),
    "first": Aggregate("first", KNOWN, is_ordered=True),
    "latest": Aggregate("latest", KNOWN, is_ordered=True),
}
# What `first` and `latest` may order by.
SORTABLE: frozenset[ColumnType] = KNOWN - {"boolean"}
