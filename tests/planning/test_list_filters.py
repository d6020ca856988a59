"""What the list of campaigns is narrowed by, alone and together, in a number of queries that does not grow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.launches.models import Launch, LaunchState
from campaigns.launches.runs.models import Run
from campaigns.planning.draft import DraftGroup, save
from campaigns.planning.lists import row_of
from campaigns.planning.models import Campaign
from campaigns.planning.statuses import STATUSES
from config import clock
from tests.planning.conftest import group, rest


@pytest.fixture
def client(client_of, marketer):
    return client_of(marketer)


@pytest.fixture
def shown(client):
    """shown("status=draft"): the names on the page, in order."""

    def ask(query=""):
        return [row.campaign.name for row in client.get(f"/campaigns/?{query}").context["rows"]]

    return ask


def launched(campaign, state, **more):
    return Launch.objects.create(campaign=campaign, frozen={}, state=state, **more)


def test_each_status_finds_the_campaigns_that_are_shown_with_it(client, draft, shown):
    for state in LaunchState:
        launched(save(draft(name=f"Last {state}"), None, None, None), state)
        failed_before = save(draft(name=f"Failed then {state}"), None, None, None)
        launched(failed_before, "failed")
        launched(failed_before, state)
        launched(failed_before, "failed", purpose="test")
    save(draft(name="Never launched"), None, None, None)
    schedule_half_of_them()
    save(draft(name="Never scheduled"), None, None, None)
    there = {campaign.name: row_of(campaign).status for campaign in Campaign.objects.all()}
    for status in STATUSES:
        if status != "archived":
            expected = {name for name, found in there.items() if found == status}
            assert set(shown(f"status={status}")) == expected
    assert set(there.values()) == set(STATUSES) - {"archived"}


def schedule_half_of_them():
    """Each second one has a run to come: some since before their launch, some since after it, one with a run held."""
    soon = clock.now() + timedelta(days=1)
    for place, pk in enumerate(list(Campaign.objects.order_by("pk").values_list("pk", flat=True))[::2]):
        since = clock.now() - timedelta(days=1) if place % 2 else clock.now()
        Campaign.objects.filter(pk=pk).update(scheduled_at=since, next_run_at=soon if place % 3 else None)
        if place % 3 == 0:
            state = "held" if place % 2 else "due"
            Run.objects.create(campaign_id=pk, due_at=clock.now(), state=state)


@pytest.mark.parametrize(
    ("state", "hours", "status"),
    [
        ("delivered", 1, "scheduled"),
        ("failed", 1, "failed"),
        ("failed", -1, "scheduled"),
        ("partly_delivered", -1, "scheduled"),
        ("running", -1, "running"),
        ("needs_you", -1, "needs_you"),
        ("cancelled", 1, "scheduled"),
    ],
)
def test_a_schedule_outweighs_what_was_launched_before_it(draft, state, hours, status):
    campaign = save(draft(), None, None, None)
    launched(campaign, "sending" if state == "running" else state)
    began = clock.now() - timedelta(hours=hours)
    Campaign.objects.update(scheduled_at=began, next_run_at=clock.now() + timedelta(days=1))
    assert row_of(campaign).status == status
    Campaign.objects.update(next_run_at=None)
    assert row_of(campaign).status == {"cancelled": "draft", "running": "running"}.get(state, state)


def test_an_archived_campaign_is_found_among_the_archived_alone(client, draft, shown):
    campaign = save(draft(), None, None, None)
    launched(campaign, "delivered")
    client.post(f"/campaigns/{campaign.pk}/archive/")
    assert row_of(campaign).status == "archived"
    assert shown() == []
    assert shown("status=delivered") == []
    assert shown("archived=1") == ["Spring Sale"]


@pytest.mark.parametrize(
    ("schedule", "cadence"),
    [
        ({}, "asap"),
        ({"asap": True}, "asap"),
        ({"at": "2027-03-01T09:00"}, "at"),
        ({"daily": "09:00"}, "daily"),
        ({"weekly": ["mon"], "time": "09:00"}, "weekly"),
        ({"monthly": 1, "time": "09:00", "times": 3}, "monthly"),
    ],
)
def test_it_finds_by_cadence(draft, shown, schedule, cadence):
    save(draft(schedule=schedule), None, None, None)
    for other in ("asap", "at", "daily", "weekly", "monthly"):
        assert shown(f"cadence={other}") == (["Spring Sale"] if other == cadence else [])


def test_it_finds_by_destination_but_not_where_a_group_was_removed(draft, mail, text, shown, marketer):
    campaign = save(draft(rest(group("Reminder", "100.00", mail))), None, marketer, None)
    launched(campaign, "delivered")  # so that what is removed stays, marked
    assert shown(f"destination={mail.pk}") == ["Spring Sale"]
    assert shown(f"destination={text.pk}") == []
    save(draft(rest(group("Note", "100.00", text))), campaign, marketer, None)
    assert shown(f"destination={mail.pk}") == []
    assert shown(f"destination={text.pk}") == ["Spring Sale"]


def test_a_destination_of_operators_is_no_choice_of_a_marketer(client, draft, mail, shown):
    save(draft(), None, None, None)
    mail.operators_only = True
    mail.save()
    response = client.get(f"/campaigns/?destination={mail.pk}")
    assert mail.name not in response.content.decode()
    assert len(response.context["rows"]) == 1


def test_it_finds_by_who_made_and_who_edited_last(draft, marketer, operator, shown):
    campaign = save(draft(), None, marketer, None)
    save(draft(name="Another"), None, operator, None)
    save(draft(launch_date="2027-03-02T09:00"), campaign, operator, None)
    assert shown(f"creator={marketer.pk}") == ["Spring Sale"]
    assert shown(f"creator={operator.pk}") == ["Another"]
    assert shown(f"editor={operator.pk}") == ["Spring Sale", "Another"]
    assert shown(f"editor={operator.pk}&q=spring") == ["Spring Sale"]


def test_who_edited_nothing_is_a_choice_that_finds_nothing(client_of, draft, viewer, marketer):
    save(draft(), None, marketer, None)
    page = client_of(viewer).get(f"/campaigns/?editor={viewer.pk}")
    assert "No campaign fits" in page.content.decode()


def test_an_unknown_choice_chooses_nothing(draft, shown):
    save(draft(), None, None, None)
    assert shown("status=lost&creator=0&editor=x&destination=99&cadence=%00&page=nine") == ["Spring Sale"]


def test_it_finds_by_id(draft, shown):
    campaign = save(draft(), None, None, None)
    save(draft(name="Another"), None, None, None)
    assert shown(f"q={campaign.pk}") == ["Spring Sale"]
    assert shown("q=99999999999999999999") == []


def test_the_latest_edited_comes_first_and_the_pages_follow(client, draft, shown):
    first = save(draft(), None, None, None)
    for number in range(51):
        save(draft(name=f"Sale {number:02}"), None, None, None)
    assert shown()[0] == "Sale 50"
    assert shown("page=2") == ["Sale 00", "Spring Sale"]
    save(draft(launch_date="2027-03-02T09:00"), first, None, None)
    assert shown()[0] == "Spring Sale"
    assert "page=2&amp;" not in client.get("/campaigns/?q=sale&cadence=asap").content.decode()
    assert (
        "q=sale&amp;cadence=asap&amp;page=2" in client.get("/campaigns/?q=sale&cadence=asap").content.decode()
    )


def test_nothing_that_fits_leads_back_to_all(client, draft):
    save(draft(), None, None, None)
    text = client.get("/campaigns/?status=failed&q=spring").content.decode()
    assert "No campaign fits" in text
    assert "status: Failed" in text


def test_more_campaigns_people_and_launches_cost_no_more_queries(client_of, draft, marketer, operator, mail):
    client = client_of(operator)
    query = f"status=delivered&cadence=asap&destination={mail.pk}&creator={marketer.pk}&editor={marketer.pk}"

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/campaigns/?{query}").context["rows"]
        return len(captured)

    def make(number):
        groups = [DraftGroup("Offer", "100.00", destinations=(mail.pk,))]
        made = save(draft(rest(*groups), name=f"Sale {number}"), None, marketer, None)
        for state in ("failed", "delivered"):
            launched(made, state)

    make(0)
    queries()
    few = queries()
    for number in range(1, 60):
        make(number)
    assert queries() == few
