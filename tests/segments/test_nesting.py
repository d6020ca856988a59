from __future__ import annotations

import pytest

from campaigns.customers.models import CustomerDatabase
from campaigns.segments.models import Segment
from campaigns.segments.nesting import circle_through, with_all_inside
from campaigns.segments.rules import dump, parse


@pytest.fixture
def database(db):
    return CustomerDatabase.objects.create(name="Shop", url="files:nowhere", customer_key="id")


def _segment(database, name, *inside):
    rules = [{"attribute": "t.c", "is": "x"}, *({"segment": one.pk} for one in inside)]
    return Segment.objects.create(
        customer_database=database, name=name, rules=dump(parse({"any": rules})), time_zone="Europe/Paris"
    )


def test_segments_are_loaded_at_any_depth(database) -> None:
    a = _segment(database, "A")
    b = _segment(database, "B", a)
    c = _segment(database, "C", b)
    found = with_all_inside([c.pk])
    assert set(found) == {a.pk, b.pk, c.pk}
    assert found[a.pk][1].key == "Europe/Paris"


def test_a_circle_is_told_by_name(database) -> None:
    a = _segment(database, "A")
    b = _segment(database, "B", a)
    c = _segment(database, "C", b)
    rules = parse({"none": [{"segment": c.pk}]})
    assert circle_through(a.pk, rules) == "“A” → “C” → “B” → “A”"
    assert circle_through(a.pk, parse({"all": [{"segment": a.pk}]})) == "“A” → “A”"


def test_what_meets_twice_is_no_circle(database) -> None:
    a = _segment(database, "A")
    b, c = _segment(database, "B", a), _segment(database, "C", a)
    d = _segment(database, "D")
    assert circle_through(d.pk, parse({"all": [{"segment": b.pk}, {"segment": c.pk}]})) == ""
