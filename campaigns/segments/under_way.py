"""Counts under way in this process, by the page that asked: what it asks next stops what it asked before."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_running: dict[str, threading.Event] = {}


@contextmanager
def asked_by(page: str) -> Iterator[threading.Event]:
    """The event that is set when the answer is no longer wanted. `page`: made with the page, empty for none."""
    mine = threading.Event()
    with _lock:
        older = _running.pop(page, None)
        if page:
            _running[page] = mine
    if older is not None:
        older.set()
    try:
        yield mine
    finally:
        with _lock:
            if _running.get(page) is mine:
                del _running[page]


def stop(page: str) -> None:
    """What the page asked for is no longer wanted: its rules changed."""
    with _lock:
        found = _running.get(page)
    if found is not None:
        found.set()
