"""What two people do to a segment at the same time: never is one used that is gone, and nothing is made twice."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import connection

from campaigns.customers.models import CustomerDatabase
from campaigns.customers.saving import DatabaseRefused, fields_of, save_customer_database
from campaigns.planning.draft import Draft as CampaignDraft
from campaigns.planning.draft import DraftGroup, DraftRefused, DraftSubAudience, save
from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
from campaigns.segments.plain import Draft, SegmentRefused
from campaigns.segments.saving import set_enabled, store
from config.audit.models import Event
from tests.meanwhile import meanwhile
from tests.segments.saved import CHICAGO

pytestmark = pytest.mark.django_db(transaction=True)
ARCHIVES = 'UPDATE "campaigns_segment" SET "archived_at"'
TAKES_ITS_TURN = "BEGIN" if connection.vendor == "sqlite" else "FOR UPDATE"
DISABLES = 'UPDATE "campaigns_segment" SET "disabled_at"'


def saves_a_segment(segment):
    rules = {"all": [{"segment": segment.pk}]}
    return store(Draft("Outer", segment.customer_database_id, rules), None, None, None)


def saves_a_campaign(segment):
    groups = (DraftGroup("Holdout", 100, is_control=True),)
    parts = (DraftSubAudience("Everybody", groups=groups),)
    draft = CampaignDraft("Spring", segment.customer_database_id, include=(segment.pk,), sub_audiences=parts)
    return save(draft, None, None, None)


def names_it_in_a_campaign_s_rules(segment):
    other = Segment.objects.create(
        customer_database=segment.customer_database, name="Other", rules=segment.rules
    )
    groups = (DraftGroup("Holdout", "100", is_control=True),)
    rules = {"version": 2, "rules": {"any": [{"segment": segment.pk}]}}
    parts = (DraftSubAudience("Part", groups=groups, rules=rules),)
    draft = CampaignDraft("Spring", segment.customer_database_id, include=(other.pk,), sub_audiences=parts)
    return save(draft, None, None, None)


def makes_it_the_suppression_list(segment):
    database = CustomerDatabase.objects.get()
    fields = replace(fields_of(database), suppression=segment)
    return save_customer_database(fields, database, None, database.version, connect=False)


@pytest.mark.parametrize(
    "use", [saves_a_segment, saves_a_campaign, names_it_in_a_campaign_s_rules, makes_it_the_suppression_list]
)
def test_one_that_is_being_deleted_is_used_by_nobody(client, make_segment, use):
    segment = make_segment()
    with meanwhile(ARCHIVES, lambda: use(segment)) as used:
        assert client.post(f"/segments/{segment.pk}/delete/").status_code == 302
    with pytest.raises((SegmentRefused, DraftRefused, DatabaseRefused)):
        used()
    assert not Segment.objects.active().filter(pk=segment.pk).exists()
    assert not Campaign.objects.exists()


def test_one_that_is_being_disabled_is_chosen_by_nobody(make_segment, marketer):
    segment = make_segment()
    with meanwhile(DISABLES, lambda: saves_a_segment(segment)) as saved:
        assert set_enabled(segment, marketer, is_enabled=False)
    with pytest.raises(SegmentRefused, match="is disabled"):
        saved()


def test_deleting_and_disabling_twice_are_recorded_once(client, make_segment, marketer):
    segment = make_segment()
    with meanwhile(DISABLES, lambda: set_enabled(segment, marketer, is_enabled=False)) as again:
        assert set_enabled(segment, marketer, is_enabled=False)
    assert again() is False
    with meanwhile(ARCHIVES, lambda: client.post(f"/segments/{segment.pk}/delete/")):
        client.post(f"/segments/{segment.pk}/delete/")
    assert Event.objects.filter(verb__in=["disabled", "deleted"]).count() == 2


def test_the_slower_of_two_equal_posts_gets_the_segment_that_the_quicker_made(database):
    token, draft = uuid4(), Draft("Chicago", database.pk, {"all": [CHICAGO]})
    with meanwhile(TAKES_ITS_TURN, lambda: store(draft, None, None, None, token)) as quicker:
        made = store(draft, None, None, None, token)
    assert quicker() == made
    assert Segment.objects.count() == 1
