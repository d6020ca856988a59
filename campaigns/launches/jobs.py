"""Jobs are doors: they load by id and call one function. The queue only wakes workers (docs/adr/0001)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import close_old_connections

from campaigns.launches.models import Launch, LaunchFile, Leased, Preflight
from config.jobs import enqueue


def run_launch(pk: int) -> None:
    from campaigns.launches.building import build_launch

    close_old_connections()
    build_launch(pk)


def run_file(pk: int) -> None:
    from campaigns.launches.deliver import deliver

    close_old_connections()
    deliver(pk)


def run_preflight(pk: int) -> None:
    from campaigns.launches.preflight import count

    close_old_connections()
    count(pk)


_DOORS = {Launch: run_launch, LaunchFile: run_file, Preflight: run_preflight}


_here: ContextVar[bool] = ContextVar("here", default=False)


@contextmanager
def nobody_woken() -> Iterator[None]:
    """For who does the work in this very process."""
    mark = _here.set(True)
    try:
        yield
    finally:
        _here.reset(mark)


def wake(row: Leased) -> bool:
    """Ask a worker to look at the row."""
    if _here.get():
        return False
    # One waiting job for each token: a killed worker's job stands in nobody's way.
    return enqueue(_DOORS[type(row)], row.pk, f"{row._meta.model_name}-{row.pk}-{row.token}")
