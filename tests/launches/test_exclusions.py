"""Who is left out of a launch, and where it is counted."""

import pytest

from campaigns.launches.summary import launch_summary
from campaigns.planning.models import Campaign
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
