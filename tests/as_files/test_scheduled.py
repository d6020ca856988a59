"""Schedules, grace and brakes in files: `scheduled: true` schedules, and never launches twice."""

from datetime import UTC, datetime, timedelta

import pytest
import yaml

from campaigns.as_files.difference import in_words
from campaigns.as_files.exporting import export
from campaigns.as_files.marks import FileProblem
from campaigns.launches.models import Launch
from campaigns.launches.runs.models import Run
from campaigns.launches.runs.ticking import tick
from campaigns.planning.models import Campaign
from config import clock
from config.audit.models import Event
from tests.as_files.conftest import CAMPAIGN, SEGMENTS

SCHEDULED = SEGMENTS + CAMPAIGN.replace("scheduled: false", "scheduled: true")
BEFORE, DUE = datetime(2027, 2, 1, tzinfo=UTC), datetime(2027, 3, 1, 15, tzinfo=UTC)
BRAKED = (
    SEGMENTS
    + CAMPAIGN
    + """
    grace: 90
    brakes: {smallest: 10, largest: 500, change: 25, data_age: 48, data_by: orders.ordered_at}
"""
)


def spring():
    return Campaign.objects.get(name="Spring Sale")


def in_file():
    return yaml.safe_load(export())["campaigns"][0]


def test_scheduled_true_schedules_and_export_says_so(apply, destination):
    with clock.stopped_at(BEFORE):
        apply(SCHEDULED)
    assert (spring().scheduled_at, spring().next_run_at) == (BEFORE, DUE)
    assert in_file()["scheduled"] is True


def test_the_same_file_again_changes_nothing_before_and_after_its_run(apply, destination):
    with clock.stopped_at(BEFORE):
        apply(SCHEDULED)
    events = Event.objects.count()
    with clock.stopped_at(BEFORE + timedelta(days=1)):
        assert in_words(apply(SCHEDULED).changes) == ["= 4 unchanged"]
    assert (spring().scheduled_at, Event.objects.count()) == (BEFORE, events)
    with clock.stopped_at(DUE):
        tick()
        assert in_words(apply(SCHEDULED).changes) == ["= 4 unchanged"]
        tick()
    assert (Run.objects.count(), Launch.objects.count()) == (1, 1)


def test_as_soon_as_possible_is_launched_once_by_the_same_file(
    apply, destination, django_capture_on_commit_callbacks
):
    text = SCHEDULED.replace("at: 2027-03-01T09:00", "asap: true")
    for _ in range(2):
        with clock.stopped_at(BEFORE), django_capture_on_commit_callbacks(execute=True):
            apply(text)
    assert Launch.objects.count() == 1


def test_an_edit_by_file_keeps_a_campaign_scheduled_and_false_takes_it_back(apply, destination):
    with clock.stopped_at(BEFORE):
        apply(SCHEDULED)
        apply("campaigns:\n  - name: Spring Sale\n    schedule: {daily: '10:00', time_zone: UTC}\n")
        assert spring().next_run_at == BEFORE + timedelta(hours=10)
        assert spring().is_scheduled
        apply("campaigns:\n  - name: Spring Sale\n    scheduled: false\n")
    assert not spring().is_scheduled
    assert in_file()["scheduled"] is False


def test_what_cannot_be_scheduled_is_an_error_at_its_line(apply, destination):
    with clock.stopped_at(DUE), pytest.raises(FileProblem, match="The schedule of “Spring Sale” is over"):
        apply(SCHEDULED)
    assert not Campaign.objects.exists()


def test_a_dry_run_schedules_nothing(apply, destination):
    with clock.stopped_at(BEFORE):
        apply(SCHEDULED, dry_run=True)
    assert not Campaign.objects.exists()


def test_grace_and_brakes_go_round(apply, destination):
    apply(BRAKED)
    assert (spring().grace, spring().brakes["data_by"]) == (90, "orders.ordered_at")
    written = in_file()
    assert written["brakes"] == {
        "smallest": 10, "largest": 500, "change": 25, "data_age": 48, "data_by": "orders.ordered_at"
    }  # fmt: skip
    again = apply(yaml.safe_dump({"campaigns": [written]}))
    assert in_words(again.changes) == ["= 1 unchanged"]
    apply("campaigns:\n  - name: Spring Sale\n    brakes: {}\n")
    assert spring().brakes == {}


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("grace: 90", "grace: 2", "grace: Say how late a run may start"),
        ("smallest: 10", "smallest: 1000", "brakes: The smallest audience is larger than the largest"),
        ("data_by: orders.ordered_at", "data_by: orders.amount", "orders.amount is no date or time"),
        (", data_by: orders.ordered_at", "", "Say both how old the customer data may be"),
        ("change: 25", "change: 1.5", "Write a whole number"),
    ],
)
def test_wrong_ones_are_told_where_they_stand(apply, destination, right, wrong, message):
    with pytest.raises(FileProblem, match=message):
        apply(BRAKED.replace(right, wrong))
