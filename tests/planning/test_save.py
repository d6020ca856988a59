"""Storing a draft: ids stay, nobody's work is overwritten, what launches used is kept."""

from dataclasses import replace
from uuid import uuid4

import pytest

from campaigns.launches.models import Launch
from campaigns.planning.draft import (
    DraftRefused,
    DraftSubAudience,
    draft_of,
    save,
    validate,
)
from campaigns.planning.models import Campaign, TreatmentGroup
from config import clock
from config.audit.models import Event
from config.versions import EditedMeanwhile
from tests.meanwhile import meanwhile
from tests.planning.conftest import group


@pytest.fixture
def campaign(draft, marketer):
    return save(draft(), None, marketer, None)


def edited(campaign, **changes):
    return replace(draft_of(campaign), **changes)


def with_groups(campaign, *groups):
    stored = draft_of(campaign)
    return replace(stored, sub_audiences=(replace(stored.sub_audiences[0], groups=groups),))


def groups_of(campaign):
    return draft_of(campaign).sub_audiences[0].groups


def test_what_was_saved_is_read_back(draft, marketer):
    campaign = save(draft(schedule={"daily": "09:00"}, time_zone="America/Chicago"), None, marketer, None)
    read = draft_of(campaign)
    assert save(read, campaign, marketer, 1).version == 2
    assert draft_of(campaign) == read
    assert read.schedule == {"daily": "09:00"}


def test_a_draft_with_errors_is_not_stored(draft, marketer):
    with pytest.raises(DraftRefused, match="Include at least one segment"):
        save(draft(include=()), None, marketer, None)
    assert not Campaign.objects.exists()


def test_white_space_around_a_name_is_no_part_of_it(draft, marketer):
    assert save(draft(name="  Spring Sale "), None, marketer, None).name == "Spring Sale"


def test_a_renamed_and_moved_group_is_the_same_group(campaign, marketer):
    held, offer = groups_of(campaign)
    save(with_groups(campaign, replace(offer, name="Better"), held), campaign, marketer, 1)
    assert [(one.id, one.name) for one in groups_of(campaign)] == [(offer.id, "Better"), (held.id, "Holdout")]


def test_names_may_be_exchanged(campaign, marketer):
    held, offer = groups_of(campaign)
    save(
        with_groups(campaign, replace(held, name="GoldOffer"), replace(offer, name="Holdout")),
        campaign,
        marketer,
        1,
    )
    assert [one.name for one in groups_of(campaign)] == ["GoldOffer", "Holdout"]


def test_a_group_that_no_launch_knows_is_deleted(campaign, marketer, mail):
    save(with_groups(campaign, group("Everybody", "100.00", mail)), campaign, marketer, 1)
    assert TreatmentGroup.objects.count() == 1


def test_a_group_that_a_launch_may_have_used_is_marked(campaign, marketer, mail):
    launch = Launch.objects.create(campaign=campaign, frozen={})
    save(with_groups(campaign, group("Everybody", "100.00", mail)), campaign, marketer, 1)
    assert TreatmentGroup.objects.filter(removed_at=None).count() == 1
    assert TreatmentGroup.objects.exclude(removed_at=None).count() == 2
    assert campaign.live_sub_audiences().get().shares_since_launch == launch.pk


def test_changed_shares_count_from_the_last_launch(campaign, marketer):
    launch = Launch.objects.create(campaign=campaign, frozen={})
    held, offer = groups_of(campaign)
    save(with_groups(campaign, replace(held, name="Held"), offer), campaign, marketer, 1)
    assert campaign.live_sub_audiences().get().shares_since_launch == 0
    changed = replace(held, percent="20"), replace(offer, percent="80")
    save(with_groups(campaign, *changed), campaign, marketer, 2)
    assert campaign.live_sub_audiences().get().shares_since_launch == launch.pk


def test_a_flipped_control_counts_as_changed_shares(campaign, marketer):
    launch = Launch.objects.create(campaign=campaign, frozen={})
    held, offer = groups_of(campaign)
    save(with_groups(campaign, replace(held, is_control=False), offer), campaign, marketer, 1)
    assert campaign.live_sub_audiences().get().shares_since_launch == launch.pk


