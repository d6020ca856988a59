"""Many campaigns at once: the question with names and numbers, what is refused by name, and the record of it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.launches.models import Launch
from campaigns.planning.draft import save
from campaigns.planning.filing.folders import at_path
from campaigns.planning.models import Campaign
from config import clock
from config.audit.models import Event


@pytest.fixture
def client(client_of, marketer):
    return client_of(marketer)


@pytest.fixture
def made(draft):
    """made("A", "B"): campaigns of these names, by name."""

    def make(*names):
        return {name: save(draft(name=name), None, None, None) for name in names}

    return make


def launch(campaign, state="delivered"):
    return Launch.objects.create(campaign=campaign, frozen={}, state=state)


def post(client, action, campaigns, **more):
    data = {"action": action, "campaign": [one.pk for one in campaigns], **more}
    response = client.post("/campaigns/bulk/", data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def names():
    return set(Campaign.objects.active().values_list("name", flat=True))


def test_it_asks_once_and_names_what_it_deletes_and_what_not(client, made):
    there = made("Draft one", "Draft two", "Launched", "Kept")
    launch(there["Launched"])
    chosen = [there[name] for name in ("Draft one", "Draft two", "Launched")]
    question = post(client, "delete", chosen)
    assert "Delete 2 campaigns?" in question
    assert "1 campaign cannot be deleted." in question
    assert "Launched</a> was launched or tested, so it can only be archived." in question
    assert len(names()) == 4
    told = post(client, "delete", chosen, confirmed="1")
    assert "2 campaigns deleted." in told
    assert "“Launched” is not deleted: it was launched or tested" in told
    assert names() == {"Launched", "Kept"}
    assert Event.objects.filter(verb="deleted").count() == 2


def test_what_was_launched_between_question_and_answer_stays(client, made):
    there = made("Draft one")
    post(client, "delete", there.values())
    launch(there["Draft one"], "sending")
    assert "“Draft one” is not deleted" in post(client, "delete", there.values(), confirmed="1")
    assert names() == {"Draft one"}


def test_a_scheduled_one_is_deleted_and_archived_only_when_it_is_unscheduled(client, made):
    there = made("Scheduled", "Launched and scheduled", "Running", "Delivered")
    launch(there["Launched and scheduled"])
    launch(there["Running"], "building")
    launch(there["Delivered"])
    Campaign.objects.filter(name__icontains="scheduled").update(
        scheduled_at=clock.now(), next_run_at=clock.now()
    )
    question = post(client, "archive", there.values())
    assert "Archive 1 campaign?" in question
    assert "Scheduled</a> is scheduled; unschedule it, then archive it." in question
    assert "Running</a> is being launched; archive it when that has ended." in question
    post(client, "archive", there.values(), confirmed="1")
    assert names() == {"Scheduled", "Launched and scheduled", "Running"}
    post(client, "delete", [there["Scheduled"]], confirmed="1")
    assert names() == {"Launched and scheduled", "Running"}


def test_archived_ones_come_back_where_their_name_is_free(client, made, draft):
    there = made("Spring Sale", "Winter Sale")
    post(client, "archive", there.values(), confirmed="1")
    made("Spring Sale")
    question = post(client, "restore", there.values(), back="archived=1")
    assert "Restore 1 campaign?" in question
    assert "has a name that another campaign has now" in question
    post(client, "restore", there.values(), confirmed="1")
    assert names() == {"Spring Sale", "Winter Sale"}
    assert Campaign.objects.get(pk=there["Spring Sale"].pk).archived_at is not None
    told = client.post(f"/campaigns/{there['Spring Sale'].pk}/restore/", follow=True).content.decode()
    assert "has a name that another campaign has now; rename that one first" in told


def test_one_comes_back_by_its_own_button(client, made):
    there = made("Spring Sale")["Spring Sale"]
    client.post(f"/campaigns/{there.pk}/archive/")
    assert "Restore" in client.get(f"/campaigns/{there.pk}/").content.decode()
    told = client.post(f"/campaigns/{there.pk}/restore/", follow=True).content.decode()
    assert "is in use again" in told
    assert [event.verb for event in Event.objects.order_by("pk")] == ["created", "archived", "restored"]


def test_it_moves_into_a_folder_and_goes_back_to_the_list_as_it_was(client, made):
    there = made("One", "Two")
    spring = at_path("Retail / Spring", None)
    question = post(client, "move", there.values(), folder=spring.pk)
    assert "They move into “Retail / Spring”." in question
    data = {"action": "move", "campaign": [one.pk for one in there.values()], "folder": spring.pk}
    response = client.post("/campaigns/bulk/", {**data, "confirmed": "1", "back": "q=o&page=2"})
    assert response.url == "/campaigns/?q=o&page=2"
    assert set(spring.campaigns.values_list("name", flat=True)) == {"One", "Two"}
    post(client, "move", there.values(), folder="", confirmed="1")
    assert not spring.campaigns.exists()
    assert Event.objects.filter(verb="moved").count() == 4


@pytest.mark.parametrize(
    "data",
    [
        {"action": "delete"},
        {"action": "delete", "campaign": ["x", "0", "999999"]},
        {"action": "lose", "confirmed": "1"},
        {"action": "move", "folder": "999", "confirmed": "1"},
    ],
)
def test_without_campaigns_or_a_known_action_nothing_happens(client, made, data):
    there = made("One")
    if data["action"] in ("lose", "move"):
        data = {**data, "campaign": [there["One"].pk]}
    text = client.post("/campaigns/bulk/", data, follow=True).content.decode()
    assert "Choose campaigns in the list first" in text
    assert names() == {"One"}


def test_more_campaigns_cost_no_more_queries(client, made):
    def queries(campaigns, action, **more):
        with CaptureQueriesContext(connection) as captured:
            client.post(
                "/campaigns/bulk/",
                {"action": action, "campaign": [one.pk for one in campaigns], "confirmed": "1", **more},
            )
        return len(captured)

    there = list(made(*[f"Sale {number}" for number in range(24)]).values())
    folder = at_path("Retail", None)
    for action, more in (("move", {"folder": folder.pk}), ("archive", {}), ("restore", {}), ("delete", {})):
        assert queries(there[:2], action, **more) == queries(there[2:], action, **more)
    assert names() == set()


def test_viewers_choose_nothing(client_of, viewer, made):
    there = made("One")
    looking = client_of(viewer)
    assert 'type="checkbox"' not in looking.get("/campaigns/").content.decode()
    data = {"action": "delete", "campaign": [there["One"].pk], "confirmed": "1"}
    assert looking.post("/campaigns/bulk/", data).status_code == 403
    assert looking.post(f"/campaigns/{there['One'].pk}/restore/").status_code == 403
    assert names() == {"One"}


def test_of_two_archived_ones_with_one_name_one_comes_back(client, made):
    first = made("Spring Sale")["Spring Sale"]
    Campaign.objects.update(archived_at=clock.now())
    second = made("Spring Sale")["Spring Sale"]
    Campaign.objects.update(archived_at=clock.now())
    post(client, "restore", [first, second], confirmed="1")
    assert names() == {"Spring Sale"}
    assert Campaign.objects.active().count() == 1
