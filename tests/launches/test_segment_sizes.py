"""A launch keeps how large each of its segments was, by the rules that it froze."""

from __future__ import annotations

import io

import pytest

from campaigns.customers.catalogue import read_catalogue
from campaigns.launches.here import finish_here
from campaigns.launches.jobs import nobody_woken
from campaigns.launches.models import Launch, LaunchState
from campaigns.launches.preflight import count, start_preflight
from campaigns.launches.start import launch_campaign, test_campaign
from campaigns.segments.models import Segment, SegmentSize
from campaigns.segments.plain import Draft
from campaigns.segments.saving import store
from campaigns.segments.uploaded.matching import Choice
from campaigns.segments.uploaded.models import MatchedBy
from campaigns.segments.uploaded.storing import keep_upload, match_upload, segment_from
from campaigns.segments.uploaded.storing import store as store_list
from tests.engines import in_postgres, in_sqlite


def sizes(launch):
    return {one.segment.name: (one.customers, one.everybody) for one in launch.segment_sizes.all()}


def test_every_segment_of_a_launch_is_counted_whoever_was_considered(launched):
    """Of Gold only those in Chicago are considered; the segment has 20 members."""
    launch = launched()
    assert launch.state == LaunchState.DELIVERED
    assert sizes(launch) == {"Chicago": (30, 60), "Gold": (20, 60)}
    one = launch.segment_sizes.first()
    assert one.counted_at.isoformat() == launch.frozen["now"]
    assert Segment.objects.get(name="Chicago").size is None, (
        "the list shows what was counted by today's rules"
    )


def test_each_launch_has_its_own(launched):
    assert launched().pk != launched().pk
    assert SegmentSize.objects.count() == 4


def test_a_segment_inside_another_counts_too(launched, chicago, segment):
    inner = segment("Silver", {"attribute": "customer_360.loyalty_tier", "is": "silver"})
    Segment.objects.filter(pk=chicago.pk).update(
        rules={"version": 2, "rules": {"all": [{"segment": inner.pk}]}}
    )
    assert sizes(launched()) == {"Chicago": (20, 60), "Silver": (20, 60), "Gold": (20, 60)}


def test_a_launch_uses_the_frozen_copy_of_a_segment(campaign, chicago, customer_database):
    """Edited after the launch was stored and before it is built."""
    with nobody_woken():
        launch = launch_campaign(campaign, None)
    rules = {"all": [{"attribute": "customer_360.customer_id", "is": "C02"}]}
    store(Draft("Only one", customer_database.pk, rules), chicago, None, None)
    finish_here(launch)
    launch = Launch.objects.get(pk=launch.pk)
    assert launch.counts["considered"] == 30
    assert launch.segment_sizes.get(segment=chicago).customers == 30
    with nobody_woken():
        again = launch_campaign(campaign, None)
    finish_here(again)
    assert Launch.objects.get(pk=again.pk).counts["considered"] == 1


@pytest.mark.parametrize("purpose", ["test", "preflight"])
def test_tests_and_preflights_keep_none(campaign, marketer, purpose):
    with nobody_woken():
        if purpose == "test":
            finish_here(test_campaign(campaign, marketer, 1, to_destination=False))
        else:
            count(start_preflight(campaign, marketer).pk)
    assert not SegmentSize.objects.exists()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, by which Ibis reads SQLite
@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_other_engines_count_them_themselves(launched, customer_database, tmp_path, engine, request):
    customer_database.url = (
        in_sqlite(tmp_path) if engine == "sqlite" else in_postgres(request.getfixturevalue("postgres"))
    )
    customer_database.catalogue = read_catalogue(customer_database).to_json()
    customer_database.save()
    assert sizes(launched()) == {"Chicago": (30, 60), "Gold": (20, 60)}


def test_an_uploaded_list_is_counted_too(launched, customer_database, marketer, chicago):
    kept = keep_upload(marketer, customer_database, io.BytesIO(b"C01\nC02\nC03\n"), "vip.csv")
    match_upload(kept, Choice(0, MatchedBy.KEY, False))
    named = segment_from(store_list(kept, "VIP", marketer), marketer)
    rules = {"version": 2, "rules": {"all": [{"segment": named.pk}]}}
    Segment.objects.filter(pk=chicago.pk).update(rules=rules)
    assert sizes(launched()) == {"Chicago": (3, 60), named.name: (3, 60), "Gold": (20, 60)}
