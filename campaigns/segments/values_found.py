"""The values that an attribute has in the customer database, for the pickers of the editor."""

from __future__ import annotations

from typing import Any

from campaigns.customers.catalogue import GONE
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.reading import changed_since
from campaigns.segments.rules import RuleError
from campaigns.segments.sizing import SizeUnknown, opened
from config.masking import mask


def values_found(
    database: CustomerDatabase, attribute: str, text: str, limit: int, *, sees_personal_data: bool
) -> list[str]:
    """Values that hold the text in any case, the most frequent first. Raises SizeUnknown, also after COUNT_SECONDS.

    Whoever may not see personal data is refused where the values are.
    """
    table_name, _, name = attribute.rpartition(".")
    with opened(database, []) as (connection, context):
        table, known = context.table(table_name), context.catalogue.table(table_name)
        if known is None or known.column(name) is None:
            raise RuleError(GONE.format(attribute=attribute))
        if problem := changed_since(table, known, name):
            raise RuleError(problem)
        rows = connection.rows(_counted(table[name].cast("string"), text).limit(limit))
    found = [str(row["value"]) for row in rows]
    if sees_personal_data:
        return found
    if any(mask(value, attribute) != value for value in found):
        raise SizeUnknown("These values are personal data, which you may not see. Type the one you know.")
    return found


def _counted(column: Any, text: str) -> Any:
    """`value` and `customers`; what is empty is asked for by its own comparison."""
    values = column.name("value").as_table()
    wanted = values.filter(values.value.notnull() & (values.value != ""))
    if text:
        wanted = wanted.filter(wanted.value.lower().contains(text.lower()))
    counted = wanted.group_by("value").aggregate(customers=wanted.count())
    return counted.order_by([counted.customers.desc(), counted.value])
