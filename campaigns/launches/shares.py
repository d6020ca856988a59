"""How many newcomers each treatment group gets: pure, exact arithmetic (rules 3 and 4 of the assignment)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.planning.shares import webster


@dataclass(frozen=True)
class Run:
    """So many people in a row, in the order of the assignment, who get one group."""

    group_id: int
    size: int


def blocks(newcomers: int, shares: Mapping[int, int], before: Mapping[int, int]) -> list[Run]:
    """Consecutive blocks in group id order, so that with those `before` each group has its share of them all.

    A block that would come out negative is empty; the largest block gives the difference.
    """
    goal = webster(newcomers + sum(before.values()), shares)
    sizes = {group: max(0, goal[group] - before[group]) for group in goal}
    while (over := sum(sizes.values()) - newcomers) > 0:
        largest = max(sizes, key=lambda group: (sizes[group], -group))
        sizes[largest] -= min(over, sizes[largest])
    return [Run(group, size) for group, size in sorted(sizes.items()) if size]


def fill_control(runs: list[Run], group_id: int, present: Mapping[int, int], control: set[int]) -> list[Run]:
    """Give the first newcomer to an empty control group; unchanged where nobody can be spared.

    `present` counts everybody in each group; the only person of another control group stays there.
    """
    for place, run in enumerate(runs):
        if run.group_id in control and present.get(run.group_id, 0) <= 1:
            continue
        rest = [Run(run.group_id, run.size - 1)] if run.size > 1 else []
        return [*runs[:place], Run(group_id, 1), *rest, *runs[place + 1 :]]
    return runs


def bucket_of(buckets: Mapping[int, int], rank: int) -> tuple[int, int]:
    """In which bucket of a histogram the one of this rank (from 0) lies, and its rank therein."""
    for bucket in sorted(buckets):
        if rank < buckets[bucket]:
            return bucket, rank
        rank -= buckets[bucket]
    raise ValueError("The rank is beyond the histogram.")
