"""What the tables of a customer database look like, for a form that nobody has filled in yet."""

from __future__ import annotations

from campaigns.customers.catalogue import Catalogue, ColumnType, Table
from campaigns.customers.contacts import guess

_ORDER_TABLES = ("order", "purchase", "transaction", "sale")
_AMOUNTS = ("amount", "total", "price", "revenue", "value")


def proposals(catalogue: Catalogue) -> dict[str, str]:
    """{setting: table or column}; what nothing looks like is left out."""
    single = [table for table in catalogue.tables if not table.many]
    profile = max(single, key=lambda table: len(table.columns), default=None)
    contact = guess(catalogue, "email") or guess(catalogue, "phone")
    found = {
        "profile_table": profile.name if profile else "",
        "contact_table": contact.rpartition(".")[0],
        **_orders(catalogue),
    }
    return {name: value for name, value in found.items() if value}


def _orders(catalogue: Catalogue) -> dict[str, str]:
    for table in catalogue.tables:
        if table.many and any(word in table.name.lower() for word in _ORDER_TABLES):
            amount, time = _amount(table), _first(table, "datetime") or _first(table, "date")
            if amount and time:
                return {"orders_table": table.name, "orders_amount": amount, "orders_ordered_at": time}
    return {}


def _amount(table: Table) -> str:
    numbers = [column.name for column in table.columns if column.type == "number"]
    return next((name for word in _AMOUNTS for name in numbers if word in name.lower()), "")


def _first(table: Table, kind: ColumnType) -> str:
    return next((column.name for column in table.columns if column.type == kind), "")
