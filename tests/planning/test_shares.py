"""As few people as needed get another group, and sides are crossed only as far as their shares changed."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.planning.shares import (
    Movement,
    Share,
    Shares,
    Sizes,
    fewest_moves,
    kept,
    moved,
    split,
    webster,
)

OLD = {1: Share(2000, True), 2: Share(8000, False)}


def flows(people: Sizes, before: Shares, now: Shares, **removed: bool) -> dict[int, Sizes]:
    sides = {group: before[group].is_control if group in before else removed[f"g{group}"] for group in people}
    return fewest_moves(people, sides, before, now)


def test_it_moves_the_difference_of_the_shares() -> None:
    now = {1: Share(3000, True), 2: Share(7000, False)}
    assert flows({1: 200, 2: 800}, OLD, now) == {1: {1: 200}, 2: {2: 700, 1: 100}}


def test_nobody_crosses_where_the_sides_shares_stay() -> None:
    """Of the 300 in control a hundred entered from elsewhere; that is no reason to move them."""
    before = {1: Share(2000, True), 2: Share(4000, False), 3: Share(4000, False)}
    now = {1: Share(2000, True), 2: Share(6000, False), 3: Share(2000, False)}
    found = flows({1: 300, 2: 350, 3: 350}, before, now)
    assert found == {1: {1: 300}, 2: {2: 350}, 3: {3: 175, 2: 175}}


def test_it_crosses_no_further_than_the_shares_changed() -> None:
    now = {1: Share(3000, True), 2: Share(7000, False)}
    assert flows({1: 0, 2: 1000}, OLD, now)[2] == {2: 900, 1: 100}


def test_it_crosses_no_more_than_is_needed() -> None:
    now = {1: Share(3000, True), 2: Share(7000, False)}
    assert moved(flows({1: 280, 2: 720}, OLD, now)) == 20
    assert moved(flows({1: 400, 2: 600}, OLD, now)) == 0


def test_people_of_a_removed_group_go_first() -> None:
    before = {1: Share(2000, True), 2: Share(4000, False), 3: Share(4000, False)}
    now = {1: Share(4000, True), 2: Share(6000, False)}
    assert flows({1: 20, 2: 40, 3: 40}, before, now) == {1: {1: 20}, 2: {2: 40}, 3: {1: 20, 2: 20}}


def test_a_side_without_a_group_goes_over_whole() -> None:
    assert flows({1: 20, 2: 80}, OLD, {2: Share(10_000, False)}) == {1: {2: 20}, 2: {2: 80}}


def test_of_a_flipped_group_those_who_cross_may_stay() -> None:
    now = {1: Share(2000, False), 2: Share(8000, False)}
    assert moved(flows({1: 20, 2: 80}, OLD, now)) == 0


def test_flipping_both_groups_crosses_only_what_the_sides_changed() -> None:
    before = {1: Share(5000, True), 2: Share(5000, False)}
    now = {1: Share(5000, False), 2: Share(5000, True)}
    assert flows({1: 50, 2: 50}, before, now) == {1: {2: 50}, 2: {1: 50}}


def test_kept_people_of_a_removed_group_stay_on_their_side_where_it_has_a_group() -> None:
    now = {1: Share(2000, True), 2: Share(4000, False), 3: Share(4000, False)}
    found = kept({1: 20, 2: 40, 9: 40}, {1: True, 2: False, 9: False}, now)
    assert found == {1: {1: 20}, 2: {2: 40}, 9: {2: 20, 3: 20}}
    assert kept({1: 20, 2: 80}, {1: True, 2: False}, {2: Share(10_000, False)})[1] == {2: 20}


def test_it_tells_how_many_change_side_and_how_many_only_the_group() -> None:
    sides = {1: True, 2: False, 3: False}
    now = {1: Share(3000, True), 2: Share(5000, False), 3: Share(2000, False)}
    found = Movement.of({1: {1: 20}, 2: {2: 40}, 3: {3: 20, 2: 10, 1: 10}}, sides, now)
    assert found == Movement(moved=20, to_control=10, to_treated=0, within=10)
    assert found.words == "10 from treatment to control, 10 to another group of the same side"


def test_the_people_of_a_flipped_group_change_side_without_changing_group() -> None:
    now = {1: Share(2000, False), 2: Share(8000, False)}
    found = Movement.of(kept({1: 1200, 2: 80}, {1: True, 2: False}, now), {1: True, 2: False}, now)
    assert (found.moved, found.words) == (0, "1,200 from control to treatment")
    assert Movement().words == ""


@st.composite
def shares(draw: st.DrawFn, groups: st.SearchStrategy[list[int]]) -> dict[int, Share]:
    ids = draw(groups)
    weights = [draw(st.integers(1, 5000)) for _ in ids]
    sizes = webster(10_000 - len(ids), dict(zip(ids, weights, strict=True)))
    return {group: Share(1 + sizes[group], draw(st.booleans())) for group in ids}


unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
some_groups = st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True)


@unhurried
@given(before=shares(some_groups), now=shares(some_groups), data=st.data())
def test_everybody_has_a_group_and_the_sides_hold(
    before: dict[int, Share], now: dict[int, Share], data: st.DataObject
) -> None:
    people = {group: data.draw(st.integers(0, 300)) for group in before}
    found = flows(people, before, now)
    assert {group: sum(to.values()) for group, to in found.items()} == people
    assert all(size > 0 and target in now for to in found.values() for target, size in to.items())
    crossed = {True: 0, False: 0}
    for group, to in found.items():
        for target, size in to.items():
            if before[group].is_control != now[target].is_control:
                crossed[now[target].is_control] += size
    total = sum(people.values())
    sides = {side: [share.is_control for share in now.values()].count(side) for side in (True, False)}
    if all(sides.values()):
        changed = abs(_control(total, now) - _control(total, before))
        assert min(crossed.values()) == 0
        assert max(crossed.values()) <= changed


def _control(total: int, of: dict[int, Share]) -> int:
    return sum(size for group, size in split(total, of).items() if of[group].is_control)


@unhurried
@given(before=shares(some_groups), total=st.integers(0, 2000))
def test_the_same_shares_move_nobody(before: dict[int, Share], total: int) -> None:
    assert moved(flows(split(total, before), before, before)) == 0
