"""A whole launch in this process: no Redis, no worker."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connections
from django.db.models import Q

from campaigns.launches.building import BEFORE_BUILT, build_launch
from campaigns.launches.deliver import TO_SEND, deliver
from campaigns.launches.jobs import nobody_woken
from campaigns.launches.models import LAUNCH_UNFINISHED, Launch, LaunchFile, Purpose
from campaigns.launches.states import is_free
from campaigns.planning.models import Campaign
from config import clock

LOOK_SECONDS = 0.5
# A file waits for the far side most of its time.
FILES_AT_ONCE = 4


def left_lying(campaign: Campaign) -> Launch | None:
    """The campaign's unfinished launch, where nobody works on it."""
    launch = campaign.launches.filter(purpose=Purpose.LAUNCH, state__in=LAUNCH_UNFINISHED).first()
    if launch is None:
        return None
    idle = Launch.objects.filter(is_free(), pk=launch.pk).exists()
    held = launch.files.exclude(is_free()).exists()
    return launch if idle and not held else None


def finish_here(launch: Launch) -> None:
    """Build and send, and wait for retries that fall due, until there is nothing left to do by itself."""
    with nobody_woken():
        while True:
            launch.refresh_from_db()
            if launch.state not in LAUNCH_UNFINISHED:
                return
            if launch.state in BEFORE_BUILT:
                build_launch(launch.pk)
            _deliver_all(_due(launch))
            launch.refresh_from_db()
            if launch.state in LAUNCH_UNFINISHED and not _due(launch):
                time.sleep(LOOK_SECONDS)


def _deliver_all(files: list[int]) -> None:
    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        # To the end of it, so that what one of them raises is raised here.
        list(pool.map(_deliver, files))


def _deliver(file: int) -> None:
    try:
        deliver(file)
    finally:
        connections.close_all()


def _due(launch: Launch) -> list[int]:
    ripe = Q(next_attempt_at=None) | Q(next_attempt_at__lte=clock.now() + timedelta(milliseconds=1))
    files = LaunchFile.objects.filter(is_free(), ripe, launch=launch, state__in=TO_SEND)
    return list(files.values_list("pk", flat=True))
