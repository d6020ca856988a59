"""The assignment history: one immutable Parquet file per launch with everybody the campaign ever assigned.

One row per customer and sub-audience: `customer_key`, `sub_audience_id`, `group_id`, `is_control`, `launch_id`
(when the customer was given this group), `seen` (the last launch with the customer in this sub-audience) and
`latest` (of the customer's rows the one last seen: it says the side). The file's metadata names the launch that
wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from campaigns.customers.normalise import quoted
from campaigns.launches.frozen import Frozen, FrozenSubAudience
from campaigns.launches.moving import Moves, plan_moves
from campaigns.launches.workshop import Workshop, scan


class Standing(IntEnum):
    """How a customer comes to a sub-audience; rules of architecture.md, "Assignment"."""

    NEWCOMER = 0  # rule 3
    KEPT = 1  # rule 1
    ENTERED_CONTROL = 2  # rule 2, with the side of another sub-audience
    ENTERED_TREATED = 3
    MOVED_CONTROL = 4  # rule 5: the group was removed, the side stays
    MOVED_TREATED = 5
    MOVED = 6  # rule 5: an edit moves as few as needed


@dataclass(frozen=True)
class History:
    """What earlier launches of the campaign left; nothing before the first."""

    path: Path | None
    previous_launch: int = 0
    present: int = 0  # customers in the sub-audiences of the previous launch
    moves: Moves = field(default_factory=Moves)

    @classmethod
    def open(cls, workshop: Workshop, path: Path | None, frozen: Frozen) -> History:
        if path is None:
            return cls(None)
        noted = workshop.rows(
            f"SELECT CAST(decode(value) AS BIGINT) FROM parquet_kv_metadata({quoted(str(path))})"
            " WHERE decode(key) = 'launch_id'"
        )
        launch = noted[0][0]
        (present,) = workshop.row(f"SELECT count(*) FROM {scan(path)} WHERE latest AND seen = {launch}")
        return cls(path, launch, present, plan_moves(workshop, frozen, path))

    def same_for_all(self) -> dict[str, str]:
        if self.path is not None:
            return {}
        newcomer = {"standing": f"{Standing.NEWCOMER}::UTINYINT", "before": "false"}
        return newcomer | {"kept": "NULL::BIGINT", "since": "NULL::BIGINT"}

    def join_sql(self, frozen: Frozen, members: str) -> str:
        """Add `standing`, `kept`, `since` and `before` to rows with key, place and sub_audience_id.

        Before the first launch they are the same for all, and are not added.
        """
        if self.path is None:
            return members
        own = self._own_sql(self.moves.history_sql(frozen, self.path), frozen, members)
        alive = _listed(group.id for sub_audience in frozen.sub_audiences for group in sub_audience.groups)
        return (
            f"SELECT * EXCLUDE (own, side, own_since), {self._standing_sql(frozen, alive)} AS standing,"
            f" CASE WHEN own IN {alive} THEN own END AS kept,"
            f" CASE WHEN own IN {alive} THEN own_since END AS since FROM ({own})"
        )

    def _standing_sql(self, frozen: Frozen, alive: str) -> str:
        """Whoever was moved has, until the history is written, no launch that gave the group."""
        kept = _standing_sql(frozen, alive)
        if not self.moves.cuts:
            return kept
        moved = f"own IN {alive} AND own_since IS NULL"
        return f"CASE WHEN {moved} THEN {Standing.MOVED}::UTINYINT ELSE {kept} END"

    def _own_sql(self, past: str, frozen: Frozen, members: str) -> str:
        """The customer's row of this sub-audience, and the side it stands on."""
        rows = f"(SELECT *, {_side_sql(frozen)} AS side FROM {past})"
        before = f"coalesce(latest.seen = {self.previous_launch}, false) AS before"
        newest = f"LEFT JOIN (FROM {rows} WHERE latest) AS latest ON latest.customer_key = member.key"
        same = (
            "AS other ON other.customer_key = member.key AND other.sub_audience_id = member.sub_audience_id"
        )
        if not frozen.first_match_only:
            return (
                f"SELECT member.*, other.group_id AS own, other.side AS side, other.launch_id AS own_since,"
                f" {before} FROM ({members}) AS member {newest} LEFT JOIN {rows} {same}"
            )
        here = "latest.sub_audience_id = member.sub_audience_id"
        return (
            f"SELECT member.*, CASE WHEN {here} THEN latest.group_id ELSE other.group_id END AS own,"
            f" latest.side AS side, CASE WHEN {here} THEN latest.launch_id ELSE other.launch_id END AS own_since,"
            f" {before} FROM ({members}) AS member {newest} LEFT JOIN (FROM {rows} WHERE NOT latest) {same}"
        )

    def write(self, workshop: Workshop, frozen: Frozen, assigned: str, launch_id: int) -> Path:
        """The state after this launch. `assigned`: key, sub_audience_id, group_id, is_control, since, first."""
        now = (
            f"SELECT key AS customer_key, sub_audience_id, group_id, is_control,"
            f" coalesce(since, {launch_id})::BIGINT AS launch_id, {launch_id}::BIGINT AS seen,"
            f" first AS latest FROM {assigned}"
        )
        if self.path is not None:
            # Joins without an aggregate between them: those of many millions go to the disk where they must.
            past = self.moves.history_sql(frozen, self.path)
            columns, replaced = "past.*", "past.latest AND here.key IS NULL AS latest"
            if self.moves.cuts:
                columns = "past.* EXCLUDE (moved)"
                replaced += f", coalesce(past.launch_id, {launch_id})::BIGINT AS launch_id"
            now += (
                f" UNION ALL BY NAME SELECT past.* REPLACE ({replaced}) FROM"
                f" (SELECT {columns} FROM {past} AS past ANTI JOIN {assigned} AS same"
                " ON same.key = past.customer_key AND same.sub_audience_id = past.sub_audience_id) AS past"
                f" LEFT JOIN (SELECT key FROM {assigned} WHERE first) AS here ON here.key = past.customer_key"
            )
        return workshop.save(now, "history", {"launch_id": launch_id})


