"""The calendar: what was launched, what did not start, and what is to run, on the day of each campaign's zone."""

from datetime import date

import pytest
from django.urls import reverse

from campaigns.launches.here import finish_here
from campaigns.launches.models import Launch
from campaigns.launches.runs.calendar import entries, month_of
from campaigns.planning.copying import copy
from campaigns.planning.models import Campaign
from config import clock
from tests.launches.runs.conftest import BEGAN, DAILY, NINE, ONCE, hours, ticked

pytestmark = pytest.mark.django_db
MARCH = (date(2027, 3, 1), date(2027, 3, 31))


@pytest.fixture
def show(client_of, viewer):
    def get(query="", at=NINE):
        with clock.stopped_at(at):
            answer = client_of(viewer).get(reverse("calendar") + query)
        assert answer.status_code == 200
        return " ".join(answer.content.decode().split())

    return get


def told(first, last):
    return {
        day.day: [(one.at, one.state) for one in found] for day, found in sorted(entries(first, last).items())
    }


def test_past_launches_missed_runs_and_runs_to_come_each_on_their_day(scheduled):
    scheduled({"daily": "09:00", "times": 5})
    ticked(NINE)
    with clock.stopped_at(NINE):
        finish_here(Launch.objects.get())
    ticked(NINE + hours(30))
    assert told(*MARCH) == {
        1: [("09:00", "delivered")],
        2: [("09:00", "skipped")],
        3: [("09:00", "scheduled")],
        4: [("09:00", "scheduled")],
        5: [("09:00", "scheduled")],
    }


def test_a_day_is_that_of_the_campaigns_time_zone(scheduled):
    scheduled({"at": "2027-03-14T23:30"}, time_zone="America/Chicago")
    assert told(*MARCH) == {14: [("23:30", "scheduled")]}
    assert told(date(2027, 3, 15), date(2027, 3, 15)) == {}


def test_an_unscheduled_or_archived_campaign_has_nothing_to_come(scheduled):
    scheduled(DAILY)
    assert told(*MARCH)
    Campaign.objects.update(archived_at=BEGAN)
    assert told(*MARCH) == {}


def test_a_month_is_shown_in_whole_weeks():
    days = month_of(2027, 3, date(2027, 3, 9))
    assert (days[0].day, days[-1].day) == (date(2027, 3, 1), date(2027, 4, 4))
    assert [one.day.day for one in days if one.is_today] == [9]


def test_a_viewer_reads_it_and_goes_from_month_to_month(show, scheduled):
    campaign = scheduled(ONCE)
    text = show(at=BEGAN)
    assert "March 2027" in text
    assert f'href="{reverse("campaign", args=[campaign.pk])}"' in text
    assert 'href="?month=2027-02"' in text
    assert 'href="?month=2027-04"' in text
    assert "Nothing in April 2027." in show("?month=2027-04", at=BEGAN)


@pytest.mark.parametrize(
    "query", ["?month=2027-13", "?month=0001-01", "?month=9999-12", "?month=x", "?day=2027-02-30"]
)
def test_what_is_no_month_is_the_present_one(show, query):
    assert "March 2027" in show(query)


def test_a_full_day_tells_how_many_more_and_has_a_page(show, campaign, scheduled, marketer):
    for _ in range(5):
        copy(campaign, marketer, None)
    scheduled(ONCE)
    Campaign.objects.update(schedule=ONCE, scheduled_at=BEGAN, next_run_at=NINE)
    assert 'aria-label="2 more on 1 March"' in show(at=BEGAN)
    assert show("?day=2027-03-01", at=BEGAN).count(">Scheduled<") == 6
