"""Finding what is due and held by nobody, and asking a worker for it. Safe to run many at once."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q

from campaigns.launches.building import BEFORE_BUILT, remove_abandoned
from campaigns.launches.deliver import TO_SEND
from campaigns.launches.jobs import wake
from campaigns.launches.models import FILE_UNFINISHED, Launch, LaunchFile, LaunchState, Leased, Preflight
from campaigns.launches.states import is_free, settle
from campaigns.segments.uploaded.storing import remove_expired
from campaigns.segments.uploaded.working import look_after
from config import clock
from config.scratch import remove_leftovers


def due() -> Iterator[Leased]:
    """Launches and pre-flights to build, files to send: those that fell due first come first."""
    ripe = is_free() & (Q(next_attempt_at=None) | Q(next_attempt_at__lte=clock.now()))
    yield from Launch.objects.filter(ripe, state__in=BEFORE_BUILT).order_by("pk")
    yield from LaunchFile.objects.filter(ripe, state__in=TO_SEND).order_by("pk")
    yield from Preflight.objects.filter(ripe, state__in=BEFORE_BUILT).order_by("pk")


def reconcile() -> int:
    """Wake workers for all that is due, and clear up after those that died; how many jobs were new."""
    for pk in ended_unnoticed():
        settle(pk)
    remove_abandoned()
    remove_expired()
    remove_leftovers()
    return look_after() + sum(wake(row) for row in due())


def ended_unnoticed() -> list[int]:
    """Launches whose last file has ended, and whose worker did not live to say so."""
    going = LaunchFile.objects.filter(launch=OuterRef("pk"), state__in=FILE_UNFINISHED)
    found = Launch.objects.filter(~Exists(going), state=LaunchState.SENDING)
    return list(found.values_list("pk", flat=True))
