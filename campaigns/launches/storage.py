"""Artefacts of launches: the only user of STORAGES["launches"], so that any worker on any host can go on.

Paths: `launches/<launch>/<token>/files/<n>.csv`, `launches/<launch>/<token>/recipients/<destination>.parquet` and
`history/<campaign>/<launch>.parquet`; the token is that of the build, so that one thought dead overwrites nothing.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.core.files import File
from django.core.files.storage import Storage, storages

if TYPE_CHECKING:
    from campaigns.launches.models import Launch


class ArtefactGone(Exception):
    """A stored file is missing, or no longer what was stored."""


def _storage() -> Storage:
    return storages["launches"]


def folder_of(launch: Launch) -> str:
    """Where the artefacts of a built launch lie; nobody takes its lease after building."""
    return f"launches/{launch.pk}/{launch.token}"


def recipients_path(launch: Launch, destination_id: int) -> str:
    return f"{folder_of(launch)}/recipients/{destination_id}.parquet"


def history_path(launch: Launch) -> str:
    return f"history/{launch.campaign_id}/{launch.pk}-{launch.token}.parquet"


def keep(local: Path, path: str) -> None:
    """Store a file under `path`; the local one may be gone afterwards."""
    storage = _storage()
    try:
        target = Path(storage.path(path))
    except NotImplementedError:
        with local.open("rb") as file:
            storage.save(path, File(file))
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    local.chmod(0o600)  # addresses and numbers: for Muster's own account alone
    shutil.move(local, target)


def open_stored(path: str) -> IO[bytes]:
    """A stored file to read; ArtefactGone where it is missing."""
    try:
        found: IO[bytes] = _storage().open(path)
    except FileNotFoundError as error:
        raise ArtefactGone(path) from error
    return found


@contextmanager
def fetch(path: str, sha256: str = "") -> Iterator[Path]:
    """A stored file on this machine, compared with `sha256` where it is given. Raises ArtefactGone."""
    with _local(path) as local:
        if sha256:
            with local.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    raise ArtefactGone(path)
        yield local


@contextmanager
def _local(path: str) -> Iterator[Path]:
    try:
        found = Path(_storage().path(path))
    except NotImplementedError:
        with open_stored(path) as stored, tempfile.NamedTemporaryFile(suffix=Path(path).suffix) as copy:
            shutil.copyfileobj(stored, copy)
            copy.flush()
            yield Path(copy.name)
        return
    if not found.exists():
        raise ArtefactGone(path)
    yield found