def sizes_of(workshop: Workshop, path: Path | None) -> tuple[tuple[int, int, int], ...]:
    """(sub-audience id, group id, customers) of a history; nothing where none was written."""
    if path is None:
        return ()
    rows = workshop.rows(
        f"SELECT sub_audience_id, group_id, count(*) FROM {scan(path)} GROUP BY ALL ORDER BY ALL"
    )
    return tuple((part, group, size) for part, group, size in rows)


def _standing_sql(frozen: Frozen, alive: str) -> str:
    with_control = _listed(_with_side(frozen.sub_audiences, control=True))
    with_treated = _listed(_with_side(frozen.sub_audiences, control=False))

    def kept_side(entered: Standing, moved: Standing) -> str:
        return f"CASE WHEN own IS NULL THEN {entered} ELSE {moved} END"

    return (
        f"CAST(CASE WHEN own IN {alive} THEN {Standing.KEPT}"
        f" WHEN side AND sub_audience_id IN {with_control}"
        f" THEN {kept_side(Standing.ENTERED_CONTROL, Standing.MOVED_CONTROL)}"
        f" WHEN NOT side AND sub_audience_id IN {with_treated}"
        f" THEN {kept_side(Standing.ENTERED_TREATED, Standing.MOVED_TREATED)}"
        f" ELSE {Standing.NEWCOMER} END AS UTINYINT)"
    )


def _side_sql(frozen: Frozen) -> str:
    """A kept group's side is what it is now; a removed one's what it was."""
    sides = dict(frozen.removed_groups)
    for sub_audience in frozen.sub_audiences:
        sides |= {group.id: group.is_control for group in sub_audience.groups}
    control = _listed(group for group, is_control in sides.items() if is_control)
    treated = _listed(group for group, is_control in sides.items() if not is_control)
    return (
        f"CASE WHEN group_id IN {control} THEN true WHEN group_id IN {treated} THEN false ELSE is_control END"
    )


def _with_side(sub_audiences: Iterable[FrozenSubAudience], *, control: bool) -> Iterable[int]:
    return (
        sub_audience.id
        for sub_audience in sub_audiences
        if any(group.is_control == control for group in sub_audience.groups)
    )


def _listed(ids: Iterable[int]) -> str:
    """For IN; -1 is nobody's id and keeps an empty list valid."""
    return "(" + ", ".join(str(number) for number in (-1, *ids)) + ")"
