"""What opening the editor asks of the web database does not grow with what else there is."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.planning.models import SubAudience
from campaigns.segments.models import Segment
from campaigns.segments.uploaded.models import UploadedList
from tests.segments.saved import CHICAGO

FEW, MANY = 5, 200


@pytest.fixture
def sixty(make_segment):
    """A segment of sixty rules of every sort."""
    inner = make_segment("Inner")
    rows = {
        "rows": "orders",
        "aggregate": "count",
        "where": {"all": [{"attribute": "orders.amount", "gte": 50}]},
    }
    sorts = [CHICAGO, {"attribute": "profiles.points", "gte": 3}, {**rows, "gte": 2}, {"segment": inner.pk}]
    sorts += [{"any": [CHICAGO, {"none": [{"segment": inner.pk, "member": False}]}]}]
    return make_segment("Sixty", *sorts * 12)


def make(number, segment, make_segment, make_campaign, uploaded):
    """So many segments that name it, campaigns that use them, lists and tables."""
    database = segment.customer_database
    for place in range(number):
        name = f"{number} {place:03}"
        outer = make_segment(name, {"segment": segment.pk}, {"list": uploaded(name).pk})
        campaign = make_campaign(name, include=[segment], exclude=[outer], schedule={"daily": "09:00"})
        rules = {"version": 2, "rules": {"all": [{"segment": outer.pk}]}}
        SubAudience.objects.create(campaign=campaign, position=0, name="A", rules=rules)
        columns = [{"name": f"column_{column}", "type": "text"} for column in range(10)]
        table = {"name": f"table {name}", "key": "customer_id", "many": place % 2 == 0, "columns": columns}
        database.catalogue["tables"].append(table)
    database.save()


@pytest.fixture
def uploaded(database):
    def store(name):
        numbers = dict.fromkeys(
            ("rows", "empty", "invalid", "repeated", "values", "unmatched", "customers", "shared"), 0
        )
        return UploadedList.objects.create(
            customer_database=database,
            name=name,
            file_name="x.csv",
            matched_by="key",
            column="id",
            upload=uuid4(),
            **numbers,
        )

    return store


@pytest.mark.parametrize("page", ["edit/", "", "delete/"])
def test_it_asks_as_often_beside_five_as_beside_two_hundred(
    client, sixty, make_segment, make_campaign, uploaded, page
):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/segments/{sixty.pk}/{page}").status_code == 200
        # PostgreSQL's cursors are numbered.
        return [
            re.sub(r"_sync_\d+", "", query["sql"].split(" WHERE ")[0]) for query in queries.captured_queries
        ]

    make(FEW, sixty, make_segment, make_campaign, uploaded)
    few = asked()
    make(MANY - FEW, sixty, make_segment, make_campaign, uploaded)
    assert Segment.objects.count() > MANY
    assert asked() == few
    assert len(few) <= 20
