"""What stays in the platform after a launch."""

import pytest

from campaigns.launches.report import as_json
from campaigns.launches.summary import launch_summary
from campaigns.planning.models import TreatmentGroup

pytestmark = pytest.mark.django_db


def left(found):
    return [one.segment_name for one in found]


def test_an_older_launch_tells_what_stayed_after_itself_and_not_what_was_sent_since(campaign, launched):
    first = launched()
    TreatmentGroup.objects.filter(name="Offer").update(name="BetterOffer")
    second = launched()
    assert left(launch_summary(first).left_behind) == []
    assert as_json(first)["left_behind"] == []
    assert left(launch_summary(second).left_behind) == ["SpringSale_Offer"]
