"""The lists that Attentive would have, by its documented rules, from the files in the sandbox's upload folder.

Attentive: {clientdomain}_subscriber_segment_{YYYYMMDD}_{file_number}.csv, no header, at most 500,000 rows, emails or
phones and never both; naming a segment that exists replaces its list.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.core.cache import cache

from destinations.sandbox import account

NAME = re.compile(r"[A-Za-z0-9.-]+_subscriber_segment_(?P<day>\d{8})(_\d+)?\.csv")
EMAIL, PHONE = r"[^@\s]+@[^@\s]+", r"[+][1-9][0-9]{5,14}"
PERSON = re.compile(f"{EMAIL}|{PHONE}")
HEADERS = ("email,segment_name", "phone,segment_name")
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
    """A file that arrived; `problem` says why the far side would not take it."""

    name: str
    at: datetime
    size: int
    rows: int
    segments: tuple[Segment, ...]
    problem: str = ""


def taken_files() -> list[TakenFile]:
    """What is in the upload folder, the newest first. Hidden names are uploads under way."""
    return [_known(path, _read_sftp) for path in _by_age(account.uploads())]


def http_files() -> list[TakenFile]:
    """What came over HTTPS, the newest first."""
    return [_known(path, _read_http) for path in _by_age(account.http_uploads())]


def segments(files: Iterable[TakenFile]) -> list[Segment]:
    """The newest list of each name; `files` newest first."""
    found: dict[str, Segment] = {}
    for file in files:
        for segment in file.segments:
            found.setdefault(segment.name, segment)
    return sorted(found.values(), key=lambda segment: segment.name.casefold())


def _by_age(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    paths = [path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file()]
    return sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)


def _known(path: Path, read: Callable[[Path], TakenFile]) -> TakenFile:
    """Read once: a file that arrived does not change."""
    stat = path.stat()
    key = f"sandbox:{path}:{stat.st_size}:{stat.st_mtime_ns}".replace(" ", "%20")
    known = cache.get(key)
    if not isinstance(known, TakenFile):
        known = read(path)
        cache.set(key, known, KEPT_SECONDS)
    return known


# Reading --------------------------------------------------------------------------------------------------


class _Refused(Exception):
    """Why a file is not taken in, as a sentence."""


def _read_sftp(path: Path) -> TakenFile:
    try:
        _refuse_name(path.name)
        rows = _rows(path, header="")
        total = sum(row.rows for row in rows)
        if total > MOST_ROWS:
            raise _Refused(f"It has {total:,} rows; Attentive takes {MOST_ROWS:,}.")
        return _taken(path, rows, _identifier(rows))
    except _Refused as refused:
        return _taken(path, [], "", str(refused))


def _read_http(path: Path) -> TakenFile:
    try:
        header = _first_line(path)
        if header not in HEADERS:
            raise _Refused(f"Its first line is none of {' and '.join(HEADERS)}.")
        rows = _rows(path, header=header)
        identifier = _identifier(rows)
        if header != f"{identifier},segment_name":
            raise _Refused(f"It holds {identifier}s under another header: {header}.")
        return _taken(path, rows, identifier)
    except _Refused as refused:
        return _taken(path, [], "", str(refused))


def _taken(path: Path, rows: list[_Row], identifier: str, problem: str = "") -> TakenFile:
    stat = path.stat()
    at = datetime.fromtimestamp(stat.st_mtime, UTC)
    found = tuple(Segment(row.segment, row.people, identifier, path.name, at, row.first) for row in rows)
    return TakenFile(path.name, at, stat.st_size, sum(row.rows for row in rows), found, problem)


def _refuse_name(name: str) -> None:
    found = NAME.fullmatch(name)
    try:
        if found is None:
            raise ValueError
        datetime.strptime(found["day"], "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        raise _Refused("The name is not {clientdomain}_subscriber_segment_{YYYYMMDD}_{number}.csv.") from None


def _identifier(rows: list[_Row]) -> str:
    """What the whole file identifies people by."""
    emails, phones = sum(row.emails for row in rows), sum(row.phones for row in rows)
    neither = sum(row.rows for row in rows) - emails - phones
    if neither:
        raise _Refused(f"Rows that hold neither an email nor a phone such as +12025550142: {neither:,}.")
    if emails and phones:
        raise _Refused(f"It holds {emails:,} emails and {phones:,} phones; a file holds one of them.")
    return "email" if emails else "phone"


@dataclass(frozen=True)
class _Row:
    """One segment of a file."""

    segment: str
    people: int
    rows: int
    emails: int
    phones: int
    first: tuple[str, ...]


def _first_line(path: Path) -> str:
    with path.open("rb") as file:
        line = file.readline(1000)
    if not line:
        raise _Refused("The file is empty.")
    if line.startswith(BOM_UTF8):
        raise _Refused("It begins with a byte order mark; UTF-8 goes without one.")
    return line.decode("utf-8", "replace").rstrip("\r\n")


def _rows(path: Path, *, header: str) -> list[_Row]:
    """The lists of a file with this header; without one, its first row has to be a person."""
    import duckdb

    first = _first_line(path).partition(",")[0]
    if not header and not PERSON.fullmatch(first.strip('"')):
        raise _Refused("Row 1 is a header or holds nobody: the data starts at row 1.")
    sql = """
        SELECT segment, count(DISTINCT person), count(*),
               count(*) FILTER (regexp_full_match(person, $email)),
               count(*) FILTER (regexp_full_match(person, $phone)), min(person, $shown)
        FROM read_csv($path, header = $header, delim = ',', quote = '"', all_varchar = true, auto_detect = false,
                      columns = {'person': 'VARCHAR', 'segment': 'VARCHAR'})
        GROUP BY segment ORDER BY segment
    """
    values = {
        "path": str(path),
        "header": bool(header),
        "shown": SHOWN_ROWS,
        "email": EMAIL,
        "phone": PHONE,
    }
    try:
        with duckdb.connect() as connection:
            found = connection.execute(sql, values).fetchall()
    except duckdb.Error:
        raise _Refused("It is no CSV of two columns: identifier and segment name.") from None
    if not found:
        raise _Refused("The file is empty.")
    if any(row[0] is None or row[5] is None for row in found):
        raise _Refused("A row lacks its identifier or its segment name.")
    return [
        _Row(segment, people, rows, emails, phones, tuple(first_rows))
        for segment, people, rows, emails, phones, first_rows in found
    ]
