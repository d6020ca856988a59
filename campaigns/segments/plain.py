"""A whole segment as plain data, and what is wrong with it. The editor and `apply` both speak it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.segments.rules import Path

LONGEST_NAME = 100
LONGEST_DESCRIPTION = 500


@dataclass(frozen=True)
class Draft:
    """`rules`: data in the form of the file format, {"all": […]}, other segments by id; perhaps still wrong."""

    name: str
    customer_database: int | None
    rules: Mapping[str, Any]
    description: str = ""
    time_zone: str = "UTC"
    id: int | None = None  # of the stored segment


@dataclass(frozen=True)
class Problem:
    """What is wrong at one place: ("name",), ("rules", "all", 2, "is")."""

    path: Path
    message: str


class SegmentRefused(Exception):
    """A draft with problems was to be saved."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = tuple(problems)
