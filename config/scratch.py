"""Where a process keeps files for a while, and what becomes of them when it is killed.

Every process has a folder of its own below DATA_DIR/tmp, and holds the lock on the file beside it for as long as it
lives. Who gets such a lock knows that the owner is dead, and removes what it left: people's addresses may lie there.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from django.conf import settings

_LOCK = ".lock"
# {(process, folder of all): the open file that holds the lock, and its path}: a fork makes a folder of its own.
_held: dict[tuple[int, Path], tuple[int, Path]] = {}


def scratch_folder() -> Path:
    """This process's folder, made when it is first asked for."""
    place = (os.getpid(), _shared())
    if place not in _held or not _held[place][1].exists():
        _held[place] = _lock_new(place[1])
    folder = _held[place][1].with_suffix("")
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def remove_leftovers() -> None:
    """Everything below DATA_DIR/tmp whose owner is dead."""
    for path in _shared().glob(f"*{_LOCK}"):
        with suppress(FileNotFoundError), path.open("rb") as lock, suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path.with_suffix(""), ignore_errors=True)
            path.unlink(missing_ok=True)


def _shared() -> Path:
    return Path(settings.DATA_DIR) / "tmp"


def _lock_new(parent: Path) -> tuple[int, Path]:
    """Made and locked under a name that nobody looks at, so that it is never seen without its lock."""
    parent.mkdir(parents=True, exist_ok=True)
    name = uuid4().hex
    unseen = parent / f"{name}.new"
    lock = os.open(unseen, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock, unseen.rename(parent / f"{name}{_LOCK}")
