"""Columns that no rule can name: said where they are shown, offered nowhere, and not told as gone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import duckdb
import pytest
from django.urls import reverse
from django.utils.http import urlencode

from campaigns.customers.catalogue import read_catalogue, stored
from campaigns.customers.connection import CustomerDatabaseError
from campaigns.customers.contacts import contact_columns
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.values import search_values
from campaigns.segments.choices import attributes
from campaigns.segments.rules import parse
from campaigns.segments.sizing import SizeUnknown, size

pytestmark = pytest.mark.django_db
SAID = "Cannot be used in rules: its name has a dot."
TOLD = (
    "The attribute people.e.mail cannot be used in rules: its name has a dot. "
    "Ask an operator to give it another name."
)


@pytest.fixture
def database(tmp_path):
    """One column that can be used, and two that cannot; the key is found though another has its name within."""
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'c1' AS customer_id, 'Boise' AS city, 'a@example.com' AS \"e.mail\", 'x' AS \"two\nlines\")"
            f" TO '{tmp_path}/people.parquet'"
        )
    found = CustomerDatabase(name="Shop", url=f"files:{tmp_path}", customer_key="customer_id")
    found.catalogue = read_catalogue(found).to_json()
    found.save()
    return found


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_its_page_says_so(database, client_of, role, request):
    person = request.getfixturevalue(role)
    address = f"{reverse('customer_table', args=[database.pk])}?{urlencode({'table': 'people'})}"
    page = client_of(person).get(address).content.decode()
    assert page.count("Cannot be used in rules") == 2
    assert SAID in page
    assert "Cannot be used in rules: its name has a line break" in page


def test_nothing_offers_it(database):
    offered = [one.column.name for one in attributes(stored(database))]
    assert offered == ["customer_id", "city"]
    assert contact_columns(database) == {}


def test_a_rule_that_names_it_is_told_why_not_that_it_is_gone(database):
    with pytest.raises(SizeUnknown) as caught:
        size(database, parse({"all": [{"attribute": "people.e.mail", "is": "x"}]}), ZoneInfo("UTC"))
    assert caught.value.message == TOLD
    with pytest.raises(CustomerDatabaseError) as searched:
        search_values(database, "people.e.mail", "")
    assert searched.value.message == TOLD
