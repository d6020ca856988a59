"""What the first lines of a CSV file tell of it: what separates its columns, and whether they have names."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

HEAD_CHARACTERS = 65_536
HEAD_LINES = 100
# {separator: as people call it}, the likeliest first.
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# What Excel writes, and obeys, before the first row of a file.
_SAYS_SEPARATOR = re.compile(r'"?sep=([\t -~])"?\n', re.IGNORECASE)
_ADDRESS = re.compile(r"\S+@\S+\.\S+")
_NUMBER = re.compile(r"[+(]?\d[\d ().\-/]*")


def said_separator(head: str) -> str:
    """What a first line such as `sep=;` says; empty where there is none."""
    found = _SAYS_SEPARATOR.match(head)
    return found[1] if found and found[1] != '"' else ""


def in_words(separator: str) -> str:
    return SEPARATORS.get(separator) or f"“{separator}”"


def separator_of(head: str) -> str:
    """The one that cuts the most lines into the same number of columns, and into the more of them."""
    found = max(SEPARATORS, key=lambda separator: _evenness(head, separator))
    return found if _evenness(head, found) > (0.0, 0) else ","


def _evenness(head: str, separator: str) -> tuple[float, int]:
    counts = Counter(len(line) for line in rows_of(head, separator) if line)
    if not counts:
        return 0.0, 0
    columns, lines = counts.most_common(1)[0]
    return (lines / counts.total(), columns) if columns > 1 else (0.0, 0)


def rows_of(head: str, separator: str) -> list[list[str]]:
    """The first lines as cells. Broken ones are told later, by line."""
    reader = csv.reader(io.StringIO(head), delimiter=separator)
    found: list[list[str]] = []
    try:
        while len(found) < HEAD_LINES:
            found.append(next(reader))
    except (StopIteration, csv.Error):
        pass
    return found


def has_header(rows: Sequence[Sequence[str]], known: str) -> bool:
    """Whether the first row names the columns. `known`: what the customer key's column is called."""
    first = [cell.strip() for cell in rows[0]] if rows else []
    if not any(first) or any(_ADDRESS.fullmatch(cell) or _NUMBER.fullmatch(cell) for cell in first):
        return False
    if any(_is_name(cell, known) for cell in first):
        return True
    return any(_stands_out(cell, rows, place) for place, cell in enumerate(first))


def _is_name(cell: str, known: str) -> bool:
    words = re.split(r"[^a-z]+", cell.lower())
    return cell.lower() == known.lower() or bool({"email", "mail", "phone", "mobile", "id", "key"} & {*words})


def _stands_out(cell: str, rows: Sequence[Sequence[str]], place: int) -> bool:
    """Whether the cell looks unlike most of those below it."""
    below = Counter(_shape(row[place].strip()) for row in rows[1:] if len(row) > place and row[place].strip())
    return bool(below) and below[_shape(cell)] * 2 < below.total()


def _shape(cell: str) -> str:
    """C01 as a9, c_0018842 as a_9: letters and digits by kind, their number left out."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell))
