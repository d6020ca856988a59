"""The dashboard: what needs a person, what runs, what was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.launches.models import Delivery, Purpose
from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
from config import clock


@pytest.fixture
def page(viewer, client_of):
    return lambda person=viewer: client_of(person).get(reverse("home")).content.decode()


def test_home_says_that_redis_does_not_answer(page):
    assert "Redis does not answer" in page()
    assert "starts by itself when Redis is back" in page()


def test_home_shows_what_a_destination_waits_for(page, destination, viewer, operator):
    destination.name = "Outlet <b>"
    destination.needs_attention = "The host key has changed."
    destination.save()
    assert "The host key has changed." in page(viewer)
    assert "Outlet &lt;b&gt;" in page(viewer)
    assert "Look at Outlet" not in page(viewer)
    assert "Look at Outlet" in page(operator)


def test_it_tells_nobody_of_a_destination_they_may_not_know(page, destination, viewer, operator):
    destination.needs_attention = "The host key has changed."
    destination.operators_only = True
    destination.save()
    assert "The host key has changed." not in page(viewer)
    assert "The host key has changed." in page(operator)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("failed", "failed in launch"),
        ("partly_delivered", "was partly delivered in launch"),
        ("needs_you", "needs you in launch"),
    ],
)
def test_a_launch_that_went_wrong_needs_somebody(page, launched, state, words):
    launch = launched(state=state)
    assert words in page()
    assert reverse("launch", args=[launch.pk]) in page()


def test_the_reason_is_the_launches_or_its_deliveries(page, launched):
    launch = launched(state="failed", error="The customer database is gone.")
    assert "The customer database is gone." in page()
    launch.error = ""
    launch.save()
    Delivery.objects.update(error="The password was refused.")
    assert "The password was refused." in page()


def test_a_newer_launch_mends_an_older_failure_but_answers_no_question(page, launched):
    launched(state="failed")
    launched(state="needs_you")
    launched(state="delivered")
    assert "failed in launch" not in page()
    assert "needs you in launch" in page()


def test_an_archived_campaign_needs_nobody(page, launched, campaign):
    launched(state="failed")
    campaign.archived_at = clock.now()
    campaign.save()
    assert "failed in launch" not in page()


def test_what_runs_shows_how_far_it_is(page, launched):
    launched(state="sending", file__sent_bytes=250)
    assert "0 of 1 delivery delivered" in page()
    assert "25 of 100 rows" in page()
    assert "1 launch running" in page()


def test_a_file_that_waits_says_when_it_is_tried_again(page, launched):
    later = clock.now() + timedelta(minutes=2, seconds=30)
    launched(state="sending", file__state="retrying", file__next_attempt_at=later)
    assert "SpringSale_Gold to Mail tries again" in page()
    assert ">in 2 min<" in page()


def test_the_card_of_what_runs_asks_again_until_it_ends(client_of, viewer, launched):
    launch = launched(state="sending")
    address, client = f"{reverse('home_running')}?of={launch.pk}", client_of(viewer)
    assert b"Spring Sale" in client.get(address, headers={"HX-Request": "true"}).content
    launch.state = "delivered"
    launch.save()
    assert client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert client.get(address)["Location"] == "/"


def test_recent_launches_show_audience_rows_and_control(page, launched):
    launched()
    text = page()
    for number in (">1,200<", ">100<", ">120<", "first launch"):
        assert number in text


def test_the_line_beside_a_launch_is_its_campaigns_past(page, launched):
    for rows in (100, 150, 120):
        launched(file__rows=rows)
    assert "over the last 3 launches: 100, 150, 120" in page()
    assert "over the last 2 launches: 100, 150" in page()


def test_tests_are_no_launches(page, launched):
    launched(purpose=Purpose.TEST)
    assert "Recent launches" not in page()
    assert "First steps" in page()


def test_rows_delivered_are_charted(page, launched):
    launched()
    assert "100 by email, 0 by phone" in page()


def test_a_new_house_shows_the_next_step_to_who_may_take_it(page, viewer, operator, marketer):
    assert "A Datagrid Operator does this." in page(viewer)
    assert reverse("customer_database_list") in page(operator)


def test_the_next_step_is_the_first_that_is_not_done(page, operator, campaign, destination):
    assert f'href="{reverse("segment_new")}">Build a segment' in page(operator)
    Segment.objects.create(name="Everybody", customer_database=campaign.customer_database, rules={})
    assert "Open Spring Sale" in page(operator)


def test_the_number_of_queries_does_not_grow(client_of, marketer, launched, campaign):
    client = client_of(marketer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("home"))
        return len(found)

    for state in ("delivered", "failed", "sending"):
        launched(state=state)
    few = queries()
    for number in range(4):
        other = Campaign.objects.create(name=f"C{number}", customer_database=campaign.customer_database)
        for state in ("delivered", "failed", "sending"):
            launched(state=state, campaign=other)
    assert queries() == few


def test_pages_carry_a_policy_that_allows_no_inline_code(viewer, client_of):
    policy = client_of(viewer).get(reverse("home"))["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "default-src 'self'" in policy


@pytest.mark.parametrize(("workers", "is_told"), [(0, True), (1, False)])
def test_home_says_that_no_worker_runs(page, monkeypatch, workers, is_told):
    monkeypatch.setattr("campaigns.home.needs.workers_running", lambda: workers)
    assert ("No worker is running" in page()) == is_told
    assert ("Nothing needs you" in page()) != is_told
