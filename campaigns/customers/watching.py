"""The end of a question from outside: it is interrupted once its time is over, whatever the engine does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WATCH_SECONDS = 0.05


@contextmanager
def watched(
    interrupt: Callable[[], None], seconds: float, stop: threading.Event | None = None
) -> Iterator[None]:
    """Calls `interrupt` when the block takes longer, or goes on after `stop` is set.

    Again and again: an interrupt between two queries stops neither.
    """
    done = threading.Event()
    end = time.monotonic() + seconds

    def watch() -> None:
        while not done.wait(WATCH_SECONDS):
            if time.monotonic() >= end or (stop is not None and stop.is_set()):
                interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
