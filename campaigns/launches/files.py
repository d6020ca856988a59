"""The files of a destination, as its kind plans them: rows of a section ordered by value, each file written once.

An Arrow column of lines is the file itself: its buffer is hashed and written as it comes, and never read again.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import RawIOBase
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from campaigns.customers.normalise import quoted
from campaigns.launches.built import BuiltFile
from campaigns.launches.shares import bucket_of
from campaigns.launches.workshop import Workshop, clear_errors, scan
from config.own_duckdb import column_bytes
from destinations.kind import FileSpec, Section

if TYPE_CHECKING:
    import pyarrow

BATCH_ROWS = 100_000
HIGHEST_CUT = 2**64 - 1
BUCKET_BITS = 12
FIRST_VALUES = 2
# Sorted rows come out of the engine by one thread.
STREAMS = 2


@dataclass(frozen=True)
class _Place:
    """Where a section's rows are: those of its group with a `cut` from `first` to `last`."""

    section: Section
    first: int
    last: int


@dataclass(frozen=True)
class _Stretch:
    """Files that are written one after the other, from rows that are sorted together."""

    specs: Sequence[FileSpec]
    file: int  # the number of the first, from 1
    places: Sequence[_Place]  # of all their sections


def write_files(
    workshop: Workshop,
    destination_id: int,
    recipients: Path,
    specs: Sequence[FileSpec],
    rows: Mapping[int, int],
) -> list[BuiltFile]:
    """Write what `specs` name from the sent rows of `recipients`; `rows` are the groups' sizes."""
    sections = [section for spec in specs for section in spec.sections]
    _refuse_a_gap(sections, rows)
    sent = f"(FROM {scan(recipients)} WHERE outcome = 'sent')"
    stretches = _stretches(specs, _places(sections, _borders(workshop, sent, sections)))
    with ThreadPoolExecutor(STREAMS) as pool:
        written = pool.map(
            lambda stretch: _write_stretch(workshop.beside(), destination_id, sent, stretch), stretches
        )
        return [file for files in written for file in files]


