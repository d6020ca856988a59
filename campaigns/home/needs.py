"""What would keep work from being done, as sentences that say what to do."""

from __future__ import annotations

from dataclasses import dataclass

import django_rq
from redis.exceptions import RedisError
from rq import Worker

from destinations.models import Destination


@dataclass(frozen=True)
class Need:
    title: str
    text: str
    severity: str  # bad or warn


def needs_you() -> list[Need]:
    """The weightiest first."""
    return [*_workers(), *_destinations()]


def _workers() -> list[Need]:
    try:
        count = Worker.count(connection=django_rq.get_connection())
    except RedisError:
        return [
            Need(
                "Redis does not answer",
                "A launch is stored and starts by itself when Redis is back. Ask an operator to start it.",
                "bad",
            )
        ]
    if count:
        return []
    return [
        Need(
            "No worker is running",
            "A launch is stored and starts by itself when a worker runs. Ask an operator to start one.",
            "bad",
        )
    ]


def _destinations() -> list[Need]:
    return [
        Need(destination.name, destination.needs_attention, "warn")
        for destination in Destination.objects.enabled().exclude(needs_attention="")
    ]
