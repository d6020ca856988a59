"""The list of campaigns, and archive, delete and copy."""

from uuid import uuid4

import pytest

from campaigns.launches.models import Launch
from campaigns.planning.draft import draft_of, save
from campaigns.planning.models import Campaign
from config.audit.models import Event


@pytest.fixture
def client(client_of, marketer):
    return client_of(marketer)


@pytest.fixture
def campaign(draft, marketer):
    return save(draft(), None, marketer, None)


def page(response):
    return response.content.decode()


def test_an_empty_list_teaches(client, segments):
    assert "Make the first campaign" in page(client.get("/campaigns/"))


def test_without_a_segment_it_points_there_first(client, db):
    assert "Make a segment first" in page(client.get("/campaigns/"))


def test_it_finds_by_name(client, campaign, draft):
    save(draft(name="Winter Sale"), None, None, None)
    text = page(client.get("/campaigns/?q=spring"))
    assert "Spring Sale" in text
    assert "Winter Sale" not in text
    assert "No campaign is called that" in page(client.get("/campaigns/?q=<b>"))


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("waiting", "Running"),
        ("sending", "Running"),
        ("delivered", "Delivered"),
        ("nothing_to_send", "Delivered"),
        ("partly_delivered", "Partly delivered"),
        ("failed", "Failed"),
        ("needs_you", "Needs you"),
        ("cancelled", "Draft"),
    ],
)
def test_the_status_derives_from_the_latest_launch(client, campaign, state, status):
    Launch.objects.create(
        campaign=campaign, frozen={}, state="failed" if state != "cancelled" else "cancelled"
    )
    Launch.objects.create(campaign=campaign, frozen={}, state=state)
    Launch.objects.create(campaign=campaign, frozen={}, state="failed", purpose="test")
    assert f">{status}</span>" in page(client.get("/campaigns/")).replace("</svg>", ">")


def test_the_list_takes_few_queries(client, draft, django_assert_max_num_queries):
    for number in range(20):
        made = save(draft(name=f"Sale {number}"), None, None, None)
        Launch.objects.create(campaign=made, frozen={}, state="delivered")
    with django_assert_max_num_queries(20):
        client.get("/campaigns/")


def test_a_draft_is_deleted_after_one_question(client, campaign):
    assert "Delete “Spring Sale”?" in page(client.get(f"/campaigns/{campaign.pk}/delete/"))
    assert Campaign.objects.exists()
    client.post(f"/campaigns/{campaign.pk}/delete/")
    assert not Campaign.objects.exists()
    assert Event.objects.filter(verb="deleted", object_name="Spring Sale").exists()


def test_what_was_launched_is_archived_instead(client, campaign):
    Launch.objects.create(campaign=campaign, frozen={}, state="delivered")
    client.post(f"/campaigns/{campaign.pk}/delete/")
    assert Campaign.objects.exists()
    client.post(f"/campaigns/{campaign.pk}/archive/")
    assert "<table" not in page(client.get("/campaigns/"))
    assert Campaign.objects.get().archived_at
    assert "Spring Sale" in page(client.get("/campaigns/?archived=1"))


def test_a_running_campaign_is_not_archived(client, campaign):
    Launch.objects.create(campaign=campaign, frozen={}, state="sending")
    client.post(f"/campaigns/{campaign.pk}/archive/")
    assert Campaign.objects.get().archived_at is None


def test_an_archived_name_is_free_again(client, campaign, draft):
    client.post(f"/campaigns/{campaign.pk}/archive/")
    assert save(draft(), None, None, None).name == "Spring Sale"


def test_a_copy_has_a_salt_and_ids_of_its_own(client, campaign):
    response = client.post(f"/campaigns/{campaign.pk}/copy/", {"token": str(uuid4())})
    copy = Campaign.objects.exclude(pk=campaign.pk).get()
    assert response.url == f"/campaigns/{copy.pk}/"
    assert copy.name == "Copy of Spring Sale"
    assert copy.salt != campaign.salt
    assert {one.id for one in draft_of(copy).sub_audiences}.isdisjoint(
        {one.id for one in draft_of(campaign).sub_audiences}
    )
    assert "“Copy of Spring Sale” is a default name." in page(client.get(response.url))


def test_a_double_click_makes_one_copy(client, campaign):
    token = str(uuid4())
    for _ in range(2):
        client.post(f"/campaigns/{campaign.pk}/copy/", {"token": token})
    assert Campaign.objects.count() == 2


def test_a_copy_of_a_copy_finds_a_free_name(client, campaign):
    for _ in range(2):
        client.post(f"/campaigns/{campaign.pk}/copy/", {"token": "nonsense"})
    assert Campaign.objects.filter(name="Copy of Spring Sale 2").exists()


def test_a_copy_leaves_out_what_its_maker_may_not_send_to(client, campaign, mail):
    mail.operators_only = True
    mail.save()
    response = client.post(f"/campaigns/{campaign.pk}/copy/", {}, follow=True)
    assert "leaves out a destination" in page(response)
    copy = Campaign.objects.exclude(pk=campaign.pk).get()
    assert draft_of(copy).sent_destinations() == []


def test_viewers_see_the_list_without_buttons(client_of, viewer, campaign):
    looking = client_of(viewer)
    text = page(looking.get("/campaigns/"))
    assert "Spring Sale" in text
    assert "New campaign" not in text
    for verb in ("archive", "delete", "copy"):
        assert looking.post(f"/campaigns/{campaign.pk}/{verb}/").status_code == 403
