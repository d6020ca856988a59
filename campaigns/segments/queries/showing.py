"""Rules as the query that finds their members, and queries as those read them who may not see personal data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlglot import exp
from sqlglot.errors import ErrorLevel

from campaigns.customers.dialects import DIALECTS
from campaigns.segments.masked import masked
from campaigns.segments.queries.parsing import QueryRefused, parse_one
from campaigns.segments.rules import Group, RuleError, list_ids, parse, to_data
from config.masking import DOT

if TYPE_CHECKING:
    from campaigns.customers.connection import Connection
    from campaigns.segments.compile import Context

HAS_A_LIST = "An uploaded list is no table of the customer database, so these rules cannot be a query."
UNREADABLE = "-- This query cannot be read any more, so its values cannot be masked."
# Whatever stands in quotation marks, or between $$; numbers as well.
_VALUES = (
    exp.Literal,
    exp.RawString,
    exp.National,
    exp.UnicodeString,
    exp.ByteString,
    exp.BitString,
    exp.HexString,
    exp.JSONPath,
)
Segments = Mapping[int, tuple[Group, ZoneInfo]]


def query_for(connection: Connection, context: Context, group: Group, zone: ZoneInfo) -> str:
    """The SELECT, in the customer database's dialect, that gives the members of these rules at `context.now`.

    RuleError where there is none.
    """
    from campaigns.segments.compile import members

    if any(list_ids(one) for one in _with_inside(group, context.segments)):
        raise RuleError(HAS_A_LIST)
    try:
        return pretty(connection.sql(members(group, zone, context)), connection.dialect)
    except QueryRefused as refused:
        raise RuleError(refused.problems[0].text) from refused


def masked_query_for(connection: Connection, context: Context, group: Group, zone: ZoneInfo) -> str:
    """`query_for`, to be read alone: the values of personal columns are masked."""
    try:
        personal = context.catalogue.personal
        segments = {
            pk: (parse(masked(to_data(one), personal)), at) for pk, (one, at) in context.segments.items()
        }
        rules = parse(masked(to_data(group), personal))
        return query_for(connection, replace(context, segments=segments), rules, zone)
    except RuleError:  # half of a date is none, nor half of a query
        return _without_values(query_for(connection, context, group, zone), connection.dialect)


def _with_inside(group: Group, segments: Segments) -> list[Group]:
    return [group, *(inner for inner, _ in segments.values())]


def pretty(sql: str, engine: str) -> str:
    """A query over several lines."""
    return _written(parse_one(sql, engine, longest=0), engine)


def masked_sql(sql: str, engine: str) -> str:
    """A query that a person wrote, to be read by those who may not see personal data.

    Each value in it is masked: which one is compared with a personal column can be written in too many ways.
    """
    try:
        return _without_values(sql, engine)
    except QueryRefused:
        return UNREADABLE


def _without_values(sql: str, engine: str) -> str:
    tree = parse_one(sql, engine, longest=0)
    for value in list(tree.find_all(*_VALUES)):
        value.replace(exp.Literal.string(DOT * 3))
    for name in tree.find_all(exp.Identifier):
        if "@" in name.name:
            name.set("this", DOT * 3)
    return _written(tree, engine)


def _written(tree: exp.Expr, engine: str) -> str:
    return tree.sql(DIALECTS[engine], pretty=True, comments=False, unsupported_level=ErrorLevel.IGNORE)
