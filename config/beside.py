"""A step that is repeated beside a block of work, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.db import OperationalError, connection


@contextmanager
def repeated(seconds: float, step: Callable[[], bool]) -> Iterator[None]:
    """Call `step` every so many seconds until the block ends, or it says that it need not go on."""
    done = threading.Event()

    def run() -> None:
        try:
            while not done.wait(seconds):
                with suppress(OperationalError):  # a busy database: the next call comes soon
                    if not step():
                        return
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
