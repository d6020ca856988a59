"""Who changed what in a campaign, when, what it was and what it is: from pages and files alike."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.planning.draft import draft_of, save
from campaigns.planning.filing.folders import at_path, move
from campaigns.planning.filing.labels import set_labels
from campaigns.planning.history.models import CampaignVersion
from campaigns.planning.history.telling import UNSEEN, events_of, told
from campaigns.planning.models import Campaign
from campaigns.planning.warning import warn_past
from config.audit.models import Event
from tests.planning.conftest import control, group, rest

GOLD = {"version": 2, "rules": {"all": [{"attribute": "merged_customers.email", "is": "gold@example.com"}]}}
SILVER = {"version": 2, "rules": {"all": [{"attribute": "merged_customers.email", "is": "ag@example.com"}]}}


@pytest.fixture
def campaign(draft, marketer):
    return save(draft(), None, marketer, None)


def lines(campaign, user):
    """Of the latest event: (kind, words, was, inside)."""
    (latest,) = told(campaign, list(events_of(campaign)[:1]), user)
    return [(one.kind, one.words, one.was, one.inside) for one in latest.changes]


def edit(campaign, user, **changes):
    return save(replace(draft_of(campaign), **changes), campaign, user, None)


def edit_groups(campaign, user, change):
    (item,) = draft_of(campaign).sub_audiences
    return edit(campaign, user, sub_audiences=(replace(item, groups=change(item.groups)),))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"name": "Summer Sale"}, ("changed", "Name: Summer Sale", "Spring Sale", "")),
        (
            {"launch_date": "2027-03-02T09:00"},
            ("changed", "Launch date: 2027-03-02T09:00", "none", ""),
        ),
        ({"assign_to_first_match_only": False}, ("changed", "Assign to first match only: no", "yes", "")),
        (
            {"schedule": {"daily": "09:00"}},
            ("changed", "Schedule: every day at 09:00, UTC", "none", ""),
        ),
        (
            {"brakes": {"smallest": 1000}},
            ("changed", "Brakes: audience of at least 1,000", "none", ""),
        ),
        ({"grace": 5}, ("changed", "Grace in minutes: 5", "60", "")),
    ],
)
def test_each_setting_says_what_it_was_and_is(campaign, marketer, changes, line):
    was = campaign.grace
    edit(campaign, marketer, **changes)
    kind, words, before, inside = line
    expected = (kind, words, str(was) if "grace" in changes else before, inside)
    assert lines(campaign, marketer) == [expected]


def test_segments_come_go_and_change_places(campaign, segments, marketer):
    edit(campaign, marketer, include=(segments[2].pk, segments[0].pk), exclude=())
    assert lines(campaign, marketer) == [
        ("added", "“Gold members”", "", "Include"),
        ("removed", "“Unsubscribed”", "", "Exclude"),
    ]
    edit(campaign, marketer, include=(segments[0].pk, segments[2].pk))
    assert lines(campaign, marketer) == [("moved", "The same in another order", "", "Include")]


def test_groups_are_known_by_id_so_a_rename_is_a_rename(campaign, mail, marketer):
    def change(groups):
        kept, offer = groups
        return (
            replace(kept, percent=Decimal("20.00")),
            replace(offer, name="Offer", percent=Decimal("50.00")),
            group("Reminder", "30.00", mail),
        )

    edit_groups(campaign, marketer, change)
    rest_name = "All remaining recipients"
    assert lines(campaign, marketer) == [
        ("changed", "Percentage: 20.00 %", "10.00 %", f"{rest_name} › Holdout"),
        ("changed", "Group: Offer", "GoldOffer", rest_name),
        ("changed", "Percentage: 50.00 %", "90.00 %", f"{rest_name} › Offer"),
        ("added", "Group “Reminder”, 30.00 %, to Mail", "", rest_name),
    ]
    edit_groups(campaign, marketer, lambda groups: (replace(groups[0], percent=Decimal("100.00")),))
    assert ("removed", "Group “Reminder”, 30.00 %, to Mail", "", rest_name) in lines(campaign, marketer)


def test_sub_audiences_come_move_and_go(campaign, segments, mail, marketer):
    (last,) = draft_of(campaign).sub_audiences
    gold = replace(rest(group("A", "100.00", mail)), name="Gold", rules=GOLD)
    some = replace(rest(group("B", "100.00", mail)), name="Some", segments=(segments[2].pk,))
    edit(campaign, marketer, sub_audiences=(gold, some, last))
    assert lines(campaign, marketer) == [
        ("added", "Sub-audience “Gold”", "", ""),
        ("added", "Group “A”, 100.00 %, to Mail", "", "Gold"),
        ("added", "Sub-audience “Some”", "", ""),
        ("added", "Group “B”, 100.00 %, to Mail", "", "Some"),
    ]
    gold, some, last = draft_of(campaign).sub_audiences
    edit(campaign, marketer, sub_audiences=(some, replace(gold, rules=SILVER), last))
    changed, moved = lines(campaign, marketer)
    assert (changed[0], changed[3]) == ("changed", "Gold")
    assert "ag@example.com" in changed[1]
    assert "gold@example.com" in changed[2]
    assert moved == ("moved", "Sub-audiences: Some, Gold, All remaining recipients", "", "")
    edit(campaign, marketer, sub_audiences=(some, last))
    assert lines(campaign, marketer) == [("removed", "Sub-audience “Gold”", "", "")]


def test_values_are_masked_for_who_may_not_see_them(campaign, mail, marketer, viewer):
    (last,) = draft_of(campaign).sub_audiences
    gold = replace(rest(group("A", "100.00", mail)), name="Gold", rules=GOLD)
    edit(campaign, marketer, sub_audiences=(gold, last))
    gold, last = draft_of(campaign).sub_audiences
    edit(campaign, marketer, sub_audiences=(replace(gold, rules=SILVER), last))
    viewer.sees_personal_data = False
    (changed,) = lines(campaign, viewer)
    assert "ag@example.com" not in changed[1]
    assert "gold@example.com" not in changed[2]
    assert changed[1] != changed[2]


def test_a_destination_of_operators_is_named_to_them_alone(campaign, text, marketer, operator):
    text.operators_only = True
    text.save()
    edit_groups(campaign, operator, lambda groups: (groups[0], replace(groups[1], destinations=(text.pk,))))
    assert ("added", "Text") in [line[:2] for line in lines(campaign, operator)]
    assert ("added", UNSEEN) in [line[:2] for line in lines(campaign, marketer)]


def test_the_change_that_is_warned_past_is_told_with_what_was(campaign, marketer):
    warn_past(campaign, 40, marketer)
    assert lines(campaign, marketer) == [("changed", "Warn past a change of: 40 %", "25 %", "")]


def test_folders_labels_and_ends_are_told_with_what_was(campaign, client_of, marketer):
    move([campaign], at_path("Retail", None), marketer)
    assert lines(campaign, marketer) == [("changed", "Folder: Retail", "none", "")]
    set_labels(campaign, ["vip"], marketer)
    set_labels(campaign, ["spring"], marketer)
    assert lines(campaign, marketer) == [
        ("added", "Label “spring”", "", ""),
        ("removed", "Label “vip”", "", ""),
    ]
    client = client_of(marketer)
    client.post(f"/campaigns/{campaign.pk}/archive/")
    client.post(f"/campaigns/{campaign.pk}/restore/")
    text = client.get(f"/campaigns/{campaign.pk}/history/").content.decode()
    for words in ("Restored", "Archived", "Labelled", "Moved", "Created, version 1", "by Mara", "was: none"):
        assert words in text


def test_a_campaign_from_before_is_kept_as_it_was_at_its_next_save(campaign, marketer):
    CampaignVersion.objects.all().delete()
    edit(campaign, marketer, name="Summer Sale")
    assert lines(campaign, marketer) == [("changed", "Name: Summer Sale", "Spring Sale", "")]


def test_a_refused_save_keeps_nothing(campaign, draft, marketer):
    with pytest.raises(Exception, match="name"):
        save(draft(name=""), campaign, marketer, None)
    with pytest.raises(Exception, match="saved"):
        save(draft(name="Summer Sale"), campaign, marketer, 99)
    assert CampaignVersion.objects.count() == 1
    assert Event.objects.count() == 1


def test_more_saves_cost_no_more_queries(campaign, client_of, viewer, marketer):
    client = client_of(viewer)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/campaigns/{campaign.pk}/history/").status_code == 200
        return len(captured)

    edit(campaign, marketer, name="Summer Sale")
    queries()
    few = queries()
    for number in range(15):
        edit(campaign, marketer, name=f"Sale {number}")
        move([campaign], at_path(f"Folder {number}", None), marketer)
        campaign.refresh_from_db()
    assert queries() <= few + 1  # the pager counts once there is a second page
    assert len(events_of(campaign)) == 32


def test_a_deleted_campaign_takes_its_versions_along(campaign, client_of, marketer):
    client_of(marketer).post(f"/campaigns/{campaign.pk}/delete/")
    assert not CampaignVersion.objects.exists()
    assert not Campaign.objects.exists()
    assert Event.objects.filter(verb="deleted").exists()


def test_a_control_group_is_told_as_such(campaign, mail, marketer):
    edit_groups(
        campaign,
        marketer,
        lambda groups: (
            groups[0],
            replace(groups[1], percent=Decimal("80.00")),
            control("Held back", "10.00"),
        ),
    )
    assert ("added", "Group “Held back”, 10.00 %, control") in [
        line[:2] for line in lines(campaign, marketer)
    ]
