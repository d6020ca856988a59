"""Overlap with up to four others: every combination in one pass, and a new segment of one."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from campaigns.customers.connection import Connection
from campaigns.segments.about.overlap import Overlap, overlap
from campaigns.segments.models import Segment
from campaigns.segments.rules import load
from campaigns.segments.sizing import size
from config import clock
from tests.segments.form import fields_of
from tests.segments.saved import shop_like


def page(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def segment(customer_database):
    def make(name, column, value, **more):
        rules = {"all": [{"attribute": f"customer_360.{column}", "is": value}]}
        fields = {"customer_database": customer_database, "rules": {"version": 2, "rules": rules}}
        return Segment.objects.create(name=name, **fields | more)

    return make


@pytest.fixture
def three(segment):
    """30 of Chicago, 20 gold, 45 opted in."""
    return [
        segment("Chicago", "city", "Chicago"),
        segment("Gold", "loyalty_tier", "gold"),
        segment("Opted in", "email_opt_in", True),
    ]


def test_combinations_pairs_and_all_of_them_add_up(three, monkeypatch):
    asked = []
    ask = Connection.rows
    monkeypatch.setattr(Connection, "rows", lambda self, one: asked.append(one) or ask(self, one))
    found = overlap(three)
    assert len(asked) == 1
    assert found.everybody == 60
    assert [row.size for row in found.rows] == [30, 20, 45]
    assert found.rows[0].shared == [None, 10, 15]
    assert found.rows[2].shared == [15, 15, None]
    assert found.in_all == 5
    assert found.in_any == 60
    assert sum(one.customers for one in found.combinations) == 60
    assert found.combinations[0].words == "Opted in, not Chicago or Gold"
    assert found.combinations[0].customers == 20


def test_each_number_is_what_the_segment_itself_counts(three):
    found = overlap(three)
    for row in found.rows:
        counted = size(row.segment.customer_database, load(row.segment.rules), clock.now().tzinfo)
        assert row.size == counted.customers


@given(st.dictionaries(st.tuples(*[st.booleans()] * 3), st.integers(0, 1000)))
def test_rows_follow_from_the_combinations(customers):
    found = Overlap([Segment(pk=n, name=str(n)) for n in range(3)], customers)
    sizes = [row.size for row in found.rows]
    assert found.in_all <= min(sizes)
    assert max(sizes) <= found.in_any <= min(sum(sizes), found.everybody)
    assert all(row.shared[n] == found.rows[n].shared[m] for m, row in enumerate(found.rows) for n in range(3))
    assert len(found.combinations) + found.nobody_in == 7


def test_others_are_chosen_by_name_and_a_wrong_one_says_so(client, three, segment):
    off = segment("Off", "city", "x", disabled_at=clock.now())
    Segment.objects.create(
        customer_database=shop_like("Other shop"), name="Elsewhere", rules={"version": 2, "rules": {}}
    )
    url = f"/segments/{three[0].pk}/overlap/"
    text = page(client.get(url))
    offered = re.findall(r'<option value="([^"]+)">', text)
    assert offered == ["Gold", "Opted in"]
    assert "overlap/counts" not in text
    text = page(client.get(url, {"with": ["Gold", "Elsewhere", "Chicago", "Off", "Opted in", ""]}))
    assert f"overlap/counts/?with={three[1].pk}&with={off.pk}&with={three[2].pk}" in text.replace(
        "&amp;", "&"
    )
    assert text.count("No other segment is called that.") == 2
    assert 'value="Elsewhere"' in text


def test_a_lone_segment_teaches(client_of, viewer, client, segment):
    only = segment("Only", "city", "Chicago")
    assert "Build another segment" in page(client.get(f"/segments/{only.pk}/overlap/"))
    text = page(client_of(viewer).get(f"/segments/{only.pk}/overlap/"))
    assert "No other segment yet" in text
    assert "Build another" not in text


def test_the_numbers_of_the_page(client_of, viewer, client, three):
    query = {"with": [one.pk for one in three[1:]]}
    url = f"/segments/{three[0].pk}/overlap/counts/"
    text = page(client.get(url, query))
    assert "<dt>In all 3</dt><dd>5 " in text
    assert "8.3 % of those in any" in text
    assert "New segment from the intersection" in text
    assert 'aria-label="New segment: Opted in, not Chicago or Gold"' in text
    seen = page(client_of(viewer).get(url, query))
    assert "<dt>In all 3</dt><dd>5 " in seen
    assert "New segment" not in seen


def test_empty_combinations_are_counted_in_a_sentence(client, segment):
    chicago, seattle = segment("Chicago", "city", "Chicago"), segment("Seattle", "city", "Seattle")
    text = page(client.get(f"/segments/{chicago.pk}/overlap/counts/", {"with": [seattle.pk]}))
    assert "Nobody is in the other 1 combination." in text
    nobody = segment("Nobody", "city", "Nowhere"), segment("None", "city", "Nothing")
    text = page(client.get(f"/segments/{nobody[0].pk}/overlap/counts/", {"with": [nobody[1].pk]}))
    assert "Nobody is in any of them." in text


def test_what_cannot_be_counted_is_a_sentence(client, three, customer_database):
    customer_database.url = "files:/nowhere/at/all"
    customer_database.save()
    text = page(client.get(f"/segments/{three[0].pk}/overlap/counts/", {"with": [three[1].pk]}))
    assert "The folder of the customer database is not there." in text
    assert "Count again" in text


def proposed(client, segments, pattern):
    """The editor as the link of a combination opens it."""
    first = segments[0].customer_database_id
    asked = {"customer_database": first, "of": [one.pk for one in segments], "pattern": pattern}
    return client.get("/segments/new/", asked)


def test_the_intersection_opens_in_the_editor_and_is_stored_when_it_is_saved(client, three, marketer):
    Segment.objects.filter(pk=three[0].pk).update(time_zone="America/Chicago")
    text = proposed(client, three, "111").content.decode()
    assert "Not saved yet" in text
    assert Segment.objects.count() == 3
    answer = client.post("/segments/new/", {**fields_of(text), "action": "save"})
    made = Segment.objects.get(name="Chicago and Gold and Opted in")
    assert answer.url == f"/segments/{made.pk}/"
    assert made.rules["rules"] == {"all": [{"segment": one.pk} for one in three]}
    assert (made.time_zone, made.edited_by) == ("America/Chicago", marketer)
    assert size(made.customer_database, load(made.rules), clock.now().tzinfo).customers == 5


def test_any_combination_can_become_a_segment(client, three):
    for name in ("Opted in, not Chicago or Gold", "Opted in, not Chicago or Gold 2"):
        text = proposed(client, three, "001").content.decode()
        client.post("/segments/new/", {**fields_of(text), "action": "save"})
        made = Segment.objects.get(name=name)
        assert size(made.customer_database, load(made.rules), clock.now().tzinfo).customers == 20


def test_the_page_leads_to_them(client, three):
    others = {"with": [one.pk for one in three[1:]]}
    counted = page(client.get(f"/segments/{three[0].pk}/overlap/counts/", others))
    of = "&amp;".join(f"of={one.pk}" for one in three)
    start = f"/segments/new/?customer_database={three[0].customer_database_id}&amp;{of}&amp;pattern="
    assert f'href="{start}111"' in counted
    assert f'href="{start}001"' in counted


def test_a_disabled_one_says_so_on_its_rule(client, three):
    Segment.objects.filter(pk=three[1].pk).update(disabled_at=clock.now())
    assert "“Gold” is disabled. Choose another segment." in page(proposed(client, three[:2], "11"))


@pytest.mark.parametrize("pattern", ["", "000", "1", "1111"])
def test_what_is_no_combination_opens_an_empty_editor(client, three, pattern):
    assert fields_of(proposed(client, three, pattern).content.decode())["r-0-kind"] == "attribute"


def test_long_names_are_cut(client, segment):
    long = [segment(letter * 100, "city", "Chicago") for letter in "ab"]
    assert len(fields_of(proposed(client, long, "11").content.decode())["name"]) == 100


def test_viewers_make_nothing(client_of, viewer, three):
    assert proposed(client_of(viewer), three, "111").status_code == 403


def test_the_page_costs_the_same_with_three_and_with_thirty(client, segment):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/segments/{first.pk}/overlap/?with=S 1&with=S 2")
        return len(queries)

    first = segment("First", "city", "Chicago")
    for number in range(3):
        segment(f"S {number}", "city", "Chicago")
    few = cost()
    for number in range(3, 30):
        segment(f"S {number}", "city", "Chicago")
    assert cost() == few <= 10
