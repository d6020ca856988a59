"""Whether the quotes of a CSV file open and close where they may, told by line; the reader itself lets most pass."""

from __future__ import annotations

import re
from pathlib import Path

from campaigns.segments.uploaded.refused import ListRefused

BLOCK = 1 << 20
LONGEST_VALUE = 1_000_000  # bytes between two quotes


def check_quotes(path: Path, separator: str) -> None:
    """`path`: UTF-8 with line ends of \\n. Raises ListRefused at the first quote that is out of place."""
    edge = rb"[^" + re.escape(separator.encode()) + rb"\n]"
    # What is between quotes, each beside a separator, a line end or an end of the text; doubled quotes are out already.
    fields = re.compile(rb'(?:[^"]*+(?<!' + edge + rb')"[^"]*+"(?!' + edge + rb'))*+[^"]*+')
    lines, rest = 0, b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            whole, rest = _at_line_end(rest + block)
            _check(whole, fields, lines)
            lines += whole.count(b"\n")
            if len(rest) > LONGEST_VALUE + BLOCK:
                break
    _check(rest, fields, lines)
    if len(rest) > LONGEST_VALUE + BLOCK or rest.count(b'"') % 2:
        raise _unclosed(lines + _line_of_odd_quote(rest))


def _at_line_end(text: bytes) -> tuple[bytes, bytes]:
    """The text up to its last line end outside quotes, and what is left."""
    parts = text.split(b'"')
    behind = 0  # bytes of the parts behind
    for number in range(len(parts) - 1, -1, -1):
        at = parts[number].rfind(b"\n") if number % 2 == 0 else -1
        if at >= 0:
            cut = len(text) - behind - len(parts[number]) + at + 1
            return text[:cut], text[cut:]
        behind += len(parts[number]) + 1
    return b"", text


def _check(text: bytes, fields: re.Pattern[bytes], lines: int) -> None:
    if b'"' not in text:
        return
    text = text.replace(b'""', b"")
    found = fields.match(text)
    at = found.end() if found else 0
    if at == len(text):
        return
    opening = lines + text.count(b"\n", 0, at) + 1
    closes = text.find(b'"', at + 1)
    if closes < 0 or b"\n" in text[at:closes]:
        raise _unclosed(opening)
    raise ListRefused(
        f"Line {opening:,} has a quote in the middle of a value. Put the whole value in quotes and double those inside,"
        " or remove the quote."
    )


def _line_of_odd_quote(text: bytes) -> int:
    """The line, from 1, in which the quote stands that nothing closes: the first line with an odd number of them."""
    lines = text.split(b"\n")
    return next((number for number, line in enumerate(lines, start=1) if line.count(b'"') % 2), 1)


def _unclosed(line: int) -> ListRefused:
    return ListRefused(f"Line {line:,} opens a quote that is not closed. Close it, or remove it.")
