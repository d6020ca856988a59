"""A whole campaign as plain data, and what is wrong with it. The editor and `apply` both speak it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from campaigns.planning.schedule import GRACE_MINUTES
from destinations.kind import Identifier

Path = tuple[str | int, ...]

HUNDREDTH = Decimal("0.01")
HUNDRED = Decimal("100.00")
MOST_SEGMENTS = 10
MOST_SUB_AUDIENCES = 60

# After an edit of launched shares: keep everyone, or move as few as needed.
KEEP, MOVE = CHOICES = ("keep", "move")


@dataclass(frozen=True)
class DraftGroup:
    name: str
    percent: Decimal | str  # text as typed where it is no number
    is_control: bool = False
    destinations: tuple[int, ...] = ()
    id: int | None = None  # of the stored group; a renamed or moved group keeps it

    @property
    def share(self) -> Decimal | None:
        """The percentage, or None where it is no number."""
        try:
            value = Decimal(str(self.percent).strip().removesuffix("%").strip())
        except InvalidOperation:
            return None
        return value if value.is_finite() else None


@dataclass(frozen=True)
class DraftSubAudience:
    """Without rules and segments it is the rest of the audience, and comes last."""

    name: str
    groups: tuple[DraftGroup, ...] = ()
    rules: dict[str, Any] | None = None  # as segments/rules.py dumps it
    segments: tuple[int, ...] = ()  # members of any of these, instead of rules
    id: int | None = None
    # Set by the editor between adding a sub-audience and choosing its segments.
    by_segments: bool = False
    # Whether the editor shows the fields of its rules.
    is_open: bool = False
    # What becomes of those assigned before, where the shares are no longer those of the last launch: keep or move.
    on_change: str = KEEP

    @property
    def is_rest(self) -> bool:
        return self.rules is None and not self.segments and not self.by_segments


@dataclass(frozen=True)
class Draft:
    """Segments and destinations stand by id.

    `attributes`: per destination id the ticked attributes and their columns, as in
    `{3: {"email": "merged_customers.email"}}`; a destination that is left out takes its default attribute.
    """

    name: str
    customer_database: int | None
    include: tuple[int, ...] = ()
    exclude: tuple[int, ...] = ()
    assign_to_first_match_only: bool = True
    sub_audiences: tuple[DraftSubAudience, ...] = ()
    attributes: Mapping[int, Mapping[Identifier, str]] = field(default_factory=dict)
    schedule: Mapping[str, Any] = field(default_factory=dict)
    time_zone: str = "UTC"
    launch_date: str = ""
    grace: int | str = GRACE_MINUTES  # text as typed where it is no number
    brakes: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None
    # Every sub-audience has the shares and destinations of the first.
    same_groups: bool = False

    def sent_groups(self) -> Iterator[tuple[Path, DraftSubAudience, DraftGroup]]:
        """The groups that receive something, each with its path."""
        for index, sub_audience in enumerate(self.sub_audiences):
            for number, group in enumerate(sub_audience.groups):
                if not group.is_control:
                    yield ("sub_audiences", index, "treatment_groups", number), sub_audience, group

    def sent_destinations(self) -> list[int]:
        """The destinations that receive something, each once, in the order they are met."""
        return list(dict.fromkeys(pk for _, _, group in self.sent_groups() for pk in group.destinations))


@dataclass(frozen=True)
class Problem:
    """What is wrong at one field.

    `path` leads to it in the words of the file format: ("sub_audiences", 0, "treatment_groups", 1, "name").
    `proposal` is a better value for that field; with `second`, the group becomes two groups of these names,
    `proposal` for the destinations by e-mail and `second` for those by phone. `account`: where the segment
    names are equal; empty for what is wrong everywhere.
    """

    path: Path
    message: str
    advice: str = ""
    proposal: str = ""
    second: str = ""
    account: str = ""

    @property
    def text(self) -> str:
        return f"{self.message} {self.advice}".strip()


@dataclass(frozen=True)
class Problems:
    """Errors refuse a save; warnings do not."""

    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.errors)


class DraftRefused(Exception):
    """A draft with errors was to be saved."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(" ".join(problem.text for problem in problems.errors))
        self.problems = problems
