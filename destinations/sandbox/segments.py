"""The lists that Attentive would have, by its documented rules, from the files in the sandbox's upload folder.

Attentive: {clientdomain}_subscriber_segment_{YYYYMMDD}_{file_number}.csv, no header, at most 500,000 rows, emails or
phones and never both; naming a segment that exists replaces its list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.core.cache import cache

from destinations.sandbox import account

NAME = re.compile(r"[A-Za-z0-9.-]+_subscriber_segment_\d{8}(_\d+)?\.csv")
MOST_ROWS = 500_000
SHOWN_ROWS = 3
KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Segment:
    name: str
    people: int
    identifier: str  # email or phone
    file: str
    taken_at: datetime
    first: tuple[str, ...]  # values, not masked


@dataclass(frozen=True)
class TakenFile:
    """A file in the upload folder; `problem` says why Attentive would not take it."""

    name: str
    at: datetime
    size: int
    rows: int
    segments: tuple[Segment, ...]
    problem: str = ""


@dataclass(frozen=True)
class HttpFile:
    name: str
    at: datetime
    size: int


def taken_files() -> list[TakenFile]:
    """The newest first. Hidden names are uploads under way."""
    return [_taken(path) for path in _by_age(account.uploads())]


def segments(files: Iterable[TakenFile]) -> list[Segment]:
    """The newest list of each name; `files` newest first."""
    found: dict[str, Segment] = {}
    for file in files:
        for segment in file.segments:
            found.setdefault(segment.name, segment)
    return sorted(found.values(), key=lambda segment: segment.name.casefold())


def http_files() -> list[HttpFile]:
    return [HttpFile(path.name, _at(path), path.stat().st_size) for path in _by_age(account.http_uploads())]


def _by_age(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    paths = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    return sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)


def _at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _taken(path: Path) -> TakenFile:
    stat = path.stat()
    key = f"sandbox:{path}:{stat.st_size}:{stat.st_mtime_ns}".replace(" ", "%20")
    known = cache.get(key)
    if not isinstance(known, TakenFile):
        known = _read(path)
        cache.set(key, known, KEPT_SECONDS)
    return known


def _read(path: Path) -> TakenFile:
    at, size = _at(path), path.stat().st_size

    def refused(problem: str) -> TakenFile:
        return TakenFile(path.name, at, size, 0, (), problem)

    if not NAME.fullmatch(path.name):
        return refused("The name is not {clientdomain}_subscriber_segment_{YYYYMMDD}_{number}.csv.")
    if not size:
        return refused("The file is empty.")
    rows = _rows(path)
    if rows is None:
        return refused("It is no CSV of two columns: identifier and segment name.")
    total = sum(row[2] for row in rows)
    if total > MOST_ROWS:
        return refused(f"It has {total:,} rows; Attentive takes {MOST_ROWS:,}.")
    kinds = {"email" if emails else "phone" if phones else "" for *_, emails, phones in rows}
    if "" in kinds or len(kinds) > 1:
        return refused("A file holds emails or phones in E.164, never both, and no header.")
    identifier = kinds.pop()
    found = tuple(
        Segment(name, people, identifier, path.name, at, tuple(first))
        for name, people, _, first, _, _ in rows
    )
    return TakenFile(path.name, at, size, total, found)


# segment, people, rows, first values, only emails, only phones
Row = tuple[str, int, int, list[str], bool, bool]


def _rows(path: Path) -> list[Row] | None:
    """One row per segment; None where the file cannot be read so."""
    import duckdb

    sql = """
        SELECT segment, count(DISTINCT person), count(*), min(person, $shown), bool_and(contains(person, '@')),
               bool_and(regexp_full_match(person, '[+][0-9]{6,15}'))
        FROM read_csv($path, header = false, delim = ',', quote = '"', all_varchar = true, auto_detect = false,
                      columns = {'person': 'VARCHAR', 'segment': 'VARCHAR'})
        GROUP BY segment ORDER BY segment
    """
    try:
        with duckdb.connect() as connection:
            found: list[Row] = connection.execute(sql, {"path": str(path), "shown": SHOWN_ROWS}).fetchall()
    except duckdb.Error:
        return None
    return None if any(row[0] is None or row[4] is None for row in found) else found
