"""What lies below launches knows their states by name alone: the names are those that launches have."""

import pytest

from campaigns.launches.models import (
    FILE_UNFINISHED,
    LAUNCH_UNFINISHED,
    DeliveryState,
    Launch,
    LaunchState,
    Purpose,
)
from campaigns.planning.lists import row_of
from destinations.uses import UNFINISHED
from tests.launches.on_page import make_campaign


def test_a_destination_waits_for_every_file_that_has_no_end():
    assert set(UNFINISHED) == {*FILE_UNFINISHED, DeliveryState.UNKNOWN}


@pytest.mark.parametrize("state", LaunchState)
def test_each_state_of_a_launch_makes_a_status_of_its_campaign(customer_database, state):
    campaign = make_campaign(customer_database)
    Launch.objects.create(campaign=campaign, frozen={}, state=state)
    row = row_of(campaign)
    assert (row.status == "running") == (state in LAUNCH_UNFINISHED)
    assert (row.status == "draft") == (state == LaunchState.CANCELLED)
    assert row.launches == 1


def test_a_cancelled_launch_leaves_the_status_to_the_one_before(customer_database):
    campaign = make_campaign(customer_database)
    for state in (LaunchState.DELIVERED, LaunchState.CANCELLED):
        Launch.objects.create(campaign=campaign, frozen={}, state=state)
    assert row_of(campaign).status == "delivered"


@pytest.mark.parametrize("state", LaunchState)
def test_a_test_makes_no_status(customer_database, state):
    campaign = make_campaign(customer_database)
    Launch.objects.create(campaign=campaign, frozen={}, state=state, purpose=Purpose.TEST)
    row = row_of(campaign)
    assert (row.status, row.launches, row.can_be_deleted) == ("draft", 0, False)
