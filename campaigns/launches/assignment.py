"""Treatment groups for everybody in the audience (architecture.md, "Assignment").

Nobody is sorted: newcomers are cut into blocks by their mark, and a histogram over its top bits tells in which
bucket a border falls, so that only those buckets are looked at. The outcome is an SQL expression that gives each
row its group.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

from campaigns.launches.audience import Audience
from campaigns.launches.built import GroupCounts
from campaigns.launches.frozen import Frozen, FrozenGroup, FrozenSubAudience
from campaigns.launches.history import Standing
from campaigns.launches.shares import Run, blocks, bucket_of, fill_control
from campaigns.launches.workshop import Workshop

BUCKET_BITS = 10

Pool = Literal["newcomers", "control", "treated"]
Line = tuple[int, Pool]  # the people of one sub-audience (its position) who are cut up together

POOLS: Mapping[int, Pool] = {
    Standing.NEWCOMER: "newcomers",
    Standing.ENTERED_CONTROL: "control",
    Standing.MOVED_CONTROL: "control",
    Standing.ENTERED_TREATED: "treated",
    Standing.MOVED_TREATED: "treated",
}


@dataclass(frozen=True)
class Assignment:
    """`relation`: the audience's rows with group_id and is_control."""

    relation: str
    groups: tuple[GroupCounts, ...]
    warnings: tuple[str, ...]

    def customers(self, group_id: int) -> int:
        return next(group.customers for group in self.groups if group.group_id == group_id)


