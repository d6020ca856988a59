"""How long who works on a row holds it, and how it is held for longer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from django.conf import settings

from config import clock
from config.beside import repeated


def lease_until() -> datetime:
    """When a lease taken now ends."""
    return clock.now() + timedelta(seconds=settings.LEASE_SECONDS)


def kept_alive(renew: Callable[[], bool]) -> AbstractContextManager[None]:
    """Renew a lease, thrice in its time, beside a step that takes longer; `renew` says whether it is still held."""
    return repeated(settings.LEASE_SECONDS / 3, renew)
