"""Whether a table that had one row for a customer when its catalogue was read still has; one look for each change."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache

from campaigns.customers.catalogue import Catalogue, Table
from campaigns.customers.reading import several_since

if TYPE_CHECKING:
    from campaigns.customers.connection import Connection
    from campaigns.customers.models import CustomerDatabase

# A server does not tell whether anything changed; files do.
SERVER_SECONDS, FILES_SECONDS = 300, 24 * 3600


def doubled(connection: Connection, database: CustomerDatabase, catalogue: Catalogue, known: Table) -> str:
    """The sentence a launch gives where a customer has several rows by now; else empty."""
    state = _state_of_files(database.url)
    key = _cache_key(database, known, state)
    found = cache.get(key)
    if found is None:
        found = several_since(connection, catalogue, known)
        cache.set(key, found, FILES_SECONDS if state else SERVER_SECONDS)
    return str(found)


def _cache_key(database: CustomerDatabase, known: Table, state: str) -> str:
    told = [database.pk, database.url, str(database.catalogue_read_at), known.name, known.key, state]
    return f"single:{hashlib.sha256(repr(told).encode()).hexdigest()}"


def _state_of_files(url: str) -> str:
    """Other after every change; empty where there are no files. Not by the time of writing, which a copy keeps."""
    scheme, _, rest = url.partition(":")
    if scheme.lower() not in ("files", "duckdb", "sqlite"):
        return ""
    parts = urlsplit(url)
    place = Path(settings.BASE_DIR) / (rest if scheme.lower() == "files" else parts.netloc + parts.path)
    try:
        paths = sorted(place.iterdir()) if place.is_dir() else [place, Path(f"{place}-wal")]
        found = [(path.name, path.stat()) for path in paths if path.is_file()]
    except OSError:
        return ""
    return repr([(name, stat.st_ino, stat.st_size, stat.st_ctime_ns) for name, stat in found])
