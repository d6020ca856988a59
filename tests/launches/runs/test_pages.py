"""Scheduling on a page, a campaign's runs, what a person decides about a held one, and where all of that is shown."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.launches.here import finish_here
from campaigns.launches.models import Launch
from campaigns.launches.runs.models import Run
from campaigns.planning.models import Campaign
from config import clock
from tests.launches.runs.conftest import BEGAN, DAILY, NINE, ONCE, hours, ticked

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client_of, marketer):
    return client_of(marketer)


@pytest.fixture
def held(scheduled, destination):
    """A run of 09:00 whose destination was disabled, and enabled again since."""

    def make(plan=DAILY, **fields):
        scheduled(plan, **fields)
        destination.disabled_at = BEGAN
        destination.save()
        (run,) = ticked(NINE)
        destination.disabled_at = None
        destination.save()
        return run

    return make


def page(response):
    return " ".join(response.content.decode().split())


def url(name, row):
    return reverse(name, args=[row.pk])


# Scheduling ----------------------------------------------------------------------------------------------


def test_it_asks_once_with_the_next_runs_grace_and_brakes(client, campaign):
    Campaign.objects.update(schedule=DAILY, grace=90, brakes={"change": 25})
    with clock.stopped_at(BEGAN):
        text = page(client.get(url("campaign_schedule", campaign)))
    for number in range(1, 6):
        assert f"{number} Mar 2027 09:00 UTC</li>" in text
    assert "6 Mar 2027" not in text
    assert "90 minutes late at most" in text
    assert "at most 25 % more or less than the last launch" in text
    campaign.refresh_from_db()
    assert not campaign.is_scheduled


def test_schedule_says_when_it_runs_and_the_campaign_is_scheduled(client, campaign, marketer):
    Campaign.objects.update(schedule=DAILY)
    with clock.stopped_at(BEGAN):
        answer = client.post(url("campaign_schedule", campaign), {"version": campaign.version}, follow=True)
    assert "“Spring Sale” is scheduled. It runs on Mon 1 Mar 2027 09:00 UTC." in page(answer)
    campaign.refresh_from_db()
    assert (campaign.next_run_at, campaign.scheduled_by) == (NINE, marketer)
    assert "Scheduled" in page(client.get(reverse("campaign_list")))


def test_one_edited_meanwhile_is_not_scheduled_and_the_page_says_why(client, campaign):
    Campaign.objects.update(schedule=DAILY, version=2)
    with clock.stopped_at(BEGAN):
        text = page(client.post(url("campaign_schedule", campaign), {"version": 1}))
    assert "was edited since you looked. Look at it again; nothing is scheduled." in text
    assert not Campaign.objects.get().is_scheduled


def test_a_schedule_that_is_over_has_no_button(client, campaign):
    Campaign.objects.update(schedule=ONCE)
    with clock.stopped_at(NINE):
        text = page(client.get(url("campaign_schedule", campaign)))
    assert "No run is to come: the time of this schedule is over." in text
    assert 'type="submit">' not in text.partition("<main")[2]


def test_unschedule_and_edit_opens_the_editor(client, scheduled):
    campaign = scheduled(DAILY)
    assert 'name="name"' not in page(client.get(url("campaign", campaign)))
    text = page(client.post(url("campaign_unschedule", campaign), follow=True))
    assert "“Spring Sale” is unscheduled: it does not run by itself any more." in text
    assert 'name="name"' in text
    assert ticked(NINE) == []


def test_a_viewer_neither_schedules_nor_decides(client_of, viewer, held):
    run, client = held(), client_of(viewer)
    posts = ["campaign_schedule", "campaign_unschedule"]
    codes = [client.post(url(name, run.campaign)).status_code for name in posts]
    codes += [client.post(url(name, run)).status_code for name in ("run_launch", "run_skip", "run_read")]
    assert codes == [403] * 5
    run.refresh_from_db()
    assert (run.state, run.campaign.is_scheduled) == ("held", True)
    text = page(client.get(url("run_list", run.campaign)))
    assert "is disabled. Ask an operator to enable it" in text
    assert "Launch anyway" not in text


# A second list of one name in a day ------------------------------------------------------------------------


def warned(client, name, campaign, at):
    with clock.stopped_at(at):
        return "Two lists of one name in one day" in page(client.get(url(name, campaign), follow=True))


def test_a_second_list_of_one_name_in_one_day_is_warned_about(client, campaign, launched):
    Campaign.objects.update(schedule={"at": "2027-03-01T18:00"})
    assert not warned(client, "campaign_schedule", campaign, NINE)
    with clock.stopped_at(NINE):
        launched()
    assert warned(client, "campaign_schedule", campaign, NINE + hours(1))
    Campaign.objects.update(schedule={"at": "2027-03-02T00:00"})
    assert not warned(client, "campaign_schedule", campaign, NINE + hours(1))


def test_the_day_is_that_of_the_destination(client, campaign, launched, destination):
    destination.settings |= {"time_zone": "Asia/Tokyo"}
    destination.save()
    with clock.stopped_at(NINE):
        launched()
    Campaign.objects.update(schedule={"at": "2027-03-01T16:00"})
    assert not warned(client, "campaign_schedule", campaign, NINE + hours(1))
    Campaign.objects.update(schedule={"at": "2027-03-01T14:00"})
    assert warned(client, "campaign_schedule", campaign, NINE + hours(1))


# Held and skipped ----------------------------------------------------------------------------------------


def test_a_held_run_is_released_by_a_person_once(client, held, marketer):
    run = held()
    assert "Launch “Spring Sale” anyway?" in page(client.get(url("run_launch", run)))
    assert not Launch.objects.exists()
    for _ in range(2):
        client.post(url("run_launch", run))
    launch = Launch.objects.get()
    run.refresh_from_db()
    assert (run.state, run.launch, run.decided_by) == ("launched", launch, marketer)
    assert launch.started_by == marketer
    assert f"Launch {launch.pk}</a> by Mara" in page(client.get(url("run_list", run.campaign)))


def test_what_still_cannot_be_launched_stays_held_and_says_why(client, held, destination):
    run = held()
    destination.disabled_at = BEGAN
    destination.save()
    text = page(client.post(url("run_launch", run), follow=True))
    assert "is disabled. Ask an operator to enable it before you launch. Nothing was sent." in text
    run.refresh_from_db()
    assert run.state == "held"


def test_a_held_run_is_skipped_by_a_person(client, held, marketer):
    run = held()
    assert "Nothing is sent for it" in page(client.get(url("run_skip", run)))
    client.post(url("run_skip", run))
    run.refresh_from_db()
    assert (run.state, run.decided_by) == ("skipped", marketer)
    assert run.reason.startswith("Skipped by Mara. It was held: Attentive Segments (email) is disabled.")
    assert "This run is not held any more." in page(client.get(url("run_launch", run), follow=True))


def shown(client, campaign):
    """On which pages the campaign's run wants a person: home, its own, Launches."""
    pages = {
        "home": reverse("home"),
        "campaign": url("campaign", campaign),
        "launches": reverse("launch_list"),
    }
    due = {
        "home": "due Mon 1 Mar 2027 09:00 UTC",
        "campaign": "run of Mon 1 Mar",
        "launches": "run of Mon 1 Mar",
    }
    return {name: due[name] in page(client.get(where)) for name, where in pages.items()}


