"""The rules of the assignment over random histories: people come, go and change, campaigns are edited in between."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.launches.frozen import FrozenGroup, FrozenSubAudience
from campaigns.planning.plain import KEEP, MOVE
from campaigns.planning.shares import fewest_moves, moved, webster
from tests.launches.assigning import Launched, Road, engine, place_in_order
from tests.launches.launching import campaign, destination, everyone_else, group, some

PEOPLE = 30
SUB_AUDIENCES = (1, 2, 3)  # the last is the rest
SPLITS: dict[int, list[tuple[int, ...]]] = {
    1: [(10_000,)],
    2: [(2000, 8000), (5000, 5000), (1, 9999)],
    3: [(1000, 3000, 6000), (3333, 3333, 3334)],
}
# Away, in a sub-audience, or in the first two at once.
PLACES = [(), (), (1,), (2,), (3,), (1, 2)]

Who = tuple[str, int]  # a customer in a sub-audience


@dataclass(frozen=True)
class Step:
    """What a person edits, and who is there at the launch after it."""

    edits: Mapping[int, tuple[tuple[FrozenGroup, ...], str]]  # by sub-audience: groups, and what was chosen
    first: int  # the sub-audience that stands first
    places: tuple[tuple[int, ...], ...]  # by customer


@st.composite
def some_groups(draw: st.DrawFn, kept: tuple[FrozenGroup, ...], unused: int) -> tuple[FrozenGroup, ...]:
    """Some of the groups that are there, and new ones, with other names, shares, ticks and order."""
    staying = draw(st.sets(st.sampled_from([one.id for one in kept]))) if kept else set()
    fresh = draw(st.integers(0 if staying else 1, 3 - len(staying)))
    ids = draw(st.permutations([*sorted(staying), *range(unused, unused + fresh)]))
    shares = draw(st.sampled_from(SPLITS[len(ids)]))
    ticks = [draw(st.booleans()) for _ in ids]
    return tuple(
        replace(group(pk, share, is_control=tick), name=draw(st.sampled_from(["Holdout", "Offer"])) + str(pk))
        for pk, share, tick in zip(ids, shares, ticks, strict=True)
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    standing: dict[int, tuple[FrozenGroup, ...]] = dict.fromkeys(SUB_AUDIENCES, ())
    unused = {part: 10 * part for part in SUB_AUDIENCES}
    steps = []
    for number in range(draw(st.integers(2, 4))):
        edits = {}
        for part in SUB_AUDIENCES:
            if number == 0 or draw(st.integers(0, 3)) == 0:
                groups = draw(some_groups(standing[part], unused[part]))
                edits[part] = groups, draw(st.sampled_from([KEEP, MOVE]))
                standing[part] = groups
                unused[part] = max(unused[part], *(one.id + 1 for one in groups))
        places = st.lists(st.sampled_from(PLACES), min_size=PEOPLE, max_size=PEOPLE).map(tuple)
        steps.append(Step(edits, draw(st.sampled_from([1, 2])), draw(places)))
    return steps


@dataclass(frozen=True)
class Seen:
    """One launch, with the state before and after it."""

    launched: Launched
    present: Mapping[str, int]  # the sub-audience of everybody who is there
    was: Mapping[Who, int]
    latest: Mapping[str, int]  # before: the sub-audience that everybody was last seen in
    now: Mapping[Who, int]

    @property
    def parts(self) -> tuple[FrozenSubAudience, ...]:
        return self.launched.frozen.sub_audiences

    def groups(self, part: int) -> dict[int, FrozenGroup]:
        (found,) = (one for one in self.parts if one.id == part)
        return {one.id: one for one in found.groups}

    @cached_property
    def is_control(self) -> dict[int, bool]:
        """By group, as it is in this launch; a removed one's side is what it was."""
        alive = {one.id: one.is_control for part in self.parts for one in part.groups}
        return {**self.launched.frozen.removed_groups, **alive}

    @cached_property
    def moving(self) -> frozenset[int]:
        """The sub-audiences where a person chose to move as few as needed."""
        return frozenset(part.id for part in self.parts if part.before is not None)

    def own(self, key: str, part: int) -> int | None:
        """The group from earlier launches, after the moves that were asked for."""
        state = self.now if part in self.moving and (key, part) in self.was else self.was
        return state.get((key, part))

    def side(self, key: str) -> bool | None:
        """Whether it comes as control; None for who was never assigned."""
        own = self.own(key, self.latest[key]) if key in self.latest else None
        return None if own is None else self.is_control[own]

    def has_side(self, part: int, side: bool | None) -> bool:
        return any(one.is_control is side for one in self.groups(part).values())

    def keeps(self, key: str, part: int) -> bool:
        """Whether it has a group here that is still there."""
        return self.own(key, part) in self.groups(part)

    def people(self, part: int) -> list[str]:
        """Who is there, in the order of rule 3."""
        found = [key for key, at in self.present.items() if at == part]
        return sorted(found, key=lambda key: place_in_order(part, key))

    def newcomers(self, part: int) -> list[str]:
        """Whoever has no group here, and no side or one that has no group here."""
        return [
            key
            for key in self.people(part)
            if not self.keeps(key, part) and not self.has_side(part, self.side(key))
        ]

    def enters(self, part: int) -> list[str]:
        """Who has no group here, but a side that has one."""
        return [
            key
            for key in self.people(part)
            if not self.keeps(key, part) and self.has_side(part, self.side(key))
        ]

    def sizes(self, part: int) -> Counter[int]:
        return Counter(self.now[key, part] for key in self.people(part))


