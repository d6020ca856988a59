"""Past which change the delivery summary warns, in files."""

import pytest
import yaml

from campaigns.as_files.difference import in_words
from campaigns.as_files.exporting import export
from campaigns.as_files.marks import FileProblem
from campaigns.planning.models import Campaign
from config import clock
from tests.as_files.conftest import CAMPAIGN, SEGMENTS
from tests.as_files.test_scheduled import BEFORE, SCHEDULED

WARNED = "campaigns:\n  - name: Spring Sale\n    warn_past_change: 40\n"


def test_it_goes_round_and_is_25_where_no_file_says(apply, destination):
    apply(SEGMENTS + CAMPAIGN)
    assert Campaign.objects.get().warn_past_change == 25
    apply(WARNED)
    assert Campaign.objects.get().warn_past_change == 40
    (written,) = yaml.safe_load(export())["campaigns"]
    assert written["warn_past_change"] == 40
    again = apply(yaml.safe_dump({"campaigns": [written]}))
    assert in_words(again.changes) == ["= 1 unchanged"]
    apply("campaigns:\n  - name: Spring Sale\n    launch_date: 2027-03-02T09:00\n")
    assert Campaign.objects.get().warn_past_change == 40


def test_a_scheduled_campaign_takes_another_number_and_goes_on_as_it_was(apply, destination):
    with clock.stopped_at(BEFORE):
        apply(SCHEDULED)
    apply(WARNED)
    assert (Campaign.objects.get().warn_past_change, Campaign.objects.get().scheduled_at) == (40, BEFORE)


@pytest.mark.parametrize("wrong", ["1001", "0", "2.5", "many"])
def test_another_number_is_refused(apply, destination, wrong):
    apply(SEGMENTS + CAMPAIGN)
    with pytest.raises(FileProblem, match="warn_past_change"):
        apply(WARNED.replace("40", wrong))
    assert Campaign.objects.get().warn_past_change == 25
