"""Artefacts of launches: the only user of STORAGES["launches"], so that any worker on any host can go on.

Paths: `launches/<launch>/<token>/files/<n>.csv`, `launches/<launch>/<token>/recipients/<destination>.parquet`,
`launches/<launch>/<token>/people/<name>.parquet` and `history/<campaign>/<launch>.parquet`; the token is that of the
build, so that one thought dead overwrites nothing.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from config import artefacts
from config.artefacts import ArtefactGone as ArtefactGone

if TYPE_CHECKING:
    from campaigns.launches.models import Launch

STORAGE = "launches"


def folder_of(launch: Launch) -> str:
    """Where the artefacts of a built launch lie; nobody takes its lease after building."""
    return f"launches/{launch.pk}/{launch.token}"


def recipients_path(launch: Launch, destination_id: int) -> str:
    return f"{folder_of(launch)}/recipients/{destination_id}.parquet"


def people_path(launch: Launch, name: str) -> str:
    return f"{folder_of(launch)}/people/{name}.parquet"


def history_path(launch: Launch) -> str:
    return f"history/{launch.campaign_id}/{launch.pk}-{launch.token}.parquet"


def keep(local: Path, path: str) -> None:
    """Store a file under `path`; the local one may be gone afterwards."""
    artefacts.keep(STORAGE, local, path)


def open_stored(path: str) -> IO[bytes]:
    """A stored file to read; ArtefactGone where it is missing."""
    return artefacts.open_kept(STORAGE, path)


def fetch(path: str, sha256: str = "") -> AbstractContextManager[Path]:
    """A stored file on this machine, compared with `sha256` where it is given. Raises ArtefactGone."""
    return artefacts.fetch(STORAGE, path, sha256)
