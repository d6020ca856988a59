"""Asking a worker for a job. The queue only wakes: what is to be done stands in the database (docs/adr/0001)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

logger = logging.getLogger(__name__)


def enqueue(door: Callable[..., None], pk: int | str, job_id: str) -> bool:
    """One waiting job for each id; whether it is new. Without Redis nothing is lost: the reconciler asks again."""
    import django_rq
    from redis.exceptions import RedisError
    from rq.exceptions import DuplicateJobError

    queue: Any = django_rq.get_queue(commit_mode="auto")
    try:
        queue.enqueue(door, pk, job_id=job_id, unique=True, result_ttl=0, failure_ttl=3600)
    except DuplicateJobError:
        return False
    except RedisError as error:
        logger.warning("Redis does not answer (%s); the reconciler asks again.", type(error).__name__)
        return False
    return True
