"""Whether anybody works."""

from __future__ import annotations

from datetime import timedelta

import django_rq
from redis.exceptions import RedisError
from rq import Worker
from rq.utils import now

# A worker tells Redis at least every 45 seconds that it lives: one that was killed, or hangs, says nothing any more.
LONGEST_SILENCE = timedelta(seconds=90)


def workers_running() -> int | None:
    """How many; None where Redis does not answer."""
    try:
        # Not `Worker.count`: that counts the dead as well, until another worker starts.
        heard = [worker.last_heartbeat for worker in Worker.all(connection=django_rq.get_connection())]
    except RedisError:
        return None
    return sum(last is not None and last > now() - LONGEST_SILENCE for last in heard)
