"""Two clocks at once, for real: threads in this process, and processes that are killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection, connections

from campaigns.launches.models import Launch
from campaigns.launches.runs.models import Run
from campaigns.launches.runs.scheduling import schedule
from campaigns.launches.runs.ticking import tick
from campaigns.planning.copying import copy
from campaigns.planning.models import Campaign
from config import clock
from tests.launches.runs.conftest import DAILY, NINE

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[3]
CLOCKS = 4
SECONDS = 90


def several(campaign: Campaign, marketer: Any, number: int) -> list[Campaign]:
    return [campaign, *(copy(campaign, marketer, None)[0] for _ in range(number - 1))]


def test_clocks_at_the_same_moment_launch_each_run_once(scheduled, campaign, marketer):
    campaigns = several(campaign, marketer, 3)
    Campaign.objects.update(schedule=DAILY)
    with clock.stopped_at(NINE - timedelta(hours=1)):
        for one in campaigns:
            schedule(one, None)
    together = threading.Barrier(CLOCKS)
    errors: list[BaseException] = []

    def look():
        try:
            together.wait()
            tick()
            tick()
        except BaseException as error:  # noqa: BLE001 — told by the test
            errors.append(error)
        finally:
            connections.close_all()

    with clock.stopped_at(NINE):
        threads = [threading.Thread(target=look) for _ in range(CLOCKS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert errors == []
    assert Counter(run.state for run in Run.objects.all()) == {"launched": 3}
    assert sorted(Launch.objects.values_list("campaign", flat=True)) == sorted(one.pk for one in campaigns)


def database_url() -> str:
    """Of the test's own database, for other processes."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{found['NAME']}").geturl()


def a_clock(tmp_path: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
        "RECONCILE_SECONDS": "0.05",
        "MUSTER_DATA": str(tmp_path / "data"),
        "REDIS_URL": f"unix://{tmp_path}/nobody.sock",
    }
    return subprocess.Popen([sys.executable, "manage.py", "reconcile"], cwd=ROOT, env=environment)


def wait_for(true) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_clocks_that_are_killed_and_restarted_launch_each_run_once(campaign, marketer, tmp_path):
    campaigns = several(campaign, marketer, 12)
    now = clock.now().replace(second=0, microsecond=0)
    due = now - timedelta(minutes=1)
    Campaign.objects.update(schedule={"daily": f"{due:%H:%M}"})
    with clock.stopped_at(due - timedelta(minutes=5)):
        for one in campaigns:
            schedule(one, None)
    clocks = [a_clock(tmp_path), a_clock(tmp_path)]
    try:
        for number in range(3):
            # In the middle of its work: each time somewhere else.
            wait_for(lambda so_many=number * 3: Launch.objects.count() > so_many)
            clocks[0].kill()
            clocks[0].wait()
            clocks = [*clocks[1:], a_clock(tmp_path)]
        wait_for(lambda: Run.objects.filter(state="launched").count() == len(campaigns))
    finally:
        for one in clocks:
            one.kill()
            one.wait()
    assert Run.objects.count() == Launch.objects.count() == len(campaigns)
    assert set(Launch.objects.values_list("campaign", flat=True)) == {one.pk for one in campaigns}
