"""Folders of campaigns: three levels, found by, renamed, moved and deleted without losing a campaign."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.planning.draft import save
from campaigns.planning.filing.folders import FolderRefused, at_path, change, look, make, move, remove
from campaigns.planning.filing.models import Folder
from campaigns.planning.models import Campaign
from config.audit.models import Event


@pytest.fixture
def client(client_of, marketer):
    return client_of(marketer)


@pytest.fixture
def campaign(draft, marketer):
    return save(draft(), None, marketer, None)


@pytest.fixture
def shown(client):
    def ask(query=""):
        return [row.campaign.name for row in client.get(f"/campaigns/?{query}").context["rows"]]

    return ask


def paths():
    return list(look().paths.values())


def test_three_levels_are_made_by_a_path_and_a_fourth_is_refused(db):
    made = at_path("Retail / Spring/ Outlet ", None)
    assert look().path(made.pk) == "Retail / Spring / Outlet"
    assert at_path("retail / SPRING / outlet", None) == made
    assert at_path(" ", None) is None
    with pytest.raises(FolderRefused, match="3 levels at most"):
        make("Monday", made, None)
    assert paths() == ["Retail", "Retail / Spring", "Retail / Spring / Outlet"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("  ", "Enter a name"),
        ("a/b", "no slash"),
        ("a\x07b", "no control character"),
        ("x" * 61, "has 61 characters. Use 60 at most."),
        ("RETAIL", "There is a folder “RETAIL” here already. Choose another name."),
    ],
)
def test_it_refuses_what_is_no_name(db, name, sentence):
    make("Retail", None, None)
    with pytest.raises(FolderRefused, match=sentence):
        make(name, None, None)
    assert paths() == ["Retail"]


def test_two_folders_of_one_name_stand_in_two_places(db):
    at_path("Retail / Spring", None)
    at_path("Online / Spring", None)
    with pytest.raises(FolderRefused, match="here already"):
        make("spring", Folder.objects.get(name="Online"), None)
    assert len(paths()) == 4


def test_a_folder_moves_with_what_is_in_it_but_not_too_deep_and_not_into_itself(campaign, marketer):
    spring, online = at_path("Retail / Spring", None), at_path("Online / Autumn", None)
    move([campaign], spring, marketer)
    retail = spring.parent
    with pytest.raises(FolderRefused, match="3 levels at most"):
        change(retail, "Retail", online, marketer)
    with pytest.raises(FolderRefused, match="cannot be put into itself"):
        change(Folder.objects.get(name="Retail"), "Retail", spring, marketer)
    change(Folder.objects.get(name="Retail"), "Shops", online.parent, marketer)
    assert paths() == ["Online", "Online / Autumn", "Online / Shops", "Online / Shops / Spring"]
    assert Campaign.objects.get().folder == spring


def test_deleting_a_folder_moves_what_is_in_it_out(campaign, client, marketer):
    spring = at_path("Retail / Spring / Spring", None).parent
    move([campaign], spring, marketer)
    page = f"/campaigns/folders/{spring.pk}/delete/"
    assert "Its 1 campaign and 1 folder move to “Retail”" in client.get(page).content.decode()
    assert len(paths()) == 3
    client.post(page)
    assert paths() == ["Retail", "Retail / Spring"]
    assert Campaign.objects.get().folder.name == "Retail"
    told = Event.objects.filter(verb="moved").order_by("pk").last()
    assert told.detail == {"was": "Retail / Spring", "now": "Retail"}


def test_a_folder_is_kept_where_its_folders_would_meet_one_of_their_name(db, operator):
    inner = at_path("Retail / Spring / Outlet", None).parent
    at_path("Retail / outlet", None)
    with pytest.raises(FolderRefused, match="another folder “Outlet” where this one would go"):
        remove(inner, operator)
    assert len(paths()) == 4


def test_the_pages_make_rename_and_refuse(client, db):
    response = client.post("/campaigns/folders/new/", {"name": "Retail", "folder": ""})
    retail = Folder.objects.get()
    assert response.url == f"/campaigns/?folder={retail.pk}"
    again = client.post("/campaigns/folders/new/", {"name": "retail", "folder": ""}).content.decode()
    assert "There is a folder “retail” here already" in again
    client.post(f"/campaigns/folders/{retail.pk}/", {"name": "Shops", "folder": ""})
    assert paths() == ["Shops"]
    gone = client.post("/campaigns/folders/new/", {"name": "Spring", "folder": "999"}).content.decode()
    assert "This folder was deleted. Choose another one." in gone


def test_the_list_shows_a_folder_with_all_below_it(client, campaign, draft, shown, marketer):
    outlet = at_path("Retail / Spring / Outlet", None)
    winter = save(draft(name="Winter Sale"), None, None, None)
    save(draft(name="Loose"), None, None, None)
    move([campaign], outlet, marketer)
    move([winter], outlet.parent.parent, marketer)
    retail = outlet.parent.parent
    assert set(shown(f"folder={retail.pk}")) == {"Spring Sale", "Winter Sale"}
    assert shown(f"folder={outlet.pk}") == ["Spring Sale"]
    assert shown(f"folder={retail.pk}&q=winter") == ["Winter Sale"]
    assert shown("folder=none") == ["Loose"]
    assert len(shown("folder=999")) == 3
    page = client.get("/campaigns/")
    assert page.context["shelf"].folders == [(retail, 2)]
    assert "in Retail / Spring / Outlet" in page.content.decode()


def test_filing_a_campaign_tells_from_where_to_where(client, campaign):
    spring = at_path("Retail / Spring", None)
    client.post(f"/campaigns/{campaign.pk}/filing/", {"labels": "", "folder": spring.pk})
    assert Campaign.objects.get().folder == spring
    assert Campaign.objects.get().version == campaign.version
    assert Event.objects.get(verb="moved").detail == {"was": "", "now": "Retail / Spring"}
    client.post(f"/campaigns/{campaign.pk}/filing/", {"labels": "", "folder": spring.pk})
    assert Event.objects.filter(verb="moved").count() == 1


def test_a_copy_stands_beside_its_original(client, campaign, marketer):
    move([campaign], at_path("Retail", None), marketer)
    client.post(f"/campaigns/{campaign.pk}/copy/", {})
    assert Campaign.objects.exclude(pk=campaign.pk).get().folder.name == "Retail"


def test_more_folders_cost_no_more_queries(client, campaign):
    def queries(query):
        with CaptureQueriesContext(connection) as captured:
            client.get(query)
        return len(captured)

    retail = at_path("Retail / Spring / Outlet", None).parent.parent
    queries("/campaigns/")
    before = queries("/campaigns/"), queries(f"/campaigns/?folder={retail.pk}")
    for number in range(12):
        at_path(f"Retail / Spring {number} / Outlet", None)
        at_path(f"Online {number} / Spring", None)
    assert (queries("/campaigns/"), queries(f"/campaigns/?folder={retail.pk}")) == before


def test_viewers_open_folders_and_change_none(client_of, viewer, campaign):
    retail = at_path("Retail", None)
    looking = client_of(viewer)
    text = looking.get(f"/campaigns/?folder={retail.pk}").content.decode()
    assert "No campaign is in here" in text
    assert "Rename or move this folder" not in text
    for page in ("new/", f"{retail.pk}/", f"{retail.pk}/delete/"):
        assert looking.post(f"/campaigns/folders/{page}", {"name": "Shops"}).status_code == 403
    assert paths() == ["Retail"]
