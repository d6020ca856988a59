"""A customer database known by its catalogue alone, and rules about it."""

from __future__ import annotations

from typing import Any

from campaigns.customers.models import CustomerDatabase

CHICAGO = {"attribute": "profiles.city", "is": "Chicago"}


def of(column: str, **comparison: object) -> dict[str, object]:
    return {"attribute": f"profiles.{column}", **comparison}


def _table(name: str, many: bool, **columns: str) -> dict[str, Any]:
    found = [{"name": column, "type": kind} for column, kind in columns.items()]
    return {"name": name, "key": "customer_id", "many": many, "columns": found}


def shop_like(name: str) -> CustomerDatabase:
    """Nothing is read from it."""
    return CustomerDatabase.objects.create(
        name=name,
        url="files:nowhere",
        customer_key="customer_id",
        profile_table="profiles",
        catalogue={
            "profile_table": "profiles",
            "tables": [
                _table(
                    "profiles",
                    False,
                    customer_id="text",
                    city="text",
                    points="number",
                    birthday="date",
                    seen_at="datetime",
                    opted_in="boolean",
                    extras="other",
                ),
                _table("orders", True, customer_id="text", amount="number", ordered_at="datetime"),
            ],
        },
    )
