"""Files that are kept through Django's storage API, so that any host can go on with what another made."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from django.core.files import File
from django.core.files.storage import storages

from config.scratch import scratch_folder


class ArtefactGone(Exception):
    """A stored file is missing, or no longer what was stored."""


def keep(storage: str, local: Path, path: str) -> None:
    """Store a file under `path` in STORAGES[`storage`]; the local one may be gone afterwards."""
    try:
        target = Path(storages[storage].path(path))
    except NotImplementedError:
        with local.open("rb") as file:
            storages[storage].save(path, File(file))
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    local.chmod(0o600)  # addresses and numbers: for Muster's own account alone
    shutil.move(local, target)


def open_kept(storage: str, path: str) -> IO[bytes]:
    """A stored file to read; ArtefactGone where it is missing."""
    try:
        found: IO[bytes] = storages[storage].open(path)
    except FileNotFoundError as error:
        raise ArtefactGone(path) from error
    return found


@contextmanager
def fetch(storage: str, path: str, sha256: str = "") -> Iterator[Path]:
    """A stored file on this machine, compared with `sha256` where it is given. Raises ArtefactGone."""
    with _local(storage, path) as local:
        if sha256 and sha256_of(local) != sha256:
            raise ArtefactGone(path)
        yield local


def closing_after(stack: ExitStack, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces; afterwards, or when the reader goes away, what they were made from is let go."""
    with stack:
        yield from pieces


def drop(storage: str, path: str) -> None:
    """Remove a stored file, where it is still there."""
    storages[storage].delete(path)


def sha256_of(local: Path) -> str:
    with local.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _local(storage: str, path: str) -> Iterator[Path]:
    try:
        found = Path(storages[storage].path(path))
    except NotImplementedError:
        with (
            open_kept(storage, path) as stored,
            tempfile.NamedTemporaryFile(suffix=Path(path).suffix, dir=scratch_folder()) as copy,
        ):
            shutil.copyfileobj(stored, copy)
            copy.flush()
            yield Path(copy.name)
        return
    if not found.exists():
        raise ArtefactGone(path)
    yield found
