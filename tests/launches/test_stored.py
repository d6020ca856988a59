"""What was stored is compared before it is used."""

from pathlib import Path

import pytest
from django.core.files.storage import storages

from campaigns.launches.building import build_launch
from campaigns.launches.deliver import deliver
from campaigns.launches.models import Launch
from campaigns.launches.start import launch_campaign
from campaigns.launches.storage import recipients_path

pytestmark = pytest.mark.django_db


def change(path):
    """As many bytes as before, the first of them another."""
    stored = Path(storages["launches"].path(path))
    was = stored.read_bytes()
    stored.write_bytes(bytes([was[0] ^ 1]) + was[1:])


def remove(path):
    Path(storages["launches"].path(path)).unlink()


@pytest.mark.parametrize("harm", [change, remove])
def test_a_file_that_is_not_what_was_stored_is_not_sent(campaign, uploads, harm):
    launch = launch_campaign(campaign, None)
    build_launch(launch.pk)
    file = launch.files.first()
    harm(file.path)
    deliver(file.pk)
    file.refresh_from_db()
    assert file.state == "failed"
    assert file.error.startswith("The stored file is missing or was changed")
    assert not list(uploads.iterdir())


@pytest.mark.parametrize("harm", [change, remove])
def test_a_history_that_is_not_what_was_stored_stops_the_next_launch(launched, uploads, harm):
    harm(launched().history_path)
    arrived = sorted(uploads.iterdir())
    second = launched()
    assert second.state == "failed"
    assert second.error.startswith("The assignment history of this campaign is missing or was changed")
    assert sorted(uploads.iterdir()) == arrived
    assert Launch.objects.get(pk=second.pk).history_path == ""


@pytest.mark.parametrize("harm", [change, remove])
def test_recipients_that_are_not_what_was_stored_are_not_shown(launched, uploads, client_of, marketer, harm):
    launch = launched()
    to = launch.deliveries.first().destination_id
    harm(recipients_path(launch, to))
    answer = client_of(marketer).get(f"/launches/{launch.pk}/recipients/{to}/", follow=True)
    assert "This list is no longer stored, or was changed since." in answer.content.decode()
