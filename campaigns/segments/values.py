"""What rules compare with: read from plain data, refused with one sentence and the path that leads there. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from campaigns.segments.operators import Shape, Unit

MOST_VALUES = 10_000
LARGEST = 10**18 - 1
Path = tuple[str | int, ...]
Scalar = str | int | float | bool


class RuleError(Exception):
    """A rule that cannot be. `path` leads to it from the outermost group: ("all", 2, "value")."""

    def __init__(self, message: str, path: Path = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


@dataclass(frozen=True)
class Span:
    """A length of time by the calendar: 90 days, 3 months."""

    number: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.number} {self.unit}"


Value = Scalar | tuple[Scalar, ...] | Span | None


NO_LENGTH = "Enter a length of time such as 90 days, 6 weeks, 3 months or 1 year."
NO_DAYS = "Enter a number of days from 0 to 366, such as 7 days."


def _scalar(value: Any, path: Path) -> Scalar:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str) and not can_be_stored(value):
        raise RuleError("The value has a character that cannot be stored. Type it anew.", path)
    if isinstance(value, float) and not math.isfinite(value):
        raise RuleError("Enter a number.", path)
    if isinstance(value, int) and abs(value) > LARGEST:
        raise RuleError("The number is too large. Enter one of at most 18 digits.", path)
    if isinstance(value, str | bool | int | float):
        return value
    raise RuleError("Enter a value.", path)


def can_be_stored(text: str) -> bool:
    """PostgreSQL takes no NUL, and nothing takes half of a surrogate pair."""
    return "\0" not in text and not re.search("[\ud800-\udfff]", text)


def _several(value: Any, path: Path) -> tuple[Scalar, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise RuleError("Enter at least one value.", path)
    if len(value) > MOST_VALUES:
        raise RuleError(f"A list has {MOST_VALUES:,} values at most. Use a segment instead.", path)
    return tuple(_scalar(item, (*path, number)) for number, item in enumerate(value))


def _pair(value: Any, path: Path) -> tuple[Scalar, ...]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise RuleError("Enter two values: from and to.", path)
    return tuple(_scalar(item, (*path, number)) for number, item in enumerate(value))


def _span(value: Any, path: Path) -> Span:
    found = re.fullmatch(r"(\d{1,5})\s+(day|week|month|year)s?", str(value).strip())
    if not found:
        raise RuleError(NO_LENGTH, path)
    return Span(int(found[1]), f"{found[2]}s")  # type: ignore[arg-type]


def _days(value: Any, path: Path) -> Span:
    span = _span(value, path)
    if span.unit != "days" or span.number > 366:
        raise RuleError(NO_DAYS, path)
    return span


def _flag(value: Any, path: Path) -> bool:
    if not isinstance(value, bool):
        raise RuleError("Enter true or false.", path)
    return value


READERS: dict[Shape, Callable[[Any, Path], Value]] = {
    "one": _scalar,
    "list": _several,
    "two": _pair,
    "span": _span,
    "days": _days,
    "flag": _flag,
}