def seen(steps: list[Step]) -> Iterator[Seen]:
    with tempfile.TemporaryDirectory() as folder:
        none: tuple[FrozenGroup, ...] = ()
        parts = some(1, *none), some(2, *none), everyone_else(*none, number=3)
        road = Road(campaign(*parts, destinations=[destination(1)]), Path(folder))
        was: dict[Who, int] = {}
        latest: dict[str, int] = {}
        for step in steps:
            for part, (groups, choice) in step.edits.items():
                road.edit(part, groups, choice)
            order = (step.first, 3 - step.first, 3)
            road.frozen = replace(road.frozen, sub_audiences=tuple(road.part(one) for one in order))
            launched = road.launch(customers(step.places))
            now = {(key, part): found for key, part, found, _ in history(road)}
            yield Seen(launched, present(step), was, latest, now)
            was, latest = now, {key: part for key, part, _, is_latest in history(road) if is_latest}


def history(road: Road) -> list[tuple[str, int, int, bool]]:
    return (
        engine()
        .execute(f"SELECT customer_key, sub_audience_id, group_id, latest FROM {road.rows}")
        .fetchall()
    )


def customers(places: tuple[tuple[int, ...], ...]) -> str:
    rows = [f"('C{number}', {1 in found}, {2 in found})" for number, found in enumerate(places) if found] or [
        "(NULL, false, false)"
    ]
    names = "customer_key, sub_audience_1, sub_audience_2"
    return f"SELECT *, customer_key IS NOT NULL AS segment_1 FROM (VALUES {', '.join(rows)}) AS t({names})"


def present(step: Step) -> dict[str, int]:
    """The first that matches."""
    return {
        f"C{number}": step.first if step.first in found else found[0]
        for number, found in enumerate(step.places)
        if found
    }


def rule_1_whoever_was_assigned_keeps_the_group_also_while_away(one: Seen) -> None:
    for (key, part), found in one.was.items():
        is_removed_here = found not in one.groups(part) and one.present.get(key) == part
        if part not in one.moving and not is_removed_here:
            assert one.now[key, part] == found


def rule_2_nobody_changes_side_where_the_sub_audience_has_a_group_of_it(one: Seen) -> None:
    for key, part in one.present.items():
        side = one.side(key)
        if side is not None and one.has_side(part, side) and not one.keeps(key, part):
            assert one.is_control[one.now[key, part]] is side


