"""How long a lease is held, and how long a failed attempt waits for the next."""

import random
import time
from datetime import timedelta

import pytest

from campaigns.launches.building import build_launch
from campaigns.launches.deliver import deliver
from campaigns.launches.start import launch_campaign
from config import clock
from destinations.kind import DeliveryError

MOST_SECONDS = 20


def outlasts_two_leases(row, seconds):
    """Wait within a step until the lease was put off by two of its lengths; whether it was."""
    row.refresh_from_db()
    far = row.lease_until + timedelta(seconds=2 * seconds)
    deadline = time.monotonic() + MOST_SECONDS
    while row.lease_until < far and time.monotonic() < deadline:
        time.sleep(0.02)
        row.refresh_from_db()
    return row.lease_until >= far


@pytest.mark.django_db(transaction=True)
def test_sending_keeps_its_lease_however_long_the_far_side_takes(campaign, settings, monkeypatch):
    settings.LEASE_SECONDS = 0.6
    launch = launch_campaign(campaign, None)
    build_launch(launch.pk)
    file = launch.files.first()
    kept = []

    def send(*_):
        kept.append(outlasts_two_leases(file, settings.LEASE_SECONDS))
        raise DeliveryError("Too slow.")

    monkeypatch.setattr(type(file.destination.the_kind), "send", send)
    deliver(file.pk)
    assert kept == [True]
    file.refresh_from_db()
    assert (file.state, file.lease_until) == ("retrying", None)


@pytest.mark.django_db(transaction=True)
def test_building_keeps_its_lease_however_long_the_plan_takes(campaign, destination, settings, monkeypatch):
    settings.LEASE_SECONDS = 0.6
    launch = launch_campaign(campaign, None)
    kept = []

    def plan(*_):
        kept.append(outlasts_two_leases(launch, settings.LEASE_SECONDS))
        raise DeliveryError("Too slow.")

    monkeypatch.setattr(type(destination.the_kind), "plan", plan)
    build_launch(launch.pk)
    assert kept == [True]
    launch.refresh_from_db()
    assert (launch.state, launch.error, launch.lease_until) == ("failed", "Too slow.", None)


@pytest.mark.django_db
@pytest.mark.parametrize("drawn", [1.0, 0.4], ids=["longest", "shorter"])
def test_each_attempt_waits_for_a_random_part_of_twice_as_long(
    campaign, sandbox, settings, monkeypatch, drawn
):
    settings.RETRY_FIRST_SECONDS, settings.RETRY_LONGEST_SECONDS = 15, 100
    monkeypatch.setattr(random, "uniform", lambda low, high: low + (high - low) * drawn)
    sandbox.read_only = True
    launch = launch_campaign(campaign, None)
    build_launch(launch.pk)
    file, now, waits = launch.files.first(), clock.now(), []
    monkeypatch.setattr(clock, "now", lambda: now)
    for _ in range(5):
        deliver(file.pk)
        file.refresh_from_db()
        waits.append((file.next_attempt_at - now).total_seconds())
        now = file.next_attempt_at
    assert waits == pytest.approx([drawn * longest for longest in (15, 30, 60, 100, 100)])


@pytest.mark.django_db
def test_no_attempt_follows_at_once(campaign, sandbox, monkeypatch):
    monkeypatch.setattr(random, "uniform", lambda low, _high: low)
    sandbox.read_only = True
    launch = launch_campaign(campaign, None)
    build_launch(launch.pk)
    file, now = launch.files.first(), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    deliver(file.pk)
    file.refresh_from_db()
    assert file.next_attempt_at == now + timedelta(seconds=1)
