"""A launch under way, on the error output of a terminal."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import OperationalError, connection
from django.db.models import Sum
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from campaigns.launches.models import Launch

LOOK_SECONDS = 0.5


@contextmanager
def shown(launch: Launch) -> Iterator[None]:
    """Draw how far it is until the block ends."""
    done = threading.Event()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Waiting", total=None)
        thread = threading.Thread(target=_follow, args=(launch.pk, progress, task, done), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def _follow(pk: int, progress: Progress, task: TaskID, done: threading.Event) -> None:
    try:
        while not done.wait(LOOK_SECONDS):
            with suppress(OperationalError):  # a busy database: the next look draws it
                _draw(pk, progress, task)
        with suppress(OperationalError):
            _draw(pk, progress, task)
    finally:
        connection.close()


def _draw(pk: int, progress: Progress, task: TaskID) -> None:
    launch = Launch.objects.get(pk=pk)
    counted = launch.files.aggregate(size=Sum("size"), sent=Sum("sent_bytes"))
    progress.update(
        task,
        description=launch.stage or launch.get_state_display(),
        total=counted["size"] or None,
        completed=counted["sent"] or 0,
    )