def rule_2_who_enters_is_dealt_by_the_shares_of_the_side_and_counted_apart(one: Seen) -> None:
    for part in one.parts:
        counts = [one.launched.counts[found.id] for found in part.groups]
        assert sum(found.dealt for found in counts) == len(one.enters(part.id))
        for side in (True, False):
            groups = {found.id: found for found in part.groups if found.is_control is side}
            earlier = {pk: 0 if part.id in one.moving else found.dealt for pk, found in groups.items()}
            total = {pk: earlier[pk] + one.launched.counts[pk].dealt for pk in groups}
            if groups:
                shares = {pk: found.hundredths for pk, found in groups.items()}
                assert total == webster(sum(total.values()), shares)


def rule_3_newcomers_are_cut_into_blocks_by_the_shares_alone(one: Seen) -> None:
    for part in one.parts:
        newcomers = one.newcomers(part.id)
        counts = {found.id: one.launched.counts[found.id] for found in part.groups}
        assert sum(found.newcomers for found in counts.values()) == len(newcomers)
        if is_filled(one, part):
            continue
        got = [one.now[key, part.id] for key in newcomers]
        assert got == sorted(got)
        earlier = {
            found.id: counts[found.id].carried if part.id in one.moving else found.assigned
            for found in part.groups
        }
        goal = webster(
            len(newcomers) + sum(earlier.values()), {found.id: found.hundredths for found in part.groups}
        )
        if all(earlier[pk] <= goal[pk] for pk in goal):
            assert {pk: earlier[pk] + found.newcomers for pk, found in counts.items()} == goal
        else:  # rule 4 gave a group more than its share: it gets nobody until the others have caught up
            assert not any(counts[pk].newcomers for pk in goal if earlier[pk] > goal[pk])


def rule_4_a_control_group_is_empty_only_where_nobody_can_be_spared(one: Seen) -> None:
    for part in one.parts:
        sizes = one.sizes(part.id)
        for found in part.groups:
            if found.is_control and sizes and not sizes[found.id]:
                if sizes.total() >= len(part.groups):
                    spared = [one.now[key, part.id] for key in one.newcomers(part.id)]
                    assert all(one.is_control[pk] and sizes[pk] == 1 for pk in spared)
                assert any(
                    f"{found.name} of {part.name} stays empty" in told for told in one.launched.warnings
                )


def rule_5_as_few_as_needed_move_and_the_last_in_the_order_first(one: Seen) -> None:
    assert set(one.launched.moved) <= one.moving
    for part in one.parts:
        if part.before is None:
            continue
        lines: dict[int, list[str]] = defaultdict(list)
        for key, at in sorted(one.was, key=lambda who: place_in_order(part.id, who[0])):
            if at == part.id:
                lines[one.was[key, at]].append(key)
        sides = {**one.is_control, **{pk: share.is_control for pk, share in part.before.items()}}
        people = {pk: len(keys) for pk, keys in lines.items()}
        flows = fewest_moves(people, {pk: sides[pk] for pk in people}, part.before, part.shares)
        assert one.launched.moved.get(part.id, 0) == moved(flows)
        for pk, keys in lines.items():
            stay = flows[pk].get(pk, 0)
            assert [one.now[key, part.id] == pk for key in keys] == [
                place < stay for place in range(len(keys))
            ]


def is_filled(one: Seen, part: FrozenSubAudience) -> bool:
    """Whether rule 4 may have given the first newcomer to a control group."""
    first = one.newcomers(part.id)[:1]
    sizes = one.sizes(part.id)
    return any(one.is_control[one.now[key, part.id]] and sizes[one.now[key, part.id]] == 1 for key in first)


RULES = (
    rule_1_whoever_was_assigned_keeps_the_group_also_while_away,
    rule_2_nobody_changes_side_where_the_sub_audience_has_a_group_of_it,
    rule_2_who_enters_is_dealt_by_the_shares_of_the_side_and_counted_apart,
    rule_3_newcomers_are_cut_into_blocks_by_the_shares_alone,
    rule_4_a_control_group_is_empty_only_where_nobody_can_be_spared,
    rule_5_as_few_as_needed_move_and_the_last_in_the_order_first,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=histories())
def test_every_rule_holds_launch_after_launch(steps: list[Step]) -> None:
    for one in seen(steps):
        for rule in RULES:
            rule(one)
