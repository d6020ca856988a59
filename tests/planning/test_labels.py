"""Labels of campaigns: what is one, where they are given, and what is found by them."""

from __future__ import annotations

import pytest

from campaigns.planning.draft import save
from campaigns.planning.filing.labels import LabelsRefused, labels_of, read_labels, set_labels
from campaigns.planning.models import Campaign
from config.audit.models import Event


@pytest.fixture
def client(client_of, marketer):
    return client_of(marketer)


@pytest.fixture
def campaign(draft, marketer):
    return save(draft(), None, marketer, None)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", []),
        (" , ", []),
        ("vip", ["vip"]),
        ("vip, spring  store-opening,\tB_2", ["vip", "spring", "store-opening", "B_2"]),
        ("vip,", ["vip"]),
    ],
)
def test_it_reads_what_commas_and_spaces_divide(typed, read):
    assert read_labels(typed) == read


@pytest.mark.parametrize("name", ["Spring_2027", "store-opening", "été", "7", "x" * 35])
def test_letters_digits_dashes_and_underscores_make_a_label(campaign, name):
    set_labels(campaign, [name], None)
    assert labels_of(campaign) == [name]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["50%"], "The label “50%” is not made of letters, digits, “-” and “_” alone. Write it so."),
        (["a b"], "is not made of letters"),
        ([""], "is not made of letters"),
        (["x" * 36], "has 36 characters. Use 35 at most."),
        ([f"label{n}" for n in range(11)], "A campaign has 10 labels at most; these are 11. Remove some."),
    ],
)
def test_it_refuses_what_is_no_label(campaign, names, sentence):
    set_labels(campaign, ["kept"], None)
    with pytest.raises(LabelsRefused) as refused:
        set_labels(campaign, names, None)
    assert sentence in refused.value.message
    assert labels_of(campaign) == ["kept"]


def test_ten_labels_are_taken_and_one_named_twice_counts_once(campaign):
    set_labels(campaign, [f"label{n}" for n in range(10)] + ["LABEL0"], None)
    assert labels_of(campaign) == [f"label{n}" for n in range(10)]


def test_a_label_keeps_the_letters_that_other_campaigns_write_it_in(campaign, draft):
    other = save(draft(name="Winter Sale"), None, None, None)
    set_labels(other, ["VIP"], None)
    set_labels(campaign, ["vip"], None)
    assert labels_of(campaign) == ["VIP"]
    set_labels(other, [], None)
    set_labels(campaign, ["vip"], None)
    assert labels_of(campaign) == ["vip"]


def test_the_page_gives_labels_and_leaves_the_version_alone(client, campaign, marketer):
    page = f"/campaigns/{campaign.pk}/filing/"
    response = client.post(page, {"labels": "vip spring"}, follow=True)
    assert "is filed" in response.content.decode()
    assert labels_of(campaign) == ["spring", "vip"]
    assert 'value="spring, vip"' in client.get(page).content.decode()
    assert Campaign.objects.get().version == campaign.version
    told = Event.objects.get(verb="labelled")
    assert (told.actor, told.detail) == (marketer, {"was": [], "now": ["spring", "vip"]})
    client.post(page, {"labels": "spring,vip"})
    assert Event.objects.filter(verb="labelled").count() == 1


def test_the_page_keeps_what_was_typed_wrong(client, campaign):
    text = client.post(f"/campaigns/{campaign.pk}/filing/", {"labels": "50% off"}).content.decode()
    assert "is not made of letters" in text
    assert "50% off" in text
    assert labels_of(campaign) == []


def test_the_list_shows_labels_and_finds_by_them(client, campaign, draft):
    save(draft(name="Winter Sale"), None, None, None)
    set_labels(campaign, ["vip", "spring"], None)
    response = client.get("/campaigns/?label=vip")
    assert [row.campaign.name for row in response.context["rows"]] == ["Spring Sale"]
    assert "/campaigns/?label=spring" in response.content.decode()
    assert "/campaigns/?label=spring" in client.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert len(client.get("/campaigns/?label=nobody").context["rows"]) == 2


def test_a_copy_has_the_labels_of_its_original(client, campaign):
    set_labels(campaign, ["vip"], None)
    client.post(f"/campaigns/{campaign.pk}/copy/", {})
    assert labels_of(Campaign.objects.exclude(pk=campaign.pk).get()) == ["vip"]


def test_viewers_see_labels_and_give_none(client_of, viewer, campaign):
    looking = client_of(viewer)
    assert "File it" not in looking.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert looking.post(f"/campaigns/{campaign.pk}/filing/", {"labels": "vip"}).status_code == 403