@pytest.mark.parametrize("plan", [DAILY, ONCE])
def test_a_held_run_is_shown_until_somebody_decides(client, held, plan):
    run = held(plan)
    assert set(shown(client, run.campaign).values()) == {True}
    assert "Needs you" in page(client.get(reverse("campaign_list")))
    client.post(url("run_skip", run))
    assert set(shown(client, run.campaign).values()) == {False}


@pytest.mark.parametrize("plan", [DAILY, ONCE])
def test_a_skipped_run_is_shown_until_somebody_has_read_it(client, scheduled, plan):
    campaign = scheduled(plan)
    (run,) = ticked(NINE + hours(3))
    assert set(shown(client, campaign).values()) == {True}
    client.post(url("run_read", run))
    assert set(shown(client, campaign).values()) == {False}


def test_a_launch_after_a_skipped_run_has_made_it_history(client, scheduled):
    campaign = scheduled(DAILY)
    ticked(NINE + hours(3))
    with clock.stopped_at(NINE + hours(24)):
        ticked(NINE + hours(24))
        finish_here(Launch.objects.get())
        assert set(shown(client, campaign).values()) == {False}


def test_the_pages_ask_as_often_for_many_runs_as_for_one(client, held):
    run = held()

    def asked():
        with CaptureQueriesContext(connection) as queries:
            for name in ("home", "launch_list", "calendar"):
                client.get(reverse(name))
        return len(queries)

    few = asked()
    for number in range(8):
        Run.objects.create(
            campaign=run.campaign, due_at=NINE + timedelta(days=number + 1), state="held", reason="Because."
        )
    assert asked() == few