def test_a_removed_sub_audience_is_kept_for_its_history(campaign, marketer, mail, segments):
    Launch.objects.create(campaign=campaign, frozen={})
    gold = DraftSubAudience("Gold", (group("Offer", "100", mail),), segments=(segments[2].pk,))
    save(edited(campaign, sub_audiences=(gold,)), campaign, marketer, 1)
    assert [one.name for one in campaign.live_sub_audiences()] == ["Gold"]
    assert campaign.sub_audiences.count() == 2


def test_the_later_of_two_editors_is_told_and_nothing_is_overwritten(campaign, marketer, operator):
    mine, theirs = edited(campaign, name="Mine"), edited(campaign, name="Theirs")
    save(theirs, campaign, operator, 1)
    with pytest.raises(EditedMeanwhile, match="Otto saved “Theirs”"):
        save(mine, campaign, marketer, 1)
    campaign.refresh_from_db()
    assert (campaign.name, campaign.version) == ("Theirs", 2)


def test_a_form_posted_twice_creates_one_campaign(draft, marketer):
    token = uuid4()
    first = save(draft(), None, marketer, None, form_token=token)
    assert save(draft(), None, marketer, None, form_token=token) == first
    assert Campaign.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_slower_of_two_equal_posts_gets_what_the_quicker_made(draft, marketer):
    token, wanted = uuid4(), draft()
    with meanwhile("form_token", lambda: save(wanted, None, marketer, None, form_token=token)) as quicker:
        made = save(wanted, None, marketer, None, form_token=token)
    assert quicker() == made
    assert Campaign.objects.count() == 1


def test_a_destination_that_others_chose_stays(campaign, marketer, mail):
    mail.operators_only = True
    mail.save()
    save(edited(campaign, name="Renamed"), campaign, marketer, 1)
    assert groups_of(campaign)[1].destinations == (mail.pk,)


def test_what_others_chose_for_one_group_is_no_choice_for_another(campaign, marketer, mail):
    mail.operators_only = True
    mail.save()
    held, offer = groups_of(campaign)
    with pytest.raises(DraftRefused, match="may not send"):
        save(
            with_groups(campaign, replace(held, is_control=False, destinations=(mail.pk,)), offer),
            campaign,
            marketer,
            1,
        )


def test_a_disabled_destination_stays_with_a_warning_and_is_no_new_choice(campaign, marketer, mail, draft):
    mail.disabled_at = clock.now()
    mail.save()
    assert "is disabled" in validate(draft_of(campaign), marketer).warnings[0].message
    assert save(edited(campaign, name="Renamed"), campaign, marketer, 1)
    with pytest.raises(DraftRefused, match="is disabled"):
        save(draft(name="Another"), None, marketer, None)


def test_the_default_attribute_is_followed_until_another_is_chosen(campaign, marketer, mail, database):
    assert campaign.column_for(mail) == "merged_customers.email"
    assert not campaign.attributes.exists()
    save(edited(campaign, attributes={mail.pk: {"email": "customer_360.city"}}), campaign, marketer, 1)
    assert campaign.column_for(mail) == "customer_360.city"
    mail.default_attributes.all().delete()
    save(edited(campaign, attributes={mail.pk: {"email": "merged_customers.phone"}}), campaign, marketer, 2)
    campaign.attributes.all().delete()
    assert campaign.column_for(mail) is None


def test_every_save_is_in_the_audit(campaign, marketer):
    save(edited(campaign, name="Renamed"), campaign, marketer, 1)
    assert list(Event.objects.order_by("id").values_list("verb", "object_name")) == [
        ("created", "Spring Sale"),
        ("edited", "Renamed"),
    ]


def test_each_campaign_has_a_salt_of_its_own(draft, marketer, campaign):
    other = save(draft(name="Winter Sale"), None, marketer, None)
    assert other.salt != campaign.salt


def test_a_launched_campaign_keeps_its_customer_database(campaign, marketer, database):
    Launch.objects.create(campaign=campaign, frozen={})
    other = type(database).objects.create(name="Other", url="files:x", customer_key="id")
    with pytest.raises(DraftRefused, match="was launched"):
        save(edited(campaign, customer_database=other.pk), campaign, marketer, 1)
