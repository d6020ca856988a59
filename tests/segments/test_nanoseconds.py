"""Times of nanoseconds, which begin in 1677 and end in 2262, against dates that lie beyond."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import duckdb
import pytest

from campaigns.customers.catalogue import read_catalogue
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.rules import parse
from campaigns.segments.sizing import size

pytestmark = pytest.mark.django_db
TIMES = ["1677-09-22", "1969-12-31 23:59:59.999999999", "2020-01-01", "2262-04-10"]


@pytest.fixture
def database(tmp_path):
    """A customer for each time, one for “never” and one without."""
    rows = ", ".join(f"('c{number}', TIMESTAMP_NS '{text}')" for number, text in enumerate(TIMES))
    rows += ", ('never', CAST('infinity' AS TIMESTAMP_NS)), ('none', NULL)"
    with duckdb.connect(tmp_path / "shop.duckdb") as made:
        made.execute(f"CREATE TABLE people AS FROM (VALUES {rows}) AS t(customer_id, seen)")
    found = CustomerDatabase(
        name="Shop",
        url=f"duckdb://{tmp_path}/shop.duckdb",
        customer_key="customer_id",
        profile_table="people",
    )
    found.catalogue = read_catalogue(found, with_values=False).to_json()
    return found


@pytest.mark.parametrize(
    ("comparison", "customers"),
    [
        ({"before": "2300-01-01"}, 4),
        ({"after": "2300-01-01"}, 1),
        ({"before": "1600-01-01"}, 0),
        ({"after": "1600-01-01"}, 5),
        ({"on": "2300-01-01"}, 0),
        ({"between": ["1500-01-01", "2500-01-01"]}, 4),
        ({"between": ["1500-01-01", "2000-01-01"]}, 2),
        ({"in_last": "400 years"}, 3),
        ({"not_in_last": "400 years"}, 3),
        ({"in_next": "400 years"}, 1),
        ({"before": "1970-01-01"}, 2),
        ({"after": "2262-04-11"}, 1),
        ({"before": "1677-09-22"}, 0),
        ({"before": "9999-12-31"}, 4),
    ],
)
def test_they_are_compared_with_any_date(database, comparison, customers):
    rules = parse({"all": [{"attribute": "people.seen", **comparison}]})
    assert size(database, rules, ZoneInfo("UTC")).customers == customers
