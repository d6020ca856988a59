"""What shows only over many launches, many salts or many people: no tilt, no bias, nothing in common."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from campaigns.launches.frozen import Frozen
from campaigns.planning.models import new_salt
from tests.launches.assigning import Road, engine
from tests.launches.launching import campaign, destination, everyone_else, group, some

SALTS = [f"{number:032x}" for number in range(40)]
PEOPLE = 500


def split(*shares: int, salt: str = "salt") -> Frozen:
    """The first group is control."""
    groups = [group(number, share, is_control=number == 1) for number, share in enumerate(shares, 1)]
    return campaign(everyone_else(*groups), destinations=[destination(1)], salt=salt)


def everybody(rows: str) -> str:
    return f"SELECT key AS customer_key, true AS segment_1 FROM ({rows})"


@pytest.mark.parametrize("leaving", [1, 2], ids=["control", "treated"])
def test_a_year_in_which_one_side_loses_three_percent_a_week_tilts_no_newcomer(
    tmp_path: Path, leaving: int
) -> None:
    """Whoever goes by who is there fills that side up again, and in the end hardly anybody joins the other."""
    road, gone, size = Road(split(2000, 8000), tmp_path), f"gone_from_{leaving}", 1000
    engine().execute(f"CREATE OR REPLACE TABLE {gone} (key VARCHAR)")
    given: Counter[int] = Counter()
    for week in range(52):
        rows = f"(SELECT 'C' || range AS key FROM range({size + 40 * week}))"
        launched = road.launch(everybody(f"FROM {rows} ANTI JOIN {gone} USING (key)"))
        joining = {number: found.newcomers for number, found in launched.counts.items()}
        given += Counter(joining)
        assert joining == ({1: 200, 2: 800} if week == 0 else {1: 8, 2: 32})
        assert all(found.returned + found.newcomers == found.customers for found in launched.counts.values())
        engine().execute(
            f"INSERT INTO {gone} SELECT customer_key FROM (FROM {road.rows} ANTI JOIN {gone}"
            f" ON key = customer_key WHERE group_id = {leaving} ORDER BY md5(customer_key))"
            f" LIMIT {launched.counts[leaving].customers * 3 // 100}"
        )
    assert dict(given) == {1: 608, 2: 2432}
    left = engine().execute(f"SELECT count(*) FROM {gone}").fetchall()[0][0]
    assert left > 200


def with_many_salts(folder: Path, people: str) -> str:
    """The groups of the same people in many campaigns, 20 : 30 : 50, as a relation of salt, key and group."""
    paths = []
    for salt in SALTS:
        road = Road(split(2000, 3000, 5000, salt=salt), folder)
        road.launch(everybody(people))
        paths.append(f"SELECT '{salt}' AS salt, customer_key AS key, group_id FROM {road.rows}")
    engine().execute(f"CREATE OR REPLACE TABLE many_salts AS {' UNION ALL '.join(paths)}")
    return "many_salts"


def chi_squares(counts: str, degrees: int) -> float:
    """How many standard deviations the sum of the chi-squares of many tables lies off what chance gives.

    `counts` has `one`, `other` and `n` for the cells of the tables, which are told apart by `which`; every table
    has `degrees` of freedom.
    """
    total, tables = (
        engine()
        .execute(
            f"""
        WITH cells AS ({counts}),
        expected AS (
            SELECT *, sum(n) OVER (PARTITION BY which, one) * sum(n) OVER (PARTITION BY which, other)
                / sum(n) OVER (PARTITION BY which) AS wanted
            FROM cells
        )
        SELECT sum(pow(n - wanted, 2) / wanted), count(DISTINCT which) FROM expected
        """
        )
        .fetchall()[0]
    )
    wanted = degrees * tables * PEOPLE / (PEOPLE - 1)
    return float((total - wanted) / (2 * degrees * tables) ** 0.5)


def test_two_campaigns_have_nothing_in_common(tmp_path: Path) -> None:
    """Of 780 pairs of campaigns: as much in common as chance gives, neither more nor less."""
    groups = with_many_salts(tmp_path, f"SELECT 'C' || range AS key FROM range({PEOPLE})")
    pairs = f"{groups} AS one JOIN {groups} AS other ON one.key = other.key AND one.salt < other.salt"
    cells = (
        "SELECT one.salt || other.salt AS which, one.group_id AS one, other.group_id AS other, count(*) AS n"
        f" FROM {pairs} GROUP BY ALL"
    )
    assert abs(chi_squares(cells, 4)) < 4
    same = f"SELECT 'same' AS which, group_id AS one, group_id AS other, count(*) AS n FROM {groups} GROUP BY ALL"
    assert chi_squares(same, 4) > 100  # what it says of two campaigns that do have the same groups


@pytest.mark.parametrize(
    "key",
    ["range", "'C' || lpad(range::VARCHAR, 9, '0')", "md5(range::VARCHAR)::UUID"],
    ids=["numbers", "padded", "UUIDs"],
)
def test_no_group_is_biased_by_the_order_of_the_keys(tmp_path: Path, key: str) -> None:
    groups = with_many_salts(tmp_path, f"SELECT ({key})::VARCHAR AS key FROM range({PEOPLE})")
    tenth = f"(SELECT *, ntile(10) OVER (PARTITION BY salt ORDER BY key) AS tenth FROM {groups})"
    cells = f"SELECT salt AS which, tenth AS one, group_id AS other, count(*) AS n FROM {tenth} GROUP BY ALL"
    assert abs(chi_squares(cells, 18)) < 4


def test_a_rename_and_another_order_on_the_screen_change_nothing(tmp_path: Path) -> None:
    people = (
        "SELECT 'C' || range AS customer_key, true AS segment_1, range % 3 = 0 AS sub_audience_1,"
        f" range % 3 = 1 AS sub_audience_2 FROM range({PEOPLE})"
    )
    parts = [
        some(1, group(1, 1000), group(2, 4000, 1), group(3, 5000, 1)),
        some(2, group(4, 5000), group(5, 5000, 1)),
    ]
    plan = campaign(*parts, destinations=[destination(1)])
    renamed = tuple(
        replace(
            part,
            name=f"Called {part.id} now",
            groups=tuple(replace(one, name=f"Offer {one.id}") for one in reversed(part.groups)),
        )
        for part in reversed(plan.sub_audiences)
    )
    other = replace(plan, campaign_name="Summer", sub_audiences=renamed)

    def rows(first: Frozen, second: Frozen) -> list[tuple[object, ...]]:
        road = Road(first, tmp_path / f"{id(first)}-{id(second)}")
        road.launch(f"{people} WHERE range < 300")
        road.frozen = second
        road.launch(people)
        found = engine().execute(f"SELECT customer_key, group_id, launch_id FROM {road.rows} ORDER BY ALL")
        return found.fetchall()

    assert rows(plan, plan) == rows(plan, other) == rows(other, other) == rows(other, plan)


def test_the_next_campaign_has_a_salt_that_nobody_can_guess() -> None:
    salts = {new_salt() for _ in range(100)}
    assert len(salts) == 100
    assert min(len(salt) for salt in salts) >= 32
