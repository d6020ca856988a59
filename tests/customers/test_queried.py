"""Segments in SQL are known by the tables and columns that they read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.customers.catalogue import Catalogue, stored
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.uses import broken, naming, users
from campaigns.segments.models import Segment
from tests.segments.saved import shop_like

SQL = (
    "WITH c AS (SELECT * FROM Profiles)"
    " SELECT k FROM (SELECT customer_id AS k, City FROM c) AS t WHERE t.city = 'x'"
)


@pytest.fixture
def database(db: None) -> CustomerDatabase:
    found = shop_like("Shop")
    rules = {"version": 2, "rules": {"all": [{"sql": SQL}]}}
    Segment.objects.create(name="In SQL", customer_database=found, rules=rules)
    return found


def _without(catalogue: Catalogue, name: str) -> Catalogue:
    """Without a table or a column."""
    tables = (one for one in catalogue.tables if one.name != name)
    left = (
        replace(one, columns=tuple(column for column in one.columns if f"{one.name}.{column.name}" != name))
        for one in tables
    )
    return replace(catalogue, tables=tuple(left))


def test_hiding_a_column_names_the_query_that_reads_it(database: CustomerDatabase) -> None:
    assert [use.name for use in naming(database, ["profiles.city"])] == ["In SQL"]
    assert naming(database, ["profiles.points", "orders.city"]) == []


def test_a_table_or_column_that_went_breaks_the_query(database: CustomerDatabase) -> None:
    catalogue = stored(database)
    assert broken(database, catalogue) == []
    for gone in ("profiles", "profiles.city"):
        assert [use.name for use in broken(database, _without(catalogue, gone))] == ["In SQL"]
    assert broken(database, _without(catalogue, "profiles.points")) == []


def test_a_change_names_the_query_that_reads_what_changed(database: CustomerDatabase) -> None:
    found = users(database, ["profiles", "profiles.city"])
    assert [use.name for use in found["profiles"]] == ["In SQL"]
    assert [use.name for use in found["profiles.city"]] == ["In SQL"]


def test_what_cannot_be_read_breaks_nothing(database: CustomerDatabase) -> None:
    Segment.objects.update(rules={"version": 2, "rules": {"all": [{"sql": "SELECT ((("}]}})
    assert naming(database, ["profiles.city"]) == []
