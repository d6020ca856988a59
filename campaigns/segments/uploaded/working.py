"""Matching as a job: asked for by a person, done by a worker, and told on the row whatever becomes of it.

A worker holds the row by a lease that it renews. One that was killed lets it lapse: that is told, and the upload can be
matched again; it is not begun anew unasked, for what killed one worker may kill the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

from django.db import close_old_connections, transaction
from django.db.models import F

from campaigns.segments.uploaded.matching import Choice
from campaigns.segments.uploaded.models import KILLED, Matching, PendingUpload
from campaigns.segments.uploaded.reading import Found, check_length
from campaigns.segments.uploaded.refused import ListRefused
from campaigns.segments.uploaded.storing import EXPIRED, match_upload
from config import clock, leases
from config.jobs import enqueue
from config.leases import lease_until
from config.logs import log_unexpected

# Longer than a worker needs to begin, where one is free.
LONG_WAIT = timedelta(seconds=15)
UNEXPECTED = (
    "Matching stopped by an error in Muster itself ({name}). Ask an operator to look at the worker's log."
)


def ask(pending: PendingUpload, choice: Choice) -> None:
    """Have the upload matched by a worker; asked once more while one is under way, that goes on. Raises ListRefused."""
    check_length(Found.from_json(pending.found), header=choice.header)
    with transaction.atomic():
        row = PendingUpload.objects.select_for_update().filter(pk=pending.pk).first()
        if row is None:
            raise ListRefused(EXPIRED)
        if row.is_under_way:
            return
        row.state, row.wanted, row.error = Matching.WAITING, choice.to_json(), ""
        row.asked_at, row.lease_until, row.token = clock.now(), None, row.token + 1
        row.save(update_fields=["state", "wanted", "error", "asked_at", "lease_until", "token"])
        transaction.on_commit(lambda: wake(row))


def wake(row: PendingUpload) -> bool:
    """Ask a worker to look at the row; whether the job is new."""
    return enqueue(run_match, str(row.pk), f"{row._meta.model_name}-{row.pk}-{row.token}")


def run_match(pk: str) -> None:
    close_old_connections()
    work(pk)


def work(pk: str) -> None:
    """Match the upload, if it waits for that and nobody else does."""
    taken = PendingUpload.objects.filter(pk=pk, state=Matching.WAITING)
    if not taken.update(state=Matching.RUNNING, lease_until=lease_until(), token=F("token") + 1):
        return
    row = PendingUpload.objects.select_related("customer_database", "replaces").get(pk=pk)
    with _told(row), kept_alive(row):
        match_upload(row, Choice.from_json(row.wanted))


@contextmanager
def _told(row: PendingUpload) -> Iterator[None]:
    """The one place where matching fails: the reason is stored on the row in plain words."""
    try:
        yield
    except ListRefused as error:
        _fail(row, error.message)
    except Exception as error:  # noqa: BLE001 — the job's boundary: a person has to see that it failed
        log_unexpected(f"Matching upload {row.pk}", error)
        _fail(row, UNEXPECTED.format(name=type(error).__name__))


def _fail(row: PendingUpload, message: str) -> None:
    mine = PendingUpload.objects.filter(pk=row.pk, token=row.token, state=Matching.RUNNING)
    mine.update(state=Matching.FAILED, error=message[:1000], lease_until=None)


def kept_alive(row: PendingUpload) -> AbstractContextManager[None]:
    """Renew the lease while DuckDB works."""
    mine = PendingUpload.objects.filter(pk=row.pk, token=row.token, state=Matching.RUNNING)
    return leases.kept_alive(lambda: bool(mine.update(lease_until=lease_until())))


def look_after() -> int:
    """Tell of uploads whose worker was killed, and wake one for those that wait; how many jobs were new."""
    PendingUpload.objects.left_alone().update(
        state=Matching.FAILED, error=KILLED, lease_until=None, token=F("token") + 1
    )
    return sum(wake(row) for row in PendingUpload.objects.filter(state=Matching.WAITING).order_by("asked_at"))
