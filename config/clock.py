"""The one clock. Everything that asks for the time asks here, so that a test can set it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _source()


@contextmanager
def stopped_at(instant: datetime) -> Iterator[None]:
    """Every `now()` inside the block answers `instant`."""
    global _source
    before, _source = _source, lambda: instant
    try:
        yield
    finally:
        _source = before
