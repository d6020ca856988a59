"""What stored rules name, read off the text of their JSON: nothing is parsed, so that ten thousand take no time.

A quotation mark within a string of JSON is escaped, so that `"segment": 12` can only be a key and its value. SQLite and
PostgreSQL write a space behind the colon, both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

Key = Literal["segment", "list"]
_IDS = {key: re.compile(rf'"{key}": (\d{{1,18}})\b') for key in ("segment", "list")}
_NAMES = re.compile(r'"(attribute|of|ordered_by|rows)": ("(?:[^"\\]|\\.)*")')
_QUERY = '"sql": '


def naming_ids(
    rows: QuerySet[Any, Any], way: str, key: Key, *columns: str
) -> Iterator[tuple[tuple[Any, ...], frozenset[int]]]:
    """Those of the rows whose rules at `way` name a segment (or a list): these columns, and the ids. One query."""
    for *found, text in texts(rows, way, *columns, having=f'"{key}": '):
        yield tuple(found), frozenset(map(int, _IDS[key].findall(text)))


def texts(rows: QuerySet[Any, Any], way: str, *columns: str, having: str = "") -> Iterator[tuple[Any, ...]]:
    """These columns of each row and the text of the JSON at `way`, where `having` is in it. One query."""
    found: QuerySet[Any, Any] = rows.annotate(text_of_rules=Cast(way, TextField())).filter(
        text_of_rules__contains=having
    )
    yield from found.values_list(*columns, "text_of_rules").iterator()


def names_in(text: str) -> set[tuple[str, str]]:
    """The tables and the columns that rules name, ("orders", "") and ("orders", "amount"); nothing of a query."""
    found = set()
    for key, quoted in _NAMES.findall(text):
        name = json.loads(quoted) if "\\" in quoted else quoted[1:-1]
        table, _, column = name.rpartition(".")
        found.add((name, "") if key == "rows" else (table, column))
    return found


def has_query(text: str) -> bool:
    return _QUERY in text
