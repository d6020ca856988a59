"""A campaign that is edited while a launch of it runs: the launch goes on as it was frozen, and pages say so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.launches.here import finish_here
from campaigns.launches.jobs import nobody_woken
from campaigns.launches.models import Launch
from campaigns.launches.start import launch_campaign
from campaigns.planning.draft import draft_of, save
from campaigns.planning.models import TreatmentGroup

EDITED = "The campaign was edited since this launch was started"
UNDER_WAY = "what is saved here counts from the next launch"


@pytest.fixture
def started(campaign) -> Launch:
    with nobody_woken():
        return launch_campaign(campaign, None)


def edit(campaign, user):
    """Another name, and one group less."""
    draft = draft_of(campaign)
    rest = draft.sub_audiences[0]
    held, offer, reminder = rest.groups
    offer = replace(offer, name="Better", percent=offer.percent + reminder.percent)
    save(
        replace(draft, name="Summer Sale", sub_audiences=(replace(rest, groups=(held, offer)),)),
        campaign,
        user,
        draft_version(campaign),
    )


def draft_version(campaign):
    campaign.refresh_from_db()
    return campaign.version


@pytest.mark.parametrize("while_it", ["waits", "has been built"])
def test_the_launch_goes_on_with_what_was_frozen(campaign, started, marketer, uploads, while_it):
    if while_it == "has been built":
        from campaigns.launches.building import build_launch

        with nobody_woken():
            build_launch(started.pk)
    edit(campaign, marketer)
    finish_here(started)
    started.refresh_from_db()
    assert started.state == "delivered"
    names = {delivery.segment_name for delivery in started.deliveries.all()}
    assert names == {"SpringSale_Offer", "SpringSale_Reminder"}
    sent = "".join(path.read_text() for path in uploads.iterdir())
    assert "SpringSale_Reminder" in sent
    assert "Summer" not in sent


def test_the_edit_counts_from_the_next_launch(campaign, started, launched, marketer, uploads):
    edit(campaign, marketer)
    finish_here(started)
    campaign.refresh_from_db()
    second = launched()
    assert {delivery.segment_name for delivery in second.deliveries.all()} == {"SummerSale_Better"}
    assert TreatmentGroup.objects.get(name="Reminder").removed_at is not None
    held = {launch.pk: launch.groups.get(is_control=True).customers for launch in (started, second)}
    assert held[started.pk] == held[second.pk]


def test_the_page_of_the_launch_says_who_edited_and_ends_with_it(campaign, started, client_of, marketer):
    mara = client_of(marketer)
    assert EDITED not in mara.get(f"/launches/{started.pk}/").content.decode()
    edit(campaign, marketer)
    assert f"{EDITED}, by Mara." in mara.get(f"/launches/{started.pk}/").content.decode()
    finish_here(started)
    assert EDITED not in mara.get(f"/launches/{started.pk}/").content.decode()


def test_the_editor_says_that_a_launch_is_under_way(campaign, started, client_of, marketer):
    mara = client_of(marketer)
    text = mara.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert f"Launch {started.pk} is under way." in text
    assert UNDER_WAY in text
    finish_here(started)
    assert UNDER_WAY not in mara.get(f"/campaigns/{campaign.pk}/").content.decode()
