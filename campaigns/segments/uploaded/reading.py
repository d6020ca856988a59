"""An uploaded CSV file to Parquet: every value as text, columns c0, c1 …, rows in their order, the first included.

pyarrow reads it in blocks; no row passes through Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO

from campaigns.segments.uploaded.decoding import EMPTY, LONGEST_LINE, convert
from campaigns.segments.uploaded.looks import (
    HEAD_CHARACTERS,
    has_header,
    in_words,
    rows_of,
    said_separator,
    separator_of,
)
from campaigns.segments.uploaded.quotes import check_quotes
from campaigns.segments.uploaded.refused import ListRefused

if TYPE_CHECKING:
    import pyarrow

MOST_LINES = 1_000_000
MOST_COLUMNS = 500
# A row has to fit a block: quoted values may hold several lines.
_BLOCK_BYTES = 16 * LONGEST_LINE


@dataclass(frozen=True)
class Found:
    """How a file was read. `first`: its first row, which names the columns if it is a header."""

    encoding: str
    separator: str
    first: tuple[str, ...]
    lines: int  # with the first
    has_header: bool
    says_separator: bool = False  # by a line such as `sep=;`, which is none of the rows

    @property
    def separator_in_words(self) -> str:
        return in_words(self.separator)

    def titles(self, *, header: bool) -> list[str]:
        """What the columns are called; those without a name by their place."""
        names = [name.strip() for name in self.first] if header else [""] * len(self.first)
        return [name[:200] or f"Column {place}" for place, name in enumerate(names, start=1)]

    def rows(self, *, header: bool) -> int:
        return self.lines - header

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Found:
        return cls(**{**data, "first": tuple(data["first"])})


@dataclass(frozen=True)
class Wanted:
    """What a person has chosen of how the file is read; what is empty is found."""

    encoding: str = ""  # one of decoding.ENCODINGS
    separator: str = ""


def read(source: BinaryIO, target: Path, customer_key: str, wanted: Wanted = Wanted()) -> Found:
    """Read a CSV file and write `target`, a Parquet file. Raises ListRefused."""
    with TemporaryDirectory(dir=target.parent) as folder:
        text = Path(folder) / "text.csv"
        encoding = convert(source, text, wanted.encoding)
        with text.open(encoding="utf-8", newline="") as file:
            head = file.read(HEAD_CHARACTERS)
        said = said_separator(head)
        if said:
            head = head.partition("\n")[2]
        if not head.strip():
            raise ListRefused(EMPTY)
        separator = wanted.separator or said or separator_of(head)
        check_quotes(text, separator)
        rows = rows_of(head, separator)
        lines = _write_parquet(text, separator, len(rows[0]) or 1, target, skipped=bool(said))
    first, header = tuple(rows[0]) or ("",), has_header(rows, customer_key)
    found = Found(encoding, separator, first, lines, header, bool(said))
    check_length(found, header=found.has_header)
    return found


def check_length(found: Found, *, header: bool) -> None:
    """Raises ListRefused where there are too many rows, or none."""
    rows = found.rows(header=header)
    if rows > MOST_LINES:
        raise ListRefused(
            f"The file has {rows:,} lines. {MOST_LINES:,} are the most; divide it into several lists."
        )
    if not rows:
        raise ListRefused("The file has a line of column names and nothing below it. Choose another one.")


def _write_parquet(text: Path, separator: str, columns: int, target: Path, *, skipped: bool) -> int:
    """How many rows there are. `skipped`: the first line is none."""
    import pyarrow
    from pyarrow import csv, parquet

    if columns > MOST_COLUMNS:
        raise ListRefused(f"The file has {columns:,} columns. {MOST_COLUMNS} are the most; take out some.")
    uneven = _Uneven()
    names = [f"c{place}" for place in range(columns)]
    # One thread, so that a row's number is known; what looks empty is '', a row without anything too.
    options = csv.ReadOptions(
        use_threads=False, block_size=_BLOCK_BYTES, column_names=names, skip_rows=int(skipped)
    )
    parse = csv.ParseOptions(
        delimiter=separator,
        newlines_in_values=True,
        ignore_empty_lines=False,
        invalid_row_handler=uneven,
    )
    types = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pyarrow.string()), strings_can_be_null=False, check_utf8=False
    )
    try:
        with (
            csv.open_csv(text, options, parse, types) as reader,
            parquet.ParquetWriter(target, reader.schema) as writer,
        ):
            return _copy(reader, writer)
    except pyarrow.ArrowInvalid as error:
        raise uneven.refused() from error


def _copy(reader: pyarrow.RecordBatchReader, writer: Any) -> int:
    rows = 0
    for batch in reader:
        writer.write_batch(batch)
        rows += len(batch)
    return rows


class _Uneven:
    """Told by pyarrow of the first row that has not as many columns as the others."""

    def __init__(self) -> None:
        self.row: Any = None

    def __call__(self, row: Any) -> str:
        self.row = self.row or row
        return "error"

    def refused(self) -> ListRefused:
        if self.row is None:
            return ListRefused("The file cannot be read as CSV. Save it as CSV UTF-8 and upload it again.")
        row = f"Row {self.row.number:,}" if self.row.number else "A row"
        return ListRefused(
            f"{row} has {_columns(self.row.actual_columns)}, but the first row has {self.row.expected_columns:,}."
            " Correct the file, or put values with a separator in them in quotes."
        )


def _columns(count: int) -> str:
    return f"{count:,} column{'s' if count != 1 else ''}"


def first_rows(lines: Path, found: Found, *, header: bool, count: int) -> Sequence[tuple[str, ...]]:
    """The first rows below the header, for a person to look at."""
    from pyarrow import parquet

    with parquet.ParquetFile(lines) as file:
        batch = next(file.iter_batches(batch_size=count + header))
    return [tuple(row.values()) for row in batch.slice(int(header)).to_pylist()]
