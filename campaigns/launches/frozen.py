"""A launch's configuration, frozen: plain data, JSON in and out, no database behind it.

`freeze.py` makes it from a campaign; `build.py` turns it into files. Whatever is edited later, a launch keeps this.
Segments inside rules are resolved: every segment a rule names, at any depth, stands in `segments`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from campaigns.planning.shares import Share
from destinations.kind import Identifier


@dataclass(frozen=True)
class FrozenSegment:
    id: int
    name: str
    time_zone: str
    rules: dict[str, Any]  # as segments/rules.py dumps it


@dataclass(frozen=True)
class FrozenGroup:
    id: int
    name: str
    hundredths: int  # the percentage times 100: 10.00 % is 1000
    is_control: bool
    destination_ids: tuple[int, ...] = ()
    # How many newcomers rule 3 of the assignment has given it since the shares took effect.
    assigned: int = 0
    # How many people rule 2 has dealt to it since then.
    dealt: int = 0


@dataclass(frozen=True)
class FrozenSubAudience:
    id: int
    name: str
    groups: tuple[FrozenGroup, ...]
    rules: dict[str, Any] | None = None  # None and no segments: all remaining recipients
    segment_ids: tuple[int, ...] = ()
    time_zone: str = "UTC"
    # Where an edit since the newest built launch asks to move as few as needed: the groups as that launch had them.
    before: dict[int, Share] | None = None

    @property
    def shares(self) -> dict[int, Share]:
        return {group.id: Share(group.hundredths, group.is_control) for group in self.groups}

    @property
    def is_rest(self) -> bool:
        return self.rules is None and not self.segment_ids


@dataclass(frozen=True)
class FrozenDestination:
    id: int
    name: str
    kind: str
    identifier: Identifier
    column: str  # "merged_customers.email"
    settings: dict[str, Any]
    account_key: str
    # For each group sent there: its segment name by the template.
    segment_names: dict[int, str]
    # For each group sent there: in how many numbered parts its list already stands at the account.
    parts: dict[int, int] = field(default_factory=dict)
    # Where its files are numbered; empty in launches that were stored before it was frozen.
    drop_point: str = ""


@dataclass(frozen=True)
class Frozen:
    campaign_id: int
    campaign_name: str
    customer_database_id: int
    salt: str
    first_match_only: bool
    now: str  # ISO 8601 with zone: the one clock reading of the run
    default_country: str
    include: tuple[int, ...]  # segment ids
    exclude: tuple[int, ...]  # segment ids in the order they apply, the suppression list first
    segments: tuple[FrozenSegment, ...]
    sub_audiences: tuple[FrozenSubAudience, ...]
    destinations: tuple[FrozenDestination, ...]
    # The assignment history of the campaign's newest built launch, in the launches storage.
    history_path: str = ""
    history_sha256: str = ""
    # Groups that are gone but have people in the history: {group id: was control}.
    removed_groups: dict[int, bool] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Frozen:
        """JSON turns tuples into lists and number keys into text; this turns them back."""
        return cls(
            **{
                **data,
                "include": tuple(data["include"]),
                "exclude": tuple(data["exclude"]),
                "segments": tuple(FrozenSegment(**item) for item in data["segments"]),
                "sub_audiences": tuple(_sub_audience(item) for item in data["sub_audiences"]),
                "destinations": tuple(_destination(item) for item in data["destinations"]),
                "removed_groups": _int_keys(data["removed_groups"]),
            }
        )


def _int_keys(data: dict[Any, Any]) -> dict[int, Any]:
    return {int(key): value for key, value in data.items()}


def _sub_audience(data: dict[str, Any]) -> FrozenSubAudience:
    groups = tuple(
        FrozenGroup(**{**group, "destination_ids": tuple(group["destination_ids"])})
        for group in data["groups"]
    )
    stored = data.get("before")  # not in launches from before it could be asked for
    before = {int(key): Share(**value) for key, value in stored.items()} if stored else None
    segment_ids = tuple(data["segment_ids"])
    return FrozenSubAudience(**{**data, "groups": groups, "segment_ids": segment_ids, "before": before})


def _destination(data: dict[str, Any]) -> FrozenDestination:
    return FrozenDestination(
        **{**data, "segment_names": _int_keys(data["segment_names"]), "parts": _int_keys(data["parts"])}
    )
