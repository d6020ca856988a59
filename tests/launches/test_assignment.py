"""Who gets which group: the rules of the assignment, one by one."""

import hashlib
from dataclasses import replace
from pathlib import Path

from campaigns.launches.built import Built
from campaigns.launches.frozen import Frozen
from tests.launches.launching import (
    Customer,
    campaign,
    destination,
    everyone_else,
    group,
    groups_of,
    launch,
    people,
    rows_of,
    some,
)

EMAIL = [destination(1)]
GOLD = ["segment_1", "sub_audience_1"]


def split(control: int, *treated: int) -> Frozen:
    groups = [group(1, control), *(group(number, share, 1) for number, share in enumerate(treated, 2))]
    return campaign(everyone_else(*groups), destinations=EMAIL)


def test_newcomers_are_cut_in_the_order_of_their_md5(tmp_path: Path) -> None:
    built = launch(split(2000, 8000), people(*range(50)), tmp_path)

    def mark(key: str) -> int:
        digest = hashlib.md5(f"salt\x1f1\x1f{key}".encode()).digest()
        return int.from_bytes(digest, "little")

    first = sorted((f"C{number}" for number in range(50)), key=mark)[:10]
    assert sorted(first) == sorted(key for (key, _), found in groups_of(built).items() if found == 1)


def test_a_control_group_is_not_left_empty(tmp_path: Path) -> None:
    built = launch(split(1, 9999), people(1, 2), tmp_path)
    assert [found.customers for found in built.counts.groups] == [1, 1]
    assert built.counts.groups[0].newcomers == 1


def test_with_fewer_people_than_groups_control_may_stay_empty(tmp_path: Path) -> None:
    built = launch(split(1, 9999), people(1), tmp_path)
    assert [found.customers for found in built.counts.groups] == [0, 1]
    assert "Group1 of All remaining recipients stays empty" in built.counts.warnings[0]


def test_control_stays_empty_where_nobody_is_new(tmp_path: Path) -> None:
    before = launch(split(0, 10000), people(1, 2, 3), tmp_path)
    built = launch(split(1, 9999), people(1, 2, 3), tmp_path, launch_id=2, before=before)
    assert [found.returned for found in built.counts.groups] == [0, 3]
    assert len(built.counts.warnings) == 1


def test_two_control_groups_are_filled_without_robbing_each_other(tmp_path: Path) -> None:
    frozen = campaign(everyone_else(group(1, 3000), group(2, 1), group(3, 6999, 1)), destinations=EMAIL)
    built = launch(frozen, people(1, 2, 3), tmp_path)
    assert [found.customers for found in built.counts.groups] == [1, 1, 1]


def test_a_removed_groups_people_keep_their_side(tmp_path: Path) -> None:
    before = launch(split(2000, 4000, 4000), people(*range(100)), tmp_path)
    built = launch(
        replace(split(2000, 8000), removed_groups={3: False}),
        people(*range(100)),
        tmp_path,
        launch_id=2,
        before=before,
    )
    assert [found.moved_by_edit for found in built.counts.groups] == [0, 40]
    assert [found.customers for found in built.counts.groups] == [20, 80]


def test_people_of_a_removed_control_group_without_another_are_newcomers(tmp_path: Path) -> None:
    before = launch(split(2000, 8000), people(*range(100)), tmp_path)
    frozen = campaign(everyone_else(group(2, 10000, 1)), destinations=EMAIL, removed_groups={1: True})
    built = launch(frozen, people(*range(100)), tmp_path, launch_id=2, before=before)
    assert (built.counts.groups[0].returned, built.counts.groups[0].newcomers) == (80, 20)


def two_parts(**more: object) -> Frozen:
    return campaign(
        some(1, group(1, 5000), group(2, 5000, 1)),
        everyone_else(group(3, 5000), group(4, 2500, 1), group(5, 2500, 1), number=2),
        destinations=EMAIL,
        **more,
    )


def test_who_changes_the_sub_audience_keeps_the_side_and_is_dealt_by_the_sides_shares(tmp_path: Path) -> None:
    before = launch(two_parts(), people(*range(80), flags=GOLD), tmp_path)
    built = launch(two_parts(), people(*range(80)), tmp_path, launch_id=2, before=before)
    found = {counted.group_id: counted.changed_sub_audience for counted in built.counts.groups}
    assert found == {1: 0, 2: 0, 3: 40, 4: 20, 5: 20}
    assert sum(counted.newcomers for counted in built.counts.groups) == 0


def test_who_comes_back_has_the_old_group_again(tmp_path: Path) -> None:
    first = launch(two_parts(), people(*range(40), flags=GOLD), tmp_path)
    away = launch(two_parts(), people(*range(40)), tmp_path, launch_id=2, before=first)
    back = launch(two_parts(), people(*range(40), flags=GOLD), tmp_path, launch_id=3, before=away)
    assert {who: found for who, found in groups_of(back).items() if who[1] == 1} == groups_of(first)
    assert back.counts.groups[0].returned == 20


def test_without_first_match_only_each_sub_audience_has_a_history_of_its_own(tmp_path: Path) -> None:
    frozen = two_parts(first_match_only=False)
    before = launch(frozen, people(*range(40), flags=GOLD), tmp_path)
    built = launch(frozen, people(*range(40)), tmp_path, launch_id=2, before=before)
    assert sum(counted.newcomers for counted in built.counts.groups) == 40


def test_a_shared_value_goes_with_the_customer_assigned_first(tmp_path: Path) -> None:
    def who_gets_it(built: Built) -> list[str]:
        rows = rows_of(built.recipients[1], "customer_key, outcome")
        return [key for key, outcome in rows if outcome == "sent"]

    frozen = split(0, 10000)
    rows = [Customer(f"C{n}", values={"people.email": ("same@example.com",)}) for n in range(20)]
    late = Customer("C7", values=rows[7].values)
    before = launch(frozen, [late], tmp_path)
    built = launch(frozen, rows, tmp_path, launch_id=2, before=before)
    assert who_gets_it(built) == ["C7"]
    assert built.counts.deliveries[0].outcomes.duplicate == 19


def test_who_entered_and_who_left_is_counted(tmp_path: Path) -> None:
    before = launch(two_parts(), people(*range(10), flags=GOLD), tmp_path)
    rows = people(*range(5)) + people(11, 12, 13)
    counts = launch(two_parts(), rows, tmp_path, launch_id=2, before=before).counts
    assert (counts.entered, counts.left) == (3, 5)
    nobody = launch(two_parts(), [], tmp_path, launch_id=3, before=before)
    again = launch(two_parts(), rows, tmp_path, launch_id=4, before=nobody).counts
    assert (again.entered, again.left) == (8, 0)


def test_a_preflight_leaves_no_history(tmp_path: Path) -> None:
    assert launch(split(1000, 9000), people(1, 2), tmp_path, launch_id=0).history is None
