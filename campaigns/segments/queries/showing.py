"""Rules as the query that finds their members, and queries as those read them who may not see personal data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlglot import exp
from sqlglot.errors import ErrorLevel

from campaigns.segments.masked import masked
from campaigns.segments.queries.allowed import DIALECTS
from campaigns.segments.queries.parsing import QueryRefused, parse_one
from campaigns.segments.rules import Group, RuleError, list_ids, parse, to_data
from config.masking import DOT, mask

if TYPE_CHECKING:
    from campaigns.customers.catalogue import Catalogue
    from campaigns.customers.connection import Connection
    from campaigns.segments.compile import Context

HAS_A_LIST = "An uploaded list is no table of the customer database, so these rules cannot be a query."
UNREADABLE = "-- This query cannot be read any more, so its values cannot be masked."
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


def masked_sql(sql: str, engine: str, catalogue: Catalogue) -> str:
    """A query that a person wrote, to be read by those who may not see personal data.

    Where it names a personal column at all, each value in it is masked: which one is compared with that column can be
    written in too many ways.
    """
    try:
        tree = parse_one(sql, engine)
    except QueryRefused:
        return UNREADABLE
    columns = sorted({column.name for column in tree.find_all(exp.Column)} | {""})
    for literal in list(tree.find_all(exp.Literal)):
        told = (mask(literal.this, name, _personal(name, catalogue)) for name in columns)
        literal.set("this", next((text for text in told if text != literal.this), literal.this))
        literal.set("is_string", literal.is_string or DOT in literal.this)
    return _written(tree, engine)


def _personal(name: str, catalogue: Catalogue) -> bool | None:
    """What operators said about columns of this name in any table; None: nothing, so that the name decides."""
    said = {catalogue.personal(f"{table.name}.{name}") for table in catalogue.tables if table.column(name)}
    return True if True in said else None if None in said or not said else False


def _without_values(sql: str, engine: str) -> str:
    tree = parse_one(sql, engine, longest=0)
    for literal in list(tree.find_all(exp.Literal)):
        literal.replace(exp.Literal.string(DOT * 3))
    return _written(tree, engine)


def _written(tree: exp.Expr, engine: str) -> str:
    return tree.sql(DIALECTS[engine], pretty=True, comments=False, unsupported_level=ErrorLevel.IGNORE)
