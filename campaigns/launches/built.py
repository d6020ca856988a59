"""What building a launch gives: counts and files, plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from destinations.kind import Section


@dataclass(frozen=True)
class Outcomes:
    """Of the customers of one treatment group at one destination; they add up to the group's customers."""

    sent: int = 0
    missing: int = 0
    invalid: int = 0
    duplicate: int = 0
    shared_with_control: int = 0


@dataclass(frozen=True)
class GroupCounts:
    sub_audience_id: int
    group_id: int
    customers: int
    newcomers: int = 0  # assigned by rule 3
    returned: int = 0  # kept the group of an earlier launch
    changed_sub_audience: int = 0  # rule 2
    moved_by_edit: int = 0
    # Of those, the people of a removed group who kept the side, dealt out as in rule 2.
    redealt: int | None = None  # None in launches from before they were told apart: all of them
    # What rule 3 counts on from, where this launch moved as few as needed: the share of everybody in the history.
    carried: int = 0

    @property
    def dealt(self) -> int:
        """How many rule 2 dealt to the group: what `FrozenGroup.dealt` of the next launch adds up."""
        redealt = self.moved_by_edit if self.redealt is None else self.redealt
        return self.changed_sub_audience + redealt


@dataclass(frozen=True)
class DeliveryCounts:
    group_id: int
    destination_id: int
    rows: int
    outcomes: Outcomes
    expansion: int = 0  # rows beyond one per sent customer
    first_rows: tuple[str, ...] = ()  # the first two values, masked


@dataclass(frozen=True)
class SubAudienceCounts:
    sub_audience_id: int
    customers: int
    # By an edit that moves as few as needed: of everybody in the history, whoever is in the audience now.
    moved: int = 0


@dataclass(frozen=True)
class Counts:
    """Considered = excluded + audience; audience = no_sub_audience + members of the sub-audiences.

    With *first match only* off `memberships` counts a customer once for each sub-audience; else it equals the members.
    """

    considered: int
    excluded: tuple[tuple[int, int], ...]  # (segment id, customers), each customer at the first that applies
    audience: int
    no_sub_audience: int
    memberships: int
    control: int  # memberships in control groups
    no_destination: int  # memberships in treated groups that go nowhere
    sub_audiences: tuple[SubAudienceCounts, ...]
    groups: tuple[GroupCounts, ...]
    deliveries: tuple[DeliveryCounts, ...]
    entered: int = 0  # against the previous launch of the campaign
    left: int = 0
    warnings: tuple[str, ...] = ()  # such as a control group that stays empty
    # (sub-audience id, group id, customers): everybody in the history after this launch; only of launches.
    history: tuple[tuple[int, int, int], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Counts:
        """The counts again, from what `to_json` gave."""
        return cls(
            **{
                **data,
                "excluded": tuple((segment, count) for segment, count in data["excluded"]),
                "sub_audiences": tuple(SubAudienceCounts(**item) for item in data["sub_audiences"]),
                "groups": tuple(GroupCounts(**item) for item in data["groups"]),
                "deliveries": tuple(
                    DeliveryCounts(
                        **{
                            **item,
                            "outcomes": Outcomes(**item["outcomes"]),
                            "first_rows": tuple(item["first_rows"]),
                        }
                    )
                    for item in data["deliveries"]
                ),
                "warnings": tuple(data["warnings"]),
                "history": tuple((part, group, size) for part, group, size in data.get("history", ())),
            }
        )


@dataclass(frozen=True)
class BuiltFile:
    destination_id: int
    sections: tuple[Section, ...]
    header: tuple[str, ...] | None
    path: Path
    rows: int  # without the header
    size: int  # bytes
    sha256: str


@dataclass(frozen=True)
class SegmentSizes:
    """Members of each segment of the launch by its id, whoever of them was considered."""

    everybody: int
    customers: Mapping[int, int]


@dataclass(frozen=True)
class Built:
    counts: Counts
    files: tuple[BuiltFile, ...]
    # {destination id: Parquet of (customer_key, sub_audience_id, group_id, value, cut, outcome)}: one row per customer
    # and value; value is what is sent, or the raw one where the outcome is invalid, or NULL; parts are cut by cut.
    recipients: dict[int, Path] = field(default_factory=dict)
    # Everybody ever assigned, as history.py says; None for a pre-flight or a test.
    history: Path | None = None
    # None for a pre-flight or a test, and where they could not be counted.
    sizes: SegmentSizes | None = None
    # What why/kept.py says of everybody considered; empty for a pre-flight or a test.
    people: dict[str, Path] = field(default_factory=dict)
