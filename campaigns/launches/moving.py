"""*Move as few as needed* after an edit of the shares (rule 5 of the assignment).

Over everybody in the sub-audience's history, also those who are away: they get the new group when they come back.
Of a group that has too many, the last in the order of rule 3 go. Nobody is sorted: as in assignment.py a histogram
finds where a border falls, and only the marks around it are looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path

from campaigns.customers.normalise import quoted
from campaigns.launches.frozen import Frozen, FrozenSubAudience
from campaigns.launches.shares import bucket_of
from campaigns.launches.workshop import Workshop, md5_sql, scan
from campaigns.planning.shares import Sizes, fewest_moves, moved, split

BUCKET_BITS = 10
SEPARATOR = "\x1f"

Line = tuple[int, int]  # sub-audience id and group id: the people who are cut up together


@dataclass(frozen=True)
class Moves:
    """`cuts`: of each group that loses people, (group, mark from which on it is not theirs; None: the rest)."""

    cuts: Mapping[Line, list[tuple[int, int | None]]] = field(default_factory=dict)
    moved: Mapping[int, int] = field(default_factory=dict)  # {sub-audience id: how many}
    goals: Mapping[int, Sizes] = field(
        default_factory=dict
    )  # {sub-audience id: {group id: its share of all}}

    def counted_on(self, frozen: Frozen) -> Frozen:
        """With the counts that rules 2 and 3 go on from."""

        def part(item: FrozenSubAudience) -> FrozenSubAudience:
            goal = self.goals.get(item.id)
            if goal is None:
                return item
            return replace(
                item, groups=tuple(replace(one, assigned=goal[one.id], dealt=0) for one in item.groups)
            )

        return replace(frozen, sub_audiences=tuple(part(item) for item in frozen.sub_audiences))

    def history_sql(self, frozen: Frozen, path: Path) -> str:
        """The rows of the history after the moves; `moved` says whose group is another one now.

        Those have no launch that gave them the group: this one does.
        """
        if not self.cuts:
            return scan(path)
        control = [one.id for part in frozen.sub_audiences for one in part.groups if one.is_control]
        is_control = f"got IN ({', '.join(str(number) for number in (-1, *control))})"
        rows = f"SELECT *, {_mark_sql(frozen, self.cuts)} AS mark FROM {scan(path)}"
        return (
            "(SELECT * EXCLUDE (mark, got) REPLACE (got AS group_id,"
            f" CASE WHEN moved THEN {is_control} ELSE is_control END AS is_control,"
            " CASE WHEN moved THEN NULL ELSE launch_id END AS launch_id)"
            f" FROM (SELECT *, got <> group_id AS moved FROM (SELECT *, {self._got_sql()} AS got FROM ({rows}))))"
        )

    def _got_sql(self) -> str:
        cases = []
        for (part, group), cuts in self.cuts.items():
            inner = " ".join(
                f"WHEN mark < {mark}::UBIGINT THEN {to}" for to, mark in cuts if mark is not None
            )
            got = f"CASE {inner} ELSE {cuts[-1][0]} END" if inner else str(cuts[-1][0])
            cases.append(f"WHEN sub_audience_id = {part} AND group_id = {group} THEN {got}")
        return f"CAST(CASE {' '.join(cases)} ELSE group_id END AS BIGINT)"


def plan_moves(workshop: Workshop, frozen: Frozen, path: Path | None) -> Moves:
    """What the edits since the last launch ask for; nothing where they keep everyone."""
    parts = [part for part in frozen.sub_audiences if part.before is not None]
    if path is None or not parts:
        return Moves()
    buckets, sides = _census(workshop, frozen, parts, path)
    flows: dict[Line, Sizes] = {}
    counted: dict[int, int] = {}
    goals: dict[int, Sizes] = {}
    for part in parts:
        people = {group: sum(found.values()) for (own, group), found in buckets.items() if own == part.id}
        found = fewest_moves(
            people, {group: sides[part.id, group] for group in people}, part.before or {}, part.shares
        )
        counted[part.id] = moved(found)
        goals[part.id] = split(sum(people.values()), part.shares)
        flows |= {(part.id, group): to for group, to in found.items() if set(to) != {group}}
    return Moves(_cuts(workshop, frozen, path, buckets, flows), counted, goals)


def _census(
    workshop: Workshop, frozen: Frozen, parts: list[FrozenSubAudience], path: Path
) -> tuple[dict[Line, dict[int, int]], dict[Line, bool]]:
    """How the marks of each group's people are spread, and on which side the last launch left them."""
    buckets: defaultdict[Line, dict[int, int]] = defaultdict(dict)
    sides: dict[Line, bool] = {}
    were = dict(frozen.removed_groups)
    for part in parts:
        were |= {group: share.is_control for group, share in (part.before or {}).items()}
    marked = _marked_sql(frozen, {part.id for part in parts}, path)
    for part_id, group, bucket, count, is_control in workshop.rows(
        f"SELECT sub_audience_id, group_id, mark >> {64 - BUCKET_BITS} AS bucket, count(*), bool_or(is_control)"
        f" FROM {marked} GROUP BY sub_audience_id, group_id, bucket"
    ):
        buckets[part_id, group][bucket] = count
        sides[part_id, group] = were.get(group, is_control)
    return dict(buckets), sides


