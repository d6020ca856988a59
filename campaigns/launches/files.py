"""The files of a destination, as its kind plans them: rows of a section ordered by value, each file written once.

An Arrow column of lines is the file itself: its buffer is hashed and written as it comes, and never read again.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import RawIOBase
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from campaigns.customers.normalise import quoted
from campaigns.launches.built import BuiltFile, BuiltSection
from campaigns.launches.shares import bucket_of
from campaigns.launches.workshop import Workshop, clear_errors, scan
from destinations.kind import FileSpec, Section

if TYPE_CHECKING:
    import pyarrow

BATCH_ROWS = 100_000
BUCKET_BITS = 12
FIRST_VALUES = 2


@dataclass(frozen=True)
class Written:
    files: list[BuiltFile]
    first_values: dict[int, list[str]]  # of each group, for a look at what arrives


@dataclass(frozen=True)
class Line:
    """One section as it will be written."""

    number: int  # its place among all sections of the destination
    section: Section
    rows: int


def write_files(
    workshop: Workshop,
    destination_id: int,
    recipients: Path,
    specs: Sequence[FileSpec],
    rows: Mapping[int, int],
) -> Written:
    """Write what `specs` name from the sent rows of `recipients`; `rows` are the groups' sizes. No file is empty."""
    sections = [section for spec in specs for section in spec.sections]
    lines = [
        Line(number, section, part_size(rows[section.group_id], section))
        for number, section in enumerate(sections)
    ]
    cutter = _Cutter(workshop.batches(_ordered_sql(workshop, recipients, lines), BATCH_ROWS))
    written: list[BuiltFile] = []
    number = 0
    for spec in specs:
        own = lines[number : number + len(spec.sections)]
        number += len(spec.sections)
        if any(line.rows for line in own):
            path = workshop.folder / "files" / f"{destination_id}-{len(written) + 1}.csv"
            written.append(_write(path, destination_id, spec, own, cutter))
    cutter.end()
    return Written(written, _first_values(workshop, recipients))


def part_size(rows: int, section: Section) -> int:
    """Parts are of equal size, ± 1; the first ones are the larger."""
    whole, more = divmod(rows, section.parts)
    return whole + (1 if section.part <= more else 0)


def _ordered_sql(workshop: Workshop, recipients: Path, lines: Sequence[Line]) -> str:
    """The lines of all files, in the order in which they are written."""
    sent = f"(FROM {scan(recipients)} WHERE outcome = 'sent')"
    number = _section_sql(workshop, sent, lines)
    ends = ", ".join(quoted("," + csv_field(line.section.segment_name) + "\n") for line in lines)
    numbered = f"SELECT value, {number} AS number FROM {sent}"
    # The line after the sort, which then moves less.
    return (
        f"SELECT value || ([{ends}]::VARCHAR[])[number + 1] AS line FROM"
        f" (SELECT value, number FROM ({numbered}) WHERE number IS NOT NULL ORDER BY number, value)"
    )


def _section_sql(workshop: Workshop, sent: str, lines: Sequence[Line]) -> str:
    """Which section a row belongs to: by its group and, where a group is in parts, by its `cut`."""
    borders = _borders(workshop, sent, lines)
    cases = []
    for line in sorted(lines, key=lambda line: line.section.part):
        group, part = line.section.group_id, line.section.part
        upper = borders.get((group, part))
        below = f" AND cut < {upper}::UBIGINT" if upper else ""
        cases.append(f"WHEN group_id = {group}{below} THEN {line.number}")
    return f"CASE {' '.join(cases)} END" if cases else "NULL"


def _borders(workshop: Workshop, sent: str, lines: Sequence[Line]) -> dict[tuple[int, int], int]:
    """{(group, part): the cut with which the next part begins}, where the next part has anybody."""
    ranks = _ranks(lines)
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


def _ranks(lines: Sequence[Line]) -> dict[tuple[int, int], int]:
    """{(group, part): how many rows come before the next part}."""
    ranks: dict[tuple[int, int], int] = {}
    before: defaultdict[int, int] = defaultdict(int)
    rows: defaultdict[int, int] = defaultdict(int)
    for line in lines:
        rows[line.section.group_id] += line.rows
    for line in sorted(lines, key=lambda line: line.section.part):
        group = line.section.group_id
        before[group] += line.rows
        if before[group] < rows[group]:
            ranks[group, line.section.part] = before[group]
    return ranks


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


def column_bytes(column: Any, start: int, count: int) -> memoryview:
    """The bytes of `count` texts of an Arrow column, one after the other, without a copy."""
    _, offsets, data = column.buffers()
    places = memoryview(offsets).cast("i")
    return memoryview(data)[places[column.offset + start] : places[column.offset + start + count]]


def _write(
    path: Path, destination_id: int, spec: FileSpec, lines: Sequence[Line], cutter: _Cutter
) -> BuiltFile:
    digest, size = hashlib.sha256(), 0
    path.parent.mkdir(parents=True, exist_ok=True)
    header = ",".join(csv_field(name) for name in spec.header) + "\n" if spec.header else ""
    pieces = chain([memoryview(header.encode())], *(cutter.take(line.rows) for line in lines))
    with clear_errors(path.parent), path.open("wb", buffering=0) as file:
        for piece in pieces:
            digest.update(piece)
            size += _write_all(file, piece)
    return BuiltFile(
        destination_id=destination_id,
        sections=tuple(_built(line) for line in lines if line.rows),
        header=spec.header,
        path=path,
        rows=sum(line.rows for line in lines),
        size=size,
        sha256=digest.hexdigest(),
    )


def _write_all(file: RawIOBase, piece: memoryview) -> int:
    done = 0
    while done < len(piece):
        done += file.write(piece[done:]) or 0
    return done


def _built(line: Line) -> BuiltSection:
    section = line.section
    return BuiltSection(section.group_id, section.segment_name, section.part, section.parts, line.rows)


def csv_field(text: str) -> str:
    """Quoted only where needed."""
    if any(character in text for character in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _first_values(workshop: Workshop, recipients: Path) -> dict[int, list[str]]:
    found = workshop.rows(
        f"SELECT group_id, min(value, {FIRST_VALUES}) FROM {scan(recipients)} WHERE outcome = 'sent'"
        " GROUP BY group_id"
    )
    return dict(found)