def _stretches(specs: Sequence[FileSpec], places: Sequence[_Place]) -> Iterator[_Stretch]:
    """At most STREAMS, with as many files each."""
    begun = 0
    size = -(-len(specs) // STREAMS)
    for first in range(0, len(specs), size or 1):
        own = specs[first : first + size]
        sections = sum(len(spec.sections) for spec in own)
        yield _Stretch(own, first + 1, places[begun : begun + sections])
        begun += sections


def _write_stretch(workshop: Workshop, destination_id: int, sent: str, stretch: _Stretch) -> list[BuiltFile]:
    cutter = _Cutter(workshop.batches(_ordered_sql(sent, stretch.places), BATCH_ROWS))
    written = [
        _write(workshop.folder / "files" / f"{destination_id}-{number}.csv", destination_id, spec, cutter)
        for number, spec in enumerate(stretch.specs, stretch.file)
    ]
    cutter.end()
    return written


def _refuse_a_gap(sections: Sequence[Section], rows: Mapping[int, int]) -> None:
    """A plan that leaves people out would shrink their segment without a word."""
    planned: defaultdict[int, int] = defaultdict(int)
    for section in sections:
        planned[section.group_id] += section.rows
    wanted = {group: count for group, count in rows.items() if count}
    if planned != wanted:
        raise AssertionError(f"the plan has {dict(planned)} rows, the groups have {wanted}")


def _ordered_sql(sent: str, places: Sequence[_Place]) -> str:
    """The lines of these sections, one section after the other."""
    ends = ", ".join(quoted("," + csv_field(place.section.segment_name) + "\n") for place in places)
    ranges = ", ".join(
        f"({place.section.group_id}, {place.first}::UBIGINT, {place.last}::UBIGINT, {number})"
        for number, place in enumerate(places, 1)
    )
    # The line after the sort, which then moves less.
    return (
        f"SELECT value || ([{ends}]::VARCHAR[])[number] AS line FROM (SELECT value, number FROM {sent} AS row"
        f" JOIN (VALUES {ranges}) AS place(group_id, first, last, number) ON place.group_id = row.group_id"
        " AND row.cut BETWEEN place.first AND place.last ORDER BY number, value)"
    )


def _places(sections: Sequence[Section], borders: Mapping[tuple[int, int], int]) -> list[_Place]:
    return [
        _Place(
            section,
            borders.get((section.group_id, section.part - 1), 0),
            borders.get((section.group_id, section.part), HIGHEST_CUT + 1) - 1,
        )
        for section in sections
    ]


def _borders(workshop: Workshop, sent: str, sections: Sequence[Section]) -> dict[tuple[int, int], int]:
    """{(group, part): the cut with which the next part begins}, where there is a next part."""
    ranks = _ranks(sections)
    if not ranks:
        return {}
    groups = ", ".join(sorted({str(group) for group, _ in ranks}))
    rows = f"(SELECT group_id, cut, cut >> {64 - BUCKET_BITS} AS bucket FROM {sent} WHERE group_id IN ({groups}))"
    buckets: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for group, bucket, count in workshop.rows(f"SELECT group_id, bucket, count(*) FROM {rows} GROUP BY ALL"):
        buckets[group][bucket] = count
    found = {place: bucket_of(buckets[place[0]], rank) for place, rank in ranks.items()}
    wanted = ", ".join(sorted({f"({group}, {bucket})" for (group, _), (bucket, _) in found.items()}))
    cuts = {
        (group, bucket): listed
        for group, bucket, listed in workshop.rows(
            f"SELECT group_id, bucket, list_sort(list(cut)) FROM {rows}"
            f" WHERE (group_id, bucket) IN ({wanted}) GROUP BY ALL"
        )
    }
    return {place: cuts[place[0], bucket][offset] for place, (bucket, offset) in found.items()}


def _ranks(sections: Sequence[Section]) -> dict[tuple[int, int], int]:
    """{(group, part): how many rows come before the next part}."""
    rows: defaultdict[int, int] = defaultdict(int)
    ends: dict[tuple[int, int], int] = {}
    for section in sorted(sections, key=lambda section: section.part):
        rows[section.group_id] += section.rows
        ends[section.group_id, section.part] = rows[section.group_id]
    return {place: end for place, end in ends.items() if end < rows[place[0]]}


class _Cutter:
    """Cuts a stream of lines where sections end."""

    def __init__(self, batches: Iterator[pyarrow.RecordBatch]) -> None:
        self._batches = batches
        self._column: Any = None
        self._next = 0

    def take(self, rows: int) -> Iterator[memoryview]:
        """The bytes of the next `rows` lines, in pieces."""
        while rows:
            if self._column is None or self._next == len(self._column):
                self._column, self._next = next(self._batches).column(0), 0
            count = min(rows, len(self._column) - self._next)
            yield column_bytes(self._column, self._next, count)
            self._next += count
            rows -= count

    def end(self) -> None:
        if next(self._batches, None) is not None:
            raise AssertionError("more rows than the plan has")


def _write(path: Path, destination_id: int, spec: FileSpec, cutter: _Cutter) -> BuiltFile:
    digest, size = hashlib.sha256(), 0
    path.parent.mkdir(parents=True, exist_ok=True)
    header = ",".join(csv_field(name) for name in spec.header) + "\n" if spec.header else ""
    pieces = chain([memoryview(header.encode())], *(cutter.take(section.rows) for section in spec.sections))
    with clear_errors(path.parent), path.open("wb", buffering=0) as file:
        for piece in pieces:
            digest.update(piece)
            size += _write_all(file, piece)
    return BuiltFile(
        destination_id=destination_id,
        sections=spec.sections,
        header=spec.header,
        path=path,
        rows=sum(section.rows for section in spec.sections),
        size=size,
        sha256=digest.hexdigest(),
    )


def _write_all(file: RawIOBase, piece: memoryview) -> int:
    done = 0
    while done < len(piece):
        done += file.write(piece[done:]) or 0
    return done


def csv_field(text: str) -> str:
    """Quoted only where needed."""
    if any(character in text for character in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def first_values(workshop: Workshop, recipients: Path) -> dict[int, list[str]]:
    """Of each group, for a look at what arrives."""
    found = workshop.rows(
        f"SELECT group_id, min(value, {FIRST_VALUES}) FROM {scan(recipients)} WHERE outcome = 'sent'"
        " GROUP BY group_id"
    )
    return dict(found)