def _cuts(
    workshop: Workshop,
    frozen: Frozen,
    path: Path,
    buckets: Mapping[Line, Mapping[int, int]],
    flows: Mapping[Line, Sizes],
) -> dict[Line, list[tuple[int, int | None]]]:
    """Who stays comes first, then the others in the order of their ids."""
    runs = {
        line: sorted(to.items(), key=lambda one: (one[0] != line[1], one[0])) for line, to in flows.items()
    }
    ranks = {line: list(accumulate(size for _, size in cut[:-1])) for line, cut in runs.items()}
    wanted = {(line, rank): bucket_of(buckets[line], rank) for line, found in ranks.items() for rank in found}
    marks = _marks(workshop, frozen, path, {(line, bucket) for (line, _), (bucket, _) in wanted.items()})
    borders = {key: marks[key[0], bucket][offset] for key, (bucket, offset) in wanted.items()}
    return {
        line: [
            (to, borders[line, rank] if rank is not None else None)
            for (to, _), rank in zip(cut, [*ranks[line], None], strict=True)
        ]
        for line, cut in runs.items()
    }


def _marks(
    workshop: Workshop, frozen: Frozen, path: Path, wanted: set[tuple[Line, int]]
) -> dict[tuple[Line, int], list[int]]:
    if not wanted:
        return {}
    keys = ", ".join(f"({part}, {group}, {bucket})" for (part, group), bucket in sorted(wanted))
    rows = workshop.rows(
        "SELECT sub_audience_id, group_id, bucket, list_sort(list(mark)) FROM"
        f" (SELECT sub_audience_id, group_id, mark >> {64 - BUCKET_BITS} AS bucket, mark"
        f" FROM {_marked_sql(frozen, {part for (part, _), _ in wanted}, path)})"
        f" WHERE (sub_audience_id, group_id, bucket) IN ({keys}) GROUP BY ALL"
    )
    return {((part, group), bucket): marks for part, group, bucket, marks in rows}


def _marked_sql(frozen: Frozen, parts: set[int], path: Path) -> str:
    listed = ", ".join(str(part) for part in sorted(parts))
    mark = _mark_sql(frozen, {(part, 0): None for part in parts})
    return f"(SELECT *, {mark} AS mark FROM {scan(path)} WHERE sub_audience_id IN ({listed}))"


def _mark_sql(frozen: Frozen, lines: Mapping[Line, object]) -> str:
    """The place in the order of rule 3, as audience.py has it, for rows of these sub-audiences."""
    starts = " ".join(
        f"WHEN {part} THEN {quoted(SEPARATOR.join((frozen.salt, str(part), '')))}"
        for part in sorted({part for part, _ in lines})
    )
    return md5_sql(f"(CASE sub_audience_id {starts} END) || customer_key")
