"""Whether anybody works."""

from __future__ import annotations

import django_rq
from redis.exceptions import RedisError
from rq import Worker


def workers_running() -> int | None:
    """How many; None where Redis does not answer."""
    try:
        return int(Worker.count(connection=django_rq.get_connection()))
    except RedisError:
        return None
