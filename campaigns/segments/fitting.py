"""What of rules does not fit the catalogue: columns that are gone or hidden, values of the wrong type. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.customers.catalogue import Catalogue, ColumnType, Table
from campaigns.customers.marks import HIDDEN
from campaigns.segments.conditions import check_fit
from campaigns.segments.operators import AGGREGATES, SORTABLE
from campaigns.segments.rules import Comparison, Condition, Group, Node, Path, Rows, RuleError
from campaigns.segments.times import Moment

MANY = "{table} has several rows per customer. Use “rows” for it, with exists or an aggregate."


def check(group: Group, catalogue: Catalogue, zone: ZoneInfo | None = None) -> list[RuleError]:
    """What of these rules does not fit the catalogue: columns that are gone, values of the wrong type."""
    moment = Moment(datetime.fromisoformat("2027-01-01T00:00:00+00:00"), zone or ZoneInfo("UTC"))
    return list(_misfits(group, catalogue, moment, (), in_rows=False))


def _misfits(
    node: Node, catalogue: Catalogue, moment: Moment, path: Path, *, in_rows: bool
) -> Iterator[RuleError]:
    if isinstance(node, Group):
        for number, rule in enumerate(node.rules):
            yield from _misfits(rule, catalogue, moment, (*path, node.match, number), in_rows=in_rows)
    elif isinstance(node, Condition):
        yield from _misfit(catalogue, node.attribute, node.comparison, moment, path, many=in_rows)
    elif isinstance(node, Rows):
        yield from _rows_misfits(node, catalogue, moment, path)


def _misfit(
    catalogue: Catalogue, attribute: str, comparison: Comparison, moment: Moment, path: Path, *, many: bool
) -> Iterator[RuleError]:
    try:
        table, kind = look_up(catalogue, attribute)
        if table.many and not many:
            raise RuleError(MANY.format(table=table.name))
        _refuse_hidden(catalogue, attribute)
        check_fit(kind, comparison, moment)
    except RuleError as error:
        yield RuleError(error.message, path)


def _rows_misfits(node: Rows, catalogue: Catalogue, moment: Moment, path: Path) -> Iterator[RuleError]:
    if catalogue.table(node.table) is None:
        yield RuleError(f"The table {node.table} is gone. Choose another one.", path)
        return
    if node.where is not None:
        yield from _misfits(node.where, catalogue, moment, (*path, "where"), in_rows=True)
    if node.comparison is None:
        return
    try:
        for attribute in filter(None, (node.of, node.ordered_by)):
            _refuse_hidden(catalogue, attribute)
        check_fit(result_type(node, catalogue), node.comparison, moment)
    except RuleError as error:
        yield RuleError(error.message, path)


def _refuse_hidden(catalogue: Catalogue, attribute: str) -> None:
    """Only where rules are checked: what was stored before the column was hidden counts as it did."""
    column = catalogue.column(attribute)
    if column is not None and column.is_hidden:
        raise RuleError(HIDDEN.format(attribute=attribute))


def result_type(node: Rows, catalogue: Catalogue) -> ColumnType:
    """What the aggregate is compared as. RuleError where its columns do not fit it."""
    aggregate = AGGREGATES[node.aggregate]
    kind = look_up(catalogue, node.of)[1] if node.of else "number"
    if kind not in aggregate.types:
        raise RuleError(
            f"A {aggregate.label} cannot be made of {node.of}, a {kind} column. Choose another one."
        )
    if node.ordered_by and look_up(catalogue, node.ordered_by)[1] not in SORTABLE:
        raise RuleError(f"Rows cannot be ordered by {node.ordered_by}. Choose another column.")
    return aggregate.result or kind


def look_up(catalogue: Catalogue, attribute: str) -> tuple[Table, ColumnType]:
    table_name, _, name = attribute.rpartition(".")
    table = catalogue.table(table_name)
    column = table.column(name) if table is not None else None
    if table is None or column is None:
        raise RuleError(catalogue.gone(attribute))
    return table, column.type
