"""Any text file to UTF-8 with plain line ends, in blocks.

The encoding is told by a byte order mark, by UTF-16's noughts, or by whether all of it is valid UTF-8; what is left is
Windows-1252, or Latin-1 where even that has no such letter. What lists are matched by is ASCII in all of them.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from campaigns.segments.uploaded.refused import ListRefused

BLOCK = 1_000_000  # characters
LONGEST_LINE = 1_000_000  # characters
_HEAD = 4096
_MARKS = {
    codecs.BOM_UTF8: ("utf-8-sig", "UTF-8 with a byte order mark"),
    codecs.BOM_UTF16_LE: ("utf-16", "UTF-16"),
    codecs.BOM_UTF16_BE: ("utf-16", "UTF-16"),
}
# {codec: as people call it}, in the order in which they are tried; the second is told by its noughts.
ENCODINGS = {"utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252", "latin-1": "Latin-1"}
_GUESSES = tuple((codec, ENCODINGS[codec]) for codec in ("utf-8", "cp1252", "latin-1"))
# How files begin that are no text: a spreadsheet may well be called .csv.
_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_BINARY = (b"%PDF", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"PAR1", b"GIF8", b"SQLite format 3")
EMPTY = "The file is empty. Choose another one."
EXCEL = "This is an Excel file, whatever its name says. Save it as “CSV UTF-8” and upload that."
BINARY = "This is no text file. Upload a CSV file."


def convert(source: BinaryIO, target: Path, encoding: str = "") -> str:
    """Write `source` to `target` as UTF-8 with line ends of \\n; the encoding as people call it. Raises ListRefused.

    `encoding`: one of ENCODINGS, where a person has chosen it; else it is found.
    """
    source.seek(0)
    head = source.read(_HEAD)
    _refuse_other_files(head)
    if encoding:
        return _convert_as(encoding, head, source, target)
    ways = _ways(head)
    for number, (encoding, label) in enumerate(ways, start=1):
        source.seek(0)
        try:
            _write(source, encoding, target)
        except UnicodeError:
            if number == len(ways):
                raise ListRefused(
                    f"The file begins as {label} but cannot be read as that. Save it as UTF-8 and upload it again."
                ) from None
        else:
            return label
    raise AssertionError("unreachable: the last way returns or raises")


def _convert_as(encoding: str, head: bytes, source: BinaryIO, target: Path) -> str:
    """As a person has chosen; a byte order mark of that encoding is no part of the text."""
    marked = [codec for mark, (codec, _) in _MARKS.items() if head.startswith(mark)]
    codec = next((one for one in marked if one.startswith(encoding)), encoding)
    if codec == "utf-16" and not marked:
        even, odd = head[::2].count(0), head[1::2].count(0)
        codec = "utf-16-be" if even > odd else "utf-16-le"
    label = ENCODINGS[encoding]
    source.seek(0)
    try:
        _write(source, codec, target)
    except UnicodeError:
        raise ListRefused(f"The file cannot be read as {label}. Choose another encoding.") from None
    return label


def encoding_of(label: str) -> str:
    """The key in ENCODINGS of what `convert` told."""
    return next(codec for codec, known in ENCODINGS.items() if label.startswith(known))


def _refuse_other_files(head: bytes) -> None:
    if not head:
        raise ListRefused(EMPTY)
    if head.startswith(_EXCEL):
        raise ListRefused(EXCEL)
    if head.startswith(_BINARY):
        raise ListRefused(BINARY)


def _ways(head: bytes) -> tuple[tuple[str, str], ...]:
    """(codec, label) of what the file may be, the likeliest first."""
    for mark, way in _MARKS.items():
        if head.startswith(mark):
            return (way,)
    even, odd = head[::2].count(0), head[1::2].count(0)
    # Letters of most languages have a nought in each pair of bytes; a text without any has none at all.
    if max(even, odd) > len(head) // 8 and min(even, odd) <= len(head) // 64:
        return (("utf-16-le" if odd > even else "utf-16-be", "UTF-16"),)
    if _is_binary(head):
        raise ListRefused(BINARY)
    return _GUESSES


def _is_binary(head: bytes) -> bool:
    controls = sum(head.count(byte) for byte in range(32) if byte not in b"\t\n\v\f\r")
    return controls > max(len(head) // 20, 8)


def _write(source: BinaryIO, encoding: str, target: Path) -> None:
    lines, unfinished = 0, 0  # whole lines before the block, and characters since the last of them
    with target.open("wb") as file:
        for text in _blocks(source, encoding):
            _refuse_nul(text, lines)
            unfinished = _refuse_long_line(text, lines, unfinished)
            lines += text.count("\n")
            file.write(text.encode())


def _blocks(source: BinaryIO, encoding: str) -> Iterator[str]:
    """The text with line ends of \\n."""
    reader = io.TextIOWrapper(source, encoding=encoding, newline=None)
    try:
        while text := reader.read(BLOCK):
            yield text
    finally:
        reader.detach()  # else the wrapper would close what it did not open


def _refuse_nul(text: str, lines: int) -> None:
    at = text.find("\0")
    if at >= 0:
        line = lines + text.count("\n", 0, at) + 1
        raise ListRefused(
            f"Line {line:,} has a NUL character, which no text has. Save the file as CSV again and upload that."
        )


def _refuse_long_line(text: str, lines: int, before: int) -> int:
    """How many characters stand behind the last line end; `before`: how many stood there before this text.

    A line within one block is shorter than the block, and so short enough.
    """
    first = text.find("\n")
    if before + (len(text) if first < 0 else first) > LONGEST_LINE:
        raise ListRefused(
            f"Line {lines + 1:,} is longer than {LONGEST_LINE:,} characters."
            " Look whether the file is a CSV file with one customer a line."
        )
    return before + len(text) if first < 0 else len(text) - text.rfind("\n") - 1