@dataclass
class Census:
    """How many people stand where, and how their marks are spread."""

    standing: defaultdict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    kept: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    buckets: defaultdict[Line, defaultdict[int, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )

    def size(self, line: Line) -> int:
        return sum(self.buckets[line].values())


def assign(workshop: Workshop, frozen: Frozen, audience: Audience) -> Assignment:
    census = _census(workshop, audience)
    lines: dict[Line, list[Run]] = {}
    warnings: list[str] = []
    for place, sub_audience in enumerate(frozen.sub_audiences):
        lines |= _deal(place, sub_audience, census, warnings)
    borders = _borders(workshop, audience, census, lines)
    group = _group_sql(lines, borders)
    control = ", ".join(["-1", *(str(found.id) for found in _groups(frozen) if found.is_control)])
    relation = (
        f"(SELECT *, group_id IN ({control}) AS is_control"
        f" FROM (SELECT *, {group} AS group_id FROM {audience.relation}))"
    )
    return Assignment(relation, _counts(workshop, frozen, relation), tuple(warnings))


def _groups(frozen: Frozen) -> Iterable[FrozenGroup]:
    return (group for sub_audience in frozen.sub_audiences for group in sub_audience.groups)


def _census(workshop: Workshop, audience: Audience) -> Census:
    census = Census()
    for place, standing, kept, bucket, count in workshop.rows(
        f"SELECT place, standing, kept, CASE WHEN kept IS NULL THEN mark >> {64 - BUCKET_BITS} END AS bucket,"
        f" count(*) FROM {audience.relation} GROUP BY ALL"
    ):
        census.standing[place, standing] += count
        if kept is not None:
            census.kept[kept] += count
        else:
            census.buckets[place, POOLS[standing]][bucket] += count
    return census


def _deal(
    place: int, sub_audience: FrozenSubAudience, census: Census, warnings: list[str]
) -> dict[Line, list[Run]]:
    """Rules 2, 3 and 4 for one sub-audience: who is cut into which runs."""
    lines: dict[Line, list[Run]] = {}
    for pool, is_control in (("control", True), ("treated", False)):
        side = [group for group in sub_audience.groups if group.is_control == is_control]
        line: Line = (place, "control" if pool == "control" else "treated")
        if size := census.size(line):
            lines[line] = blocks(
                size,
                {group.id: group.hundredths for group in side},
                {group.id: group.dealt for group in side},
            )
    everyone = sub_audience.groups
    newcomers = blocks(
        census.size((place, "newcomers")),
        {group.id: group.hundredths for group in everyone},
        {group.id: group.assigned for group in everyone},
    )
    dealt = [run for runs in lines.values() for run in runs]
    lines[place, "newcomers"] = _fill_controls(sub_audience, newcomers, dealt, census, warnings)
    return lines


def _fill_controls(
    sub_audience: FrozenSubAudience,
    newcomers: list[Run],
    dealt: list[Run],
    census: Census,
    warnings: list[str],
) -> list[Run]:
    """Rule 4: no control group with a share stays empty while that can be helped."""
    controls = {group.id for group in sub_audience.groups if group.is_control}

    def present() -> dict[int, int]:
        found = {group.id: census.kept[group.id] for group in sub_audience.groups}
        for run in (*newcomers, *dealt):
            found[run.group_id] += run.size
        return found

    people = sum(present().values())
    for group in sorted(sub_audience.groups, key=lambda group: group.id):
        if not group.is_control or not group.hundredths or present()[group.id]:
            continue
        if people >= len(sub_audience.groups):
            newcomers = fill_control(newcomers, group.id, present(), controls)
        if people and not present()[group.id]:
            warnings.append(
                f"The control group {group.name} of {sub_audience.name} stays empty: there is no newcomer"
                " to put into it, so this launch has nobody to compare with there."
            )
    return newcomers


def _borders(
    workshop: Workshop, audience: Audience, census: Census, lines: Mapping[Line, list[Run]]
) -> dict[tuple[Line, int], int]:
    """{(line, rank): the mark of the person with that rank}, for the first of each run but the first run."""
    wanted: dict[tuple[Line, int], tuple[int, int]] = {}
    for line, runs in lines.items():
        for rank in accumulate(run.size for run in runs[:-1]):
            wanted[line, rank] = bucket_of(census.buckets[line], rank)
    marks = _marks(workshop, audience, {(line, bucket) for (line, _), (bucket, _) in wanted.items()})
    return {(line, rank): marks[line, bucket][offset] for (line, rank), (bucket, offset) in wanted.items()}


def _marks(
    workshop: Workshop, audience: Audience, wanted: set[tuple[Line, int]]
) -> dict[tuple[Line, int], list[int]]:
    if not wanted:
        return {}
    pool = " ".join(f"WHEN {standing:d} THEN '{name}'" for standing, name in POOLS.items())
    keys = ", ".join(f"({place}, '{name}', {bucket})" for (place, name), bucket in sorted(wanted))
    rows = workshop.rows(
        "SELECT place, pool, bucket, list_sort(list(mark)) FROM"
        f" (SELECT place, CASE standing {pool} END AS pool, mark >> {64 - BUCKET_BITS} AS bucket, mark"
        f" FROM {audience.relation} WHERE kept IS NULL)"
        f" WHERE (place, pool, bucket) IN ({keys}) GROUP BY ALL"
    )
    return {((place, name), bucket): marks for place, name, bucket, marks in rows}


def _group_sql(lines: Mapping[Line, list[Run]], borders: Mapping[tuple[Line, int], int]) -> str:
    """An expression over kept, place, standing and mark."""
    cases = []
    for (place, pool), runs in lines.items():
        if runs:
            standings = ", ".join(str(int(standing)) for standing, name in POOLS.items() if name == pool)
            cut = _cut_sql(runs, [borders[(place, pool), rank] for rank in _ranks(runs)])
            cases.append(f"WHEN place = {place} AND standing IN ({standings}) THEN {cut}")
    dealt = f"CASE {' '.join(cases)} END" if cases else "NULL"
    return f"CAST(CASE WHEN kept IS NOT NULL THEN kept ELSE {dealt} END AS BIGINT)"


def _ranks(runs: list[Run]) -> list[int]:
    return list(accumulate(run.size for run in runs[:-1]))


def _cut_sql(runs: list[Run], marks: list[int]) -> str:
    if not marks:
        return str(runs[0].group_id)
    cases = " ".join(
        f"WHEN mark < {mark}::UBIGINT THEN {run.group_id}" for run, mark in zip(runs, marks, strict=False)
    )
    return f"CASE {cases} ELSE {runs[-1].group_id} END"


def _counts(workshop: Workshop, frozen: Frozen, relation: str) -> tuple[GroupCounts, ...]:
    found: defaultdict[tuple[int, int], int] = defaultdict(int)
    for group_id, standing, count in workshop.rows(
        f"SELECT group_id, standing, count(*) FROM {relation} GROUP BY ALL"
    ):
        found[group_id, standing] += count
    return tuple(
        GroupCounts(
            sub_audience_id=sub_audience.id,
            group_id=group.id,
            customers=sum(found[group.id, standing] for standing in Standing),
            newcomers=found[group.id, Standing.NEWCOMER],
            returned=found[group.id, Standing.KEPT],
            changed_sub_audience=found[group.id, Standing.ENTERED_CONTROL]
            + found[group.id, Standing.ENTERED_TREATED],
            moved_by_edit=_redealt(found, group.id) + found[group.id, Standing.MOVED],
            redealt=_redealt(found, group.id),
            carried=group.assigned if sub_audience.before is not None else 0,
        )
        for sub_audience in frozen.sub_audiences
        for group in sub_audience.groups
    )


def _redealt(found: Mapping[tuple[int, int], int], group_id: int) -> int:
    return found[group_id, Standing.MOVED_CONTROL] + found[group_id, Standing.MOVED_TREATED]
