"""A campaign's launches through the assignment's own code alone: customers from a query, no values, no files."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import duckdb

from campaigns.launches.assignment import assign
from campaigns.launches.audience import read_audience
from campaigns.launches.built import GroupCounts
from campaigns.launches.frozen import Frozen, FrozenGroup, FrozenSubAudience
from campaigns.launches.history import History
from campaigns.launches.source import Flagged, Values
from campaigns.launches.workshop import Workshop, scan
from campaigns.planning.plain import KEEP, MOVE
from campaigns.planning.shares import Shares


@cache
def engine() -> duckdb.DuckDBPyConnection:
    """One for all: the launches of a test are too small for a second thread."""
    return duckdb.connect(config={"threads": 1})


def place_in_order(part: int, key: str, salt: str = "salt") -> int:
    """The order of rule 3, by another md5 than DuckDB's."""
    return int.from_bytes(hashlib.md5(f"{salt}\x1f{part}\x1f{key}".encode()).digest(), "little") >> 64


@dataclass(frozen=True)
class Queried:
    """A source whose customers and flags are a query."""

    connection: duckdb.DuckDBPyConnection
    sql: str

    def flagged(self, columns: Sequence[str]) -> Flagged:
        return Flagged(self.sql, {})

    def values(self, column: str) -> Values:
        raise NotImplementedError("Nobody is sent anything here.")

    def sizes(self) -> Callable[[duckdb.DuckDBPyConnection], None]:
        return lambda beside: None

    def multiplied(self) -> str:
        return ""


@dataclass(frozen=True)
class Launched:
    frozen: Frozen
    counts: Mapping[int, GroupCounts]  # by group
    moved: Mapping[int, int]  # by sub-audience, where it was asked to move
    warnings: tuple[str, ...]


@dataclass
class Road:
    """The launches of one campaign, one after another. `frozen` is what the next one is of."""

    frozen: Frozen
    folder: Path
    number: int = 0
    history: Path | None = None
    given: Counter[int] = field(default_factory=Counter)  # what rule 3 goes on from, by group
    dealt: Counter[int] = field(default_factory=Counter)  # and rule 2
    launched: dict[int, Shares] = field(default_factory=dict)  # by sub-audience, in the last launch

    def launch(self, customers: str) -> Launched:
        """`customers` is a query for `customer_key` and a column for each flag."""
        self.number += 1
        workshop = Workshop(engine(), self.folder / f"{self.frozen.salt}{self.number}")
        frozen = self._counted()
        history = History.open(workshop, self.history, frozen)
        audience = read_audience(workshop, Queried(engine(), customers), frozen, (), history)
        found = assign(workshop, history.moves.counted_on(frozen), audience)
        self.history = history.write(workshop, frozen, found.relation, self.number)
        counts = {one.group_id: one for one in found.groups}
        self._end(counts)
        return Launched(frozen, counts, history.moves.moved, found.warnings)

    @property
    def rows(self) -> str:
        """The history after the last launch, as a relation."""
        assert self.history is not None
        return scan(self.history)

    def part(self, number: int) -> FrozenSubAudience:
        (found,) = (one for one in self.frozen.sub_audiences if one.id == number)
        return found

    def edit(self, number: int, groups: Sequence[FrozenGroup], choice: str = KEEP) -> None:
        """As saving a campaign does it: counts start anew, and who is gone had the side of the last launch."""
        before = self.part(number)
        edited = replace(before, groups=tuple(groups), before=None)
        last = self.launched.get(number, {})
        if edited.shares == before.shares:
            edited = replace(edited, before=before.before)
        else:
            for one in (*before.groups, *groups):
                self.given[one.id] = self.dealt[one.id] = 0
            if choice == MOVE and last and last != edited.shares:
                edited = replace(edited, before=dict(last))
        gone = {group: share.is_control for group, share in last.items() if group not in edited.shares}
        self.frozen = replace(self.frozen, removed_groups={**self.frozen.removed_groups, **gone})
        self._put(edited)

    def _put(self, part: FrozenSubAudience) -> None:
        parts = tuple(part if one.id == part.id else one for one in self.frozen.sub_audiences)
        self.frozen = replace(self.frozen, sub_audiences=parts)

    def _counted(self) -> Frozen:
        def part(item: FrozenSubAudience) -> FrozenSubAudience:
            groups = [
                replace(one, assigned=self.given[one.id], dealt=self.dealt[one.id]) for one in item.groups
            ]
            return replace(item, groups=tuple(groups))

        return replace(self.frozen, sub_audiences=tuple(part(one) for one in self.frozen.sub_audiences))

    def _end(self, counts: Mapping[int, GroupCounts]) -> None:
        for number, one in counts.items():
            self.given[number] += one.newcomers + one.carried
            self.dealt[number] += one.dealt
        self.launched = {part.id: part.shares for part in self.frozen.sub_audiences}
        parts = tuple(replace(part, before=None) for part in self.frozen.sub_audiences)
        self.frozen = replace(self.frozen, sub_audiences=parts)
