"""A launch under way, on the error output of a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import OperationalError
from django.db.models import Sum
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from campaigns.launches.models import Launch
from config.beside import repeated

LOOK_SECONDS = 0.5


@contextmanager
def shown(launch: Launch) -> Iterator[None]:
    """Draw how far it is until the block ends."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Waiting", total=None)
        try:
            with repeated(LOOK_SECONDS, lambda: _draw(launch.pk, progress, task)):
                yield
        finally:
            with suppress(OperationalError):
                _draw(launch.pk, progress, task)


def _draw(pk: int, progress: Progress, task: TaskID) -> bool:
    launch = Launch.objects.get(pk=pk)
    counted = launch.files.aggregate(size=Sum("size"), sent=Sum("sent_bytes"))
    progress.update(
        task,
        description=launch.stage or launch.get_state_display(),
        total=counted["size"] or None,
        completed=counted["sent"] or 0,
    )
    return True
