"""The parts of the editor's page: plain values, ready for the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from campaigns.planning.headcount import Headcount
from campaigns.planning.moving import Question
from campaigns.planning.names_table import NamesTable, Note
from campaigns.planning.numbers import Reach
from campaigns.planning.plain import HUNDRED, MOST_SEGMENTS, Draft, DraftGroup, DraftSubAudience, Problem
from campaigns.planning.rule_editing import Opened, Stored
from campaigns.segments.board import Board as RulesBoard
from destinations.models import Destination


@dataclass(frozen=True)
class Carried:
    """What the form holds beside the draft."""

    unfound: Mapping[str, str] = field(
        default_factory=dict
    )  # what was typed into a picker and names no segment
    stored_rules: Stored = field(default_factory=dict)
    rules: Opened | None = None


@dataclass(frozen=True)
class Tick:
    """A destination that a group may go to."""

    destination: Destination
    icon: str
    chosen: bool


@dataclass(frozen=True)
class GroupRow:
    prefix: str
    place: str  # "0:1", for the buttons
    group: DraftGroup
    percent: str
    ticks: Sequence[Tick]
    arrives: Sequence[str]
    customers: int | None
    reaches: Sequence[Reach]
    notes: Sequence[Note]
    name_state: str  # is-invalid, is-warned or nothing
    percent_error: str
    follows: bool  # its share and destinations are those of the first sub-audience


@dataclass(frozen=True)
class Share:
    """A stretch of the bar of shares; what is not covered is control, hatched."""

    x: Decimal
    width: Decimal
    colour: str


@dataclass(frozen=True)
class Chip:
    pk: int
    name: str
    size: int | None
    error: str


@dataclass(frozen=True)
class Picker:
    chips: Sequence[Chip]
    errors: Sequence[Problem]
    warnings: Sequence[Problem]
    typed: str  # names no segment
    most: int = MOST_SEGMENTS


@dataclass(frozen=True)
class SubAudienceCard:
    index: int
    order: int
    prefix: str
    item: DraftSubAudience
    how: str  # rest, segments or rules
    words: str
    picker: Picker
    groups: Sequence[GroupRow]
    name_error: str
    errors: Sequence[Problem]
    sum_error: str
    shares: Sequence[Share]
    shares_label: str
    customers: int | None
    of_audience: float | None
    can_go_up: bool
    can_go_down: bool
    can_be_copied: bool
    follows: bool
    question: Question | None = None  # where launched shares were edited
    rules: RulesBoard | None = None  # while they are edited
    carried_rules: str = ""  # what the form holds of changed rules that are not open

    @property
    def sum(self) -> Decimal:
        """Of the percentages that are numbers."""
        return sum((row.group.share or Decimal(0) for row in self.groups), start=Decimal("0.00"))

    @property
    def sums(self) -> bool:
        return self.sum == HUNDRED

    @property
    def remove_segment(self) -> str:
        return f"remove-segment:{self.index}:"


@dataclass(frozen=True)
class AttributeRow:
    id: str
    word: str
    is_ticked: bool
    column: str
    columns: Sequence[str]


@dataclass(frozen=True)
class Attributes:
    """The attributes of one destination, with table and column."""

    destination: Destination
    takes: str  # the word for the destination's identifier
    icon: str
    rows: Sequence[AttributeRow]
    error: str
    warning: str
    fix: Note | None

    @property
    def error_id(self) -> str:
        return f"attributes-{self.destination.pk}-error"


@dataclass(frozen=True)
class Board:
    draft: Draft
    include: Picker
    exclude: Picker
    has_segments: bool
    cards: Sequence[SubAudienceCard]
    sub_audience_errors: Sequence[Problem]
    has_rest: bool
    most_sub_audiences: int
    attributes: Sequence[Attributes]
    after_delivery: Sequence[str]
    launch_date: Sequence[Problem]  # what is to be thought of about it
    suppression: str
    campaign_notes: Sequence[Note]
    names: NamesTable
    field_errors: dict[str, str]
    errors: int
    warnings: int
    headcount: Headcount | None
    control: int | None
    treated: int | None
    reaches: Sequence[Reach]
    has_destinations: bool

    @property
    def can_count(self) -> bool:
        return bool(self.draft.include and self.draft.customer_database)

    def fraction(self, customers: int | None) -> float:
        """Of everybody."""
        everybody = self.headcount.everybody if self.headcount else 0
        return (customers or 0) / everybody if everybody else 0

    @property
    def funnel(self) -> dict[str, float]:
        """How far each bar is filled."""
        count = self.headcount
        return {
            "considered": self.fraction(count.considered if count else 0),
            "audience": self.fraction(count.audience if count else 0),
            "treated": self.fraction(self.treated),
        }
