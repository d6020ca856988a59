"""Pages where there is much of everything stay small, read what is large once, and say how much they leave out."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.customers.catalogue import stored
from campaigns.planning.models import SubAudience
from config import clock
from tests.segments.saved import shop_like


def text(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def used(make_segment, make_campaign):
    """By thirty campaigns and thirty segments."""
    segment = make_segment("Used")
    for number in range(30):
        make_segment(f"Outer {number:02}", {"segment": segment.pk})
        make_campaign(f"Campaign {number:02}", include=[segment])
    return segment


@pytest.mark.parametrize("page", ["", "delete/"])
def test_a_segment_used_by_many_names_the_first_and_counts_the_others(client, used, page):
    told = text(client.get(f"/segments/{used.pk}/{page}"))
    assert "30 campaigns" in told
    assert "Campaign 09" in told
    assert "Campaign 10" not in told
    assert "and 20 more" in told
    assert "Outer 09" in told
    assert "Outer 10" not in told
    assert "and 20 more segments" in told


def test_its_editor_names_ten(client, used):
    told = text(client.get(f"/segments/{used.pk}/edit/"))
    assert "Campaign 09 and 20 more." in told


@pytest.mark.parametrize("page", ["", "delete/"])
def test_a_customer_database_names_five_of_each_and_counts_the_others(client_of, operator, used, page):
    told = text(client_of(operator).get(f"/customer-databases/{used.customer_database_id}/{page}"))
    assert "30 campaigns, 31 segments" in told
    assert "Campaign 04" in told
    assert "Campaign 05" not in told
    assert "and 51 more" in told


def test_the_lists_read_a_catalogue_once_whatever_their_rows(client, used):
    for url, once in (("/segments/", 1), ("/segments/lists/", 0), ("/campaigns/", 0), ("/segments/new/", 1)):
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        assert sum('"catalogue"' in one["sql"] for one in asked.captured_queries) == once, url


@pytest.fixture
def wide(database, make_segment):
    """A segment of a table with 300 columns of text."""
    columns = [{"name": f"column_{number:03}", "type": "text"} for number in range(300)]
    database.catalogue["tables"].append(
        {"name": "answers", "key": "customer_id", "many": False, "columns": columns}
    )
    database.column_marks = {"answers.column_222": {"label": "Favourite colour"}}
    database.save()
    return make_segment()


def ticks(answer):
    found = re.findall(r'<input class="form-check-input"[^>]* value="([^"]+)"[^>]*>', answer.content.decode())
    assert len(found) == len(set(found))
    return found


def test_of_many_columns_of_members_the_chosen_and_the_first_are_listed_and_others_found(client, wide):
    page = f"/segments/{wide.pk}/members/"
    answer = client.get(page, {"column": ["answers.column_290", "profiles.city"]})
    assert {"answers.column_290", "profiles.city", "answers.column_000"} <= set(ticks(answer))
    assert len(ticks(answer)) == 102
    assert "and 204 more: search" in text(answer)
    answer = client.get(page, {"column": "profiles.city", "find": "favourite"})
    assert ticks(answer) == ["profiles.city", "answers.column_222"]
    assert "more: search" not in text(answer)
    answer = client.get(page, {"find": "nothing"})
    assert "No other column has “nothing” in its name." in text(answer)
    assert 'name="find" value="nothing"' in answer.content.decode()


def test_of_few_columns_all_are_listed_and_nothing_is_searched(client, make_segment):
    answer = client.get(f"/segments/{make_segment().pk}/members/")
    assert len(ticks(answer)) == 6
    assert 'name="find"' not in answer.content.decode()


def test_the_columns_of_breakdowns_are_found_without_counting(client, wide):
    page = f"/segments/{wide.pk}/breakdowns/"
    answer = client.get(page)
    assert len(ticks(answer)) == 100
    assert "and 202 more: search" in text(answer)
    answer = client.get(f"{page}columns/", {"by": "profiles.city", "find": "answers.column_29"})
    assert ticks(answer) == ["profiles.city", *(f"answers.column_{number}" for number in range(290, 300))]
    assert "No other column has “nothing”" in text(client.get(f"{page}columns/", {"find": "nothing"}))


def test_the_table_of_sizes_has_the_newest_hundred_and_the_line_all(client, make_segment):
    segment, now = make_segment(), clock.now()
    for number in range(130):
        at = now - timedelta(days=number)
        segment.sizes.create(day=at.date(), counted_at=at, customers=number, everybody=200)
    answer = client.get(f"/segments/{segment.pk}/history/?days=365")
    assert answer.content.decode().count('<th scope="row">') == 100
    assert "and 30 earlier ones, which the line has." in text(answer)
    assert (
        len(re.search(r'polyline class="line" points="([^"]*)"', answer.content.decode())[1].split()) == 130
    )


def test_what_names_what_is_gone_is_marked_in_the_list(client, make_segment):
    rows = {"rows": "orders", "where": {"all": [{"attribute": "orders.amount", "gt": 1}]}, "exists": True}
    make_segment("Right", rows, {"attribute": "profiles.points", "gt": 1})
    make_segment("Column", {"none": [{"attribute": "profiles.town", "is": "x"}]})
    make_segment("Row", {**rows, "where": {"all": [{"attribute": "orders.sum", "gt": 1}]}})
    make_segment("Outside of rows", {"attribute": "orders.amount", "gt": 1})
    make_segment("Query", {"sql": "SELECT customer_id FROM visits"})
    make_segment("List", {"list": 77})
    page = client.get("/segments/").content.decode()
    marked = [row for row in page.split("<tr>") if "names what is gone" in row]
    assert [re.findall(r'/segments/\d+/">([^<]+)<', row)[0] for row in marked] == [
        "Column",
        "List",
        "Outside of rows",
        "Query",
        "Row",
    ]


def test_the_catalogue_names_each_campaign_and_segment_that_it_breaks_once(
    client_of, operator, make_segment, make_campaign, database
):
    make_segment("Broken", {"attribute": "orders.amount", "gt": 1})
    gone = {"version": 2, "rules": {"all": [{"attribute": "profiles.t\\own", "is": "x"}]}}
    campaign = make_campaign("Twice")
    for position in range(2):
        SubAudience.objects.create(campaign=campaign, position=position, name=f"P{position}", rules=gone)
    removed = SubAudience(campaign=make_campaign("Removed"), position=0, name="a", rules=gone)
    removed.removed_at = clock.now()
    removed.save()
    page = text(client_of(operator).get(f"/customer-databases/{database.pk}/"))
    assert "Open and mend: Twice , Broken ." in page


def test_a_catalogue_that_changed_is_never_given_as_it_was(database):
    again = type(database).objects.get
    assert stored(again()) is stored(again()), "what says the same is parsed once"
    database.column_marks = {"profiles.city": {"label": "Town"}}
    assert stored(database).column("profiles.city").label == "Town"
    database.catalogue["tables"][0]["columns"].pop(1)
    assert stored(database).column("profiles.city") is None
    assert stored(shop_like("Another")).column("profiles.city").label == "City"
