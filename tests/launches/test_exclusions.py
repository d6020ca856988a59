"""Who is left out of a launch, and where it is counted."""

from dataclasses import replace

import pytest

from campaigns.launches.summary import launch_summary
from campaigns.planning.counting import count
from campaigns.planning.draft import DraftSubAudience, draft_of, save
from campaigns.planning.models import Campaign
from campaigns.planning.world import look
from campaigns.segments.models import Segment

pytestmark = pytest.mark.django_db

# Of 30 in Chicago 15 opted out, and 10 are gold; 5 are both.
OPTED_OUT = {"attribute": "customer_360.email_opt_in", "is": False}


@pytest.fixture
def opted_out(segment, customer_database):
    """The suppression list of the customer database."""
    found = segment("Opted out", OPTED_OUT)
    customer_database.suppression = found
    customer_database.save()
    return found


def excluded(launch):
    return [(one.segment, one.customers) for one in launch_summary(launch).excluded]


def sent(uploads):
    lines = (line for path in uploads.iterdir() for line in path.read_text().splitlines())
    return {line.split(",")[0] for line in lines}


def test_the_suppression_list_is_left_out_and_counted_before_all_other_exclusions(
    opted_out, launched, uploads
):
    launch = launched()
    assert excluded(launch) == [("Opted out", 15), ("Gold", 5)]
    assert launch_summary(launch).audience == 10
    addresses = sent(uploads)
    assert addresses
    assert not addresses & {f"person{number}@example.com" for number in range(4, 61, 4)}


def test_the_suppression_list_comes_first_and_once_where_the_campaign_excludes_it_too(
    opted_out, campaign, launched
):
    gold = Segment.objects.get(name="Gold")
    excludes = Campaign.objects.get(pk=campaign.pk).excludes
    excludes.create(segment=opted_out, position=excludes.get(segment=gold).position + 1)
    assert excluded(launched()) == [("Opted out", 15), ("Gold", 5)]


@pytest.mark.parametrize("first_match_only", [True, False])
def test_the_editor_counts_what_the_launch_finds(
    opted_out, campaign, segment, launched, marketer, first_match_only
):
    """Two ways to say it, one for a first look and one for files: with equal answers."""
    silver = segment("Silver", {"attribute": "customer_360.loyalty_tier", "is": "silver"})
    draft = draft_of(campaign)
    groups = tuple(
        replace(group, id=None, name=f"Silver{group.name}") for group in draft.sub_audiences[-1].groups
    )
    first = DraftSubAudience("Silver", groups, segments=(silver.pk,))
    everybody = replace(
        draft,
        assign_to_first_match_only=first_match_only,
        sub_audiences=(first, *draft.sub_audiences),
    )
    draft = draft_of(save(everybody, campaign, None, None))
    seen = count(draft, look(draft, marketer))
    launch = launched()
    found = launch_summary(launch)
    assert (seen.considered, seen.audience, seen.no_sub_audience) == (
        found.considered,
        found.audience,
        found.no_sub_audience,
    )
    assert [(one.segment, one.customers) for one in seen.excluded] == [
        (one.segment, one.customers) for one in found.excluded
    ]
    assert list(seen.sub_audiences) == [one["customers"] for one in launch.counts["sub_audiences"]]
