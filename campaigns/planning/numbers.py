"""The numbers beside a draft: of each segment, sub-audience, group and destination, where they were counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaigns.planning.headcount import Column, Headcount, dealt
from campaigns.planning.plain import Draft, DraftGroup
from campaigns.planning.sending import column_of
from campaigns.planning.world import World
from campaigns.segments.models import Segment
from destinations.models import Destination


@dataclass(frozen=True)
class Reach:
    """Of a destination: the customers in its treated groups, and about how many rows they are there."""

    destination: Destination
    customers: int
    rows: int | None  # None where its column is not chosen


@dataclass(frozen=True)
class GroupNumbers:
    customers: int | None = None
    reaches: Sequence[Reach] = ()


class Numbers:
    def __init__(self, draft: Draft, world: World, headcount: Headcount | None) -> None:
        self._world = world
        self._headcount = headcount
        self._columns: dict[int, Column] = {
            pk: column
            for pk in draft.sent_destinations()
            if pk in world.destinations and (column := column_of(draft, world, world.destinations[pk]))
        }

    def of_segment(self, pk: int, segment: Segment | None) -> int | None:
        """As counted just now, else as it was counted last."""
        counted = self._headcount.segments.get(pk) if self._headcount else None
        return segment.size if counted is None and segment else counted

    def of_sub_audience(self, index: int) -> int | None:
        return self._headcount.sub_audiences[index] if self._headcount else None

    def of_audience(self, customers: int | None) -> float | None:
        """The fraction that so many are of the audience."""
        audience = self._headcount.audience if self._headcount else 0
        return customers / audience if customers is not None and audience else None

    def of_groups(self, index: int, groups: Sequence[DraftGroup]) -> list[GroupNumbers]:
        if self._headcount is None:
            return [GroupNumbers() for _ in groups]
        shares = [group.share for group in groups]
        customers = dealt(self.of_sub_audience(index), shares)
        usable = {
            column: dealt(self._headcount.usable_in(index, column), shares)
            for column in self._columns.values()
        }
        return [
            GroupNumbers(
                customers[place],
                self._reaches(
                    group, customers[place], {column: all_[place] for column, all_ in usable.items()}
                ),
            )
            for place, group in enumerate(groups)
        ]

    def _reaches(
        self, group: DraftGroup, customers: int | None, usable: dict[Column, int | None]
    ) -> list[Reach]:
        if customers is None or group.is_control:
            return []
        found = []
        for pk in group.destinations:
            column = self._columns.get(pk)
            if pk in self._world.destinations:
                rows = usable[column] if column else None
                found.append(Reach(self._world.destinations[pk], customers, rows))
        return found


def summed(reaches: Iterable[Reach]) -> list[Reach]:
    """Each destination once."""
    found: dict[int, Reach] = {}
    for one in reaches:
        before = found.get(one.destination.pk, Reach(one.destination, 0, 0))
        rows = None if one.rows is None or before.rows is None else before.rows + one.rows
        found[one.destination.pk] = Reach(one.destination, before.customers + one.customers, rows)
    return list(found.values())
