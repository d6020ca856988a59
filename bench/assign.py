"""Treatment groups of N customers, nine in ten of them with a group already, against SQL by hand, in one run.

    python -m bench.assign --customers 10000000

`assign` reads the keys, keeps who has a group, deals out the newcomers and writes the history, as a launch does.
`move` does so after an edit from 10 % control to 12 % that moves as few as needed. By hand it is a join, a sort of the
newcomers by md5, and the history with those who are away. Each figure is the quickest of some rounds, taken by turns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.customers import made
from bench.measuring import against_hand, by_turns, circumstances, live_in, scratch, size_options
from bench.scene import start_django

if TYPE_CHECKING:
    import duckdb

    from campaigns.launches.frozen import Frozen

MOST_RATIO = 1.6
ROUNDS = 3
SALT = "0123456789abcdef"
CONTROL, MORNING, EVENING = 1, 2, 3
KEYS = "SELECT customer_id AS customer_key, true AS segment_1 FROM '{folder}/customer_360.parquet'"
BEFORE = " WHERE hash(customer_id, 'before') % 10 > 0"
GROUPS_BY_HAND = """
    COPY (
        WITH joined AS (
            SELECT customer_id AS customer_key, group_id, launch_id,
                CAST(md5_number('{salt}\x1f1\x1f' || customer_id) >> 64 AS UBIGINT) AS mark
            FROM '{folder}/customer_360.parquet' LEFT JOIN '{history}' ON customer_key = customer_id
        ), newcomers AS (
            SELECT customer_key, mark, row_number() OVER (ORDER BY mark) AS place FROM joined WHERE group_id IS NULL
        )
        SELECT customer_key, mark, group_id, launch_id FROM joined WHERE group_id IS NOT NULL
        UNION ALL
        SELECT customer_key, mark,
            CASE WHEN place <= {control} THEN 1 WHEN place <= {control} + {morning} THEN 2 ELSE 3 END, 2
        FROM newcomers
    ) TO '{groups}' (FORMAT parquet)
"""
HISTORY_BY_HAND = """
    COPY (
        SELECT customer_key, group_id, launch_id, 2 AS seen FROM '{groups}'
        UNION ALL
        SELECT customer_key, group_id, launch_id, seen FROM '{history}' ANTI JOIN '{groups}' USING (customer_key)
    ) TO '{written}' (FORMAT parquet)
"""


@dataclass(frozen=True)
class Keys:
    """What a launch reads of a customer database, without rules or values."""

    connection: duckdb.DuckDBPyConnection
    sql: str

    def flagged(self, columns: Any) -> Any:
        from campaigns.launches.source import Flagged

        return Flagged(self.sql, {})

    def values(self, column: str) -> Any:
        raise NotImplementedError

    def sizes(self) -> Any:
        raise NotImplementedError

    def multiplied(self) -> str:
        return ""


def main() -> None:
    options = size_options(__doc__)
    folder = made(options.customers)
    found = circumstances(options.threads) | {"customers": options.customers}
    with scratch() as data:
        live_in(data, options.threads)
        counts, seconds = _measure(folder, data)
    against_hand("assign", options, found, counts, seconds, most=MOST_RATIO, counted="control")


def _measure(folder: Path, data: Path) -> tuple[dict[str, int], dict[str, float]]:
    """({name: customers in control}, {name: seconds}) of both sides, and of a move beside them."""
    start_django()
    keys = KEYS.format(folder=folder)
    first, given = _launch(data / "first", keys + BEFORE, _frozen(1000, {}), None)
    sides: dict[str, Callable[[], int]] = {
        "hand": lambda: _by_hand(folder, data, first, given),
        "assign": lambda: _control(_launch(data / "assign", keys, _frozen(1000, given), first)[0]),
        "move": lambda: _control(_launch(data / "move", keys, _frozen(1200, given, moves=True), first)[0]),
    }
    counts, taken = by_turns(sides, ROUNDS)
    return counts, {name: min(found) for name, found in taken.items()}


def _frozen(control: int, given: dict[int, int], *, moves: bool = False) -> Frozen:
    """One sub-audience of three groups; `given`: how many newcomers each had before."""
    from campaigns.launches.frozen import Frozen, FrozenGroup, FrozenSubAudience
    from campaigns.planning.shares import Share

    half = (10_000 - control) // 2
    shares = {CONTROL: control, MORNING: half, EVENING: half}
    groups = tuple(
        FrozenGroup(pk, f"Group{pk}", share, is_control=pk == CONTROL, assigned=given.get(pk, 0))
        for pk, share in shares.items()
    )
    before = {CONTROL: Share(1000, True), MORNING: Share(4500, False), EVENING: Share(4500, False)}
    part = FrozenSubAudience(1, "Everybody", groups, before=before if moves else None)
    return Frozen(
        campaign_id=1,
        campaign_name="Spring Sale",
        customer_database_id=1,
        salt=SALT,
        first_match_only=True,
        now="2026-11-25T12:00:00+00:00",
        default_country="US",
        include=(1,),
        exclude=(),
        segments=(),
        sub_audiences=(part,),
        destinations=(),
    )


def _launch(folder: Path, keys: str, frozen: Frozen, history: Path | None) -> tuple[Path, dict[int, int]]:
    """(the history afterwards, how many newcomers each group got)."""
    from campaigns.launches.assignment import assign
    from campaigns.launches.audience import read_audience
    from campaigns.launches.history import History
    from campaigns.launches.workshop import Workshop
    from config.own_duckdb import open_duckdb

    with open_duckdb(preserve_insertion_order=False) as connection:
        workshop = Workshop(connection, folder)
        past = History.open(workshop, history, frozen)
        audience = read_audience(workshop, Keys(connection, keys), frozen, (), past)
        found = assign(workshop, past.moves.counted_on(frozen), audience)
        written = past.write(workshop, frozen, found.relation, 1 if history is None else 2)
    return written, {one.group_id: one.newcomers for one in found.groups}


def _by_hand(folder: Path, data: Path, history: Path, given: dict[int, int]) -> int:
    from config.own_duckdb import open_duckdb

    written = data / "by-hand.parquet"
    with open_duckdb(preserve_insertion_order=False) as connection:
        (total,) = connection.sql(f"SELECT count(*) FROM '{folder}/customer_360.parquet'").fetchall()[0]
        control, morning = round(total * 0.1) - given[CONTROL], round(total * 0.45) - given[MORNING]
        names = {"folder": folder, "history": history, "groups": data / "groups.parquet", "written": written}
        for sql in (GROUPS_BY_HAND, HISTORY_BY_HAND):
            connection.execute(sql.format(**names, salt=SALT, control=control, morning=morning))
    return _control(written)


def _control(history: Path) -> int:
    import duckdb

    with duckdb.connect() as connection:
        return int(
            connection.execute(f"SELECT count(*) FROM '{history}' WHERE group_id = {CONTROL}").fetchall()[0][
                0
            ]
        )


if __name__ == "__main__":
    main()
