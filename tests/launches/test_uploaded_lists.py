"""Launches of segments that name uploaded lists."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.files.storage import storages

from campaigns.launches.building import build_launch
from campaigns.launches.here import finish_here
from campaigns.launches.jobs import nobody_woken
from campaigns.launches.start import launch_campaign
from campaigns.segments.models import Segment
from campaigns.segments.uploaded.deleting import delete
from campaigns.segments.uploaded.proposing import Proposal
from campaigns.segments.uploaded.storing import keep_upload, match_upload, segment_from, store
from config import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def vips(customer_database, marketer):
    """C01 … C06, by e-mail."""
    lines = "email\n" + "".join(f"person{number}@example.com\n" for number in range(1, 7))
    pending = keep_upload(marketer, customer_database, io.BytesIO(lines.encode()), "vips.csv")
    match_upload(pending, Proposal.from_json(pending.proposal).choice())
    return store(pending, "VIPs", marketer)


@pytest.fixture
def to_vips(campaign, vips, marketer):
    """The campaign, to the list instead of Chicago."""
    campaign.includes.all().delete()
    campaign.includes.create(segment=segment_from(vips, marketer), position=0)
    return campaign


def delivered(uploads):
    return sorted(line for path in uploads.iterdir() for line in path.read_text().splitlines())


def test_a_list_is_delivered_from_end_to_end(to_vips, launched, uploads):
    launch = launched()
    assert launch.state == "delivered"
    # C03 and C06 are gold, and so excluded.
    assert (launch.counts["considered"], launch.counts["audience"]) == (6, 4)
    sent = {line.split(",")[0] for line in delivered(uploads) if "@" in line}
    assert sent <= {f"person{number}@example.com" for number in (1, 2, 4, 5)}
    assert len(sent) == 4 - launch.counts["control"]


def test_a_launch_goes_on_with_a_list_that_was_deleted_meanwhile(to_vips, vips, marketer, uploads):
    with nobody_woken():
        launch = launch_campaign(to_vips, None)
    Segment.objects.filter(name="VIPs").update(archived_at=clock.now())
    delete(vips, marketer)
    finish_here(launch)
    launch.refresh_from_db()
    assert launch.state == "delivered"
    assert launch.counts["considered"] == 6


def test_a_list_that_is_not_what_was_stored_stops_the_launch(to_vips, vips, uploads):
    Path(storages["lists"].path(vips.keys_path)).write_bytes(b"PAR1")
    launch = launch_campaign(to_vips, None)
    build_launch(launch.pk)
    launch.refresh_from_db()
    assert launch.state == "failed"
    assert launch.error.startswith("The keys of the uploaded list “VIPs” are missing or were changed.")
    assert not list(uploads.iterdir())


def test_a_launch_of_the_past_keeps_the_keys(to_vips, vips, launched, marketer, uploads):
    launched()
    Segment.objects.filter(name="VIPs").update(rules={"version": 2, "rules": {"all": [{"segment": 1}]}})
    delete(vips, marketer)
    vips.refresh_from_db()
    assert storages["lists"].exists(vips.keys_path)
