"""Jobs are doors: they load by id and call one function. The queue only wakes workers (docs/adr/0001)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import django_rq
from django.db import close_old_connections
from redis.exceptions import RedisError
from rq.exceptions import DuplicateJobError

from campaigns.launches.models import Launch, LaunchFile, Leased, Preflight

logger = logging.getLogger(__name__)


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
    """Ask a worker to look at the row. Without Redis nothing is lost: the reconciler asks again."""
    if _here.get():
        return False
    # One waiting job for each token: a killed worker's job stands in nobody's way.
    job_id = f"{row._meta.model_name}-{row.pk}-{row.token}"
    try:
        django_rq.get_queue(commit_mode="auto").enqueue(
            _DOORS[type(row)], row.pk, job_id=job_id, unique=True, result_ttl=0, failure_ttl=3600
        )
    except DuplicateJobError:
        return False
    except RedisError as error:
        logger.warning("Redis does not answer (%s); the reconciler asks again.", type(error).__name__)
        return False
    return True
