"""The numbers beside the rules."""

import re

import pytest

from campaigns.segments.models import Segment
from campaigns.segments.under_way import asked_by
from tests.segments.form import member, nested, rule, segment_form

CITY = "city · customer_360"
IS_CHICAGO = {"version": 1, "rules": {"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}}


def page(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def form(customer_database):
    def make(*rules, **more):
        return segment_form(*rules, customer_database=customer_database.pk, **more)

    return make


def test_the_size_and_its_share_of_everybody(client, form):
    answer = client.post("/segments/size/", form(rule(CITY, "is", "Chicago")))
    text = page(answer)
    assert '<p class="big">30</p>' in text
    assert "50.0 % of 60 customers" in text
    assert '<span id="bar-size" hx-swap-oob="innerHTML">30 customers</span>' in text
    assert "counted" in answer["HX-Trigger-After-Swap"]
    old_reach = text.partition('<div id="reach" hx-swap-oob="innerHTML">')[2]
    assert "skeleton" in old_reach


def test_rules_with_a_problem_are_left_out_and_it_says_so(client, form):
    rules = [
        rule(CITY, "is", "Chicago"),
        rule(CITY, "is", ""),
        rule("lifetime_value · customer_360", "gt", "x"),
    ]
    text = page(client.post("/segments/size/", form(*rules)))
    assert '<p class="big">30</p>' in text
    assert "Counted without the 2 rules still to be filled in or mended." in text
    text = page(client.post("/segments/size/", form(rule("", ""))))
    assert '<p class="big">60</p>' in text


def test_the_size_follows_the_time_zone_even_where_it_is_none(client, form):
    text = page(client.post("/segments/size/", form(rule(CITY, "is", "Chicago"), time_zone="Mars")))
    assert '<p class="big">30</p>' in text


def test_each_rule_by_itself_and_the_empty_ones_beside(client, form, customer_database):
    inner = Segment.objects.create(customer_database=customer_database, name="Chicago", rules=IS_CHICAGO)
    tier = "loyalty_tier · customer_360"
    either = nested("r-1", "any", rule(tier, "is_not", "gold"), member(inner.pk))
    fields = form(rule(CITY, "is", "Chicago"), either, rule(tier, "is", ""))
    text = page(client.post("/segments/people/", fields))
    assert '<span id="r-0-hits" hx-swap-oob="innerHTML">30</span>' in text
    assert '<span id="r-1-0-hits" hx-swap-oob="innerHTML">40</span>' in text
    assert "Also matches the 20 customers without a value." in text
    assert '<span id="r-1-1-hits" hx-swap-oob="innerHTML">30</span>' in text
    assert '<span id="r-2-hits" hx-swap-oob="innerHTML">–</span>' in text


def test_reach_and_ten_rows(client, form):
    fields = form(rule(CITY, "is", "Chicago"))
    client.post("/segments/size/", fields)
    text = page(client.post("/segments/people/", fields))
    assert "Reachable by e-mail</span><b>24</b>" in text
    assert "80.0 % · 6 without a usable value" in text
    assert "Reachable by phone</span><b>24</b>" in text
    assert text.count("<tr>") == 11
    assert "@example.com" in text
    assert "Masked" not in text


def test_rows_are_masked_for_who_may_not_see_personal_data(client, client_of, marketer, form):
    marketer.sees_personal_data = False
    marketer.save()
    text = page(client_of(marketer).post("/segments/people/", form(rule(CITY, "is", "Chicago"))))
    assert "Masked: you do not see personal data" in text
    assert "p···@example.com" in text
    assert "person" not in text.replace("personal data", "")


def test_nobody_is_no_error(client, form):
    fields = form(rule(CITY, "is", "Atlantis"))
    assert '<p class="big">0</p>' in page(client.post("/segments/size/", fields))
    assert "Nobody matches, so there is nobody to show." in page(client.post("/segments/people/", fields))


def test_a_customer_database_that_is_away_is_told_in_place_of_the_numbers(client, form, customer_database):
    customer_database.url = "files:/nowhere/at/all"
    customer_database.save()
    fields = form(rule(CITY, "is", "Chicago"))
    answer = client.post("/segments/size/", fields)
    assert "The folder of the customer database is not there." in page(answer)
    assert "Count again" in page(answer)
    assert "HX-Trigger-After-Swap" not in answer
    assert "The folder of the customer database is not there." in page(
        client.post("/segments/people/", fields)
    )


def test_without_a_customer_database_there_is_nothing_to_count(client, form):
    for number in ("", "x", "99999"):
        assert client.post("/segments/size/", {**form(), "customer_database": number}).status_code == 404


def test_a_stored_segment_is_counted_on_its_page_and_remembers(client_of, viewer, customer_database):
    segment = Segment.objects.create(customer_database=customer_database, name="Chicago", rules=IS_CHICAGO)
    looking = client_of(viewer)
    answer = looking.get(f"/segments/{segment.pk}/size/")
    assert '<p class="big">30</p>' in page(answer)
    assert "counted" in answer["HX-Trigger-After-Swap"]
    segment.refresh_from_db()
    assert segment.size == 30
    assert segment.version == 1
    assert "Reachable by e-mail</span><b>24</b>" in page(looking.get(f"/segments/{segment.pk}/people/"))


def test_rules_of_another_version_are_told(client, customer_database):
    segment = Segment.objects.create(customer_database=customer_database, name="Old", rules={"version": 0})
    assert "which this Muster cannot read" in page(client.get(f"/segments/{segment.pk}/size/"))
    assert "which this Muster cannot read" in page(client.get(f"/segments/{segment.pk}/people/"))
    assert client.get(f"/segments/{segment.pk}/").status_code == 200
    assert client.get(f"/segments/{segment.pk}/edit/").status_code == 200


def test_a_change_of_rules_stops_the_count_under_way(client, form):
    fields = form(rule(CITY, "is", "Chicago"), page="abc", counted="of other rules")
    with asked_by("abc") as stop:
        client.post("/segments/new/", {**fields, "action": "refresh"}, headers={"hx-request": "true"})
        assert stop.is_set()


def test_values_are_found_by_a_part_the_most_frequent_first(client, customer_database):
    url = f"/segments/values/?customer_database={customer_database.pk}&attribute=customer_360.city"
    assert re.findall('data-value="([^"]*)"', page(client.get(url))) == ["Chicago", "Seattle"]
    assert re.findall('data-value="([^"]*)"', page(client.get(f"{url}&q=SEA"))) == ["Seattle"]
    assert "No customer has such a value." in page(client.get(f"{url}&q=%25"))
    gone = url.replace("city", "town")
    assert "The attribute customer_360.town is gone" in page(client.get(gone))
    assert client.get(url.replace("database=", "database=9")).status_code == 404


def test_personal_values_are_offered_only_to_who_may_see_them(client, client_of, marketer, customer_database):
    column = "merged_customers.email"
    url = f"/segments/values/?customer_database={customer_database.pk}&attribute={column}&q=person1"
    assert "person1@example.com" in page(client.get(url))
    marketer.sees_personal_data = False
    marketer.save()
    hidden = page(client_of(marketer).get(url))
    assert "These values are personal data" in hidden
    assert "person1" not in hidden
