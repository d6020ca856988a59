"""Shares of treatment groups in whole people: pure, exact arithmetic (architecture.md, "Assignment")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

Sizes = dict[int, int]
CONTROL, TREATED = True, False


@dataclass(frozen=True)
class Share:
    hundredths: int  # the percentage times 100: 10.00 % is 1000
    is_control: bool


Shares = Mapping[int, Share]  # by group id


def webster(total: int, shares: Mapping[int, int]) -> Sizes:
    """`total` split by `shares` (any unit), rounded by Webster's method; ties go to the lower group id.

    >>> webster(1200, {7: 2000, 8: 8000})
    {7: 240, 8: 960}
    """
    whole = sum(shares.values())
    groups = sorted(shares)
    # Rounded with halves down; then seat by seat, by the priority w / (s + 1/2).
    sizes = {group: -((-2 * total * shares[group] + whole) // (2 * whole)) for group in groups}
    while (missing := total - sum(sizes.values())) != 0:
        if missing > 0:
            best = max(groups, key=lambda group: (Fraction(shares[group], 2 * sizes[group] + 1), -group))
            sizes[best] += 1
        else:
            seated = [group for group in groups if sizes[group]]
            worst = min(seated, key=lambda group: (Fraction(shares[group], 2 * sizes[group] - 1), -group))
            sizes[worst] -= 1
    return sizes


def split(total: int, shares: Shares) -> Sizes:
    """`webster` over the groups' shares."""
    return webster(total, {group: share.hundredths for group, share in shares.items()})


def fewest_moves(people: Sizes, sides: Mapping[int, bool], before: Shares, now: Shares) -> dict[int, Sizes]:
    """{group: {the group they get: people}}, so that as few as can be get another group.

    `people` in each group ever, also in removed ones, and the side they stand on; `before` are the shares that the
    last launch had. Sides are crossed as far as their total shares changed and no further, but for a side that has
    no group any more.
    """
    crossing = _crossing(people, sides, before, now)
    standing = {side: _total(people, sides, side) for side in (CONTROL, TREATED)}
    goals: Sizes = {}
    for side, more in ((CONTROL, crossing), (TREATED, -crossing)):
        groups = {group: share.hundredths for group, share in now.items() if share.is_control is side}
        goals |= webster(standing[side] + more, groups) if groups else {}
    gaining = crossing > 0
    stays, left = _stays(people, sides, now, goals, gaining, abs(crossing))
    rest = {group: size - stays.get(group, 0) for group, size in people.items()}
    wanted = {
        side: [
            [group, goals[group] - stays.get(group, 0)]
            for group in sorted(goals)
            if now[group].is_control is side
        ]
        for side in (CONTROL, TREATED)
    }
    flows = {group: {group: size} if (size := stays.get(group, 0)) else {} for group in sorted(people)}
    for group in sorted(rest, key=lambda group: (sides[group] is not gaining, group)):
        over = min(left, rest[group]) if sides[group] is not gaining else 0
        left -= over
        _pour(flows[group], rest[group] - over, wanted[sides[group]])
        _pour(flows[group], over, wanted[gaining])
    return flows


def kept(people: Sizes, sides: Mapping[int, bool], now: Shares) -> dict[int, Sizes]:
    """As `fewest_moves`, where everyone is kept: a removed group's people get another, of their side if it can be."""
    flows: dict[int, Sizes] = {}
    for group, size in people.items():
        own = {other: share for other, share in now.items() if share.is_control is sides[group]}
        flows[group] = {group: size} if group in now else split(size, own or now)
    return flows


def moved(flows: Mapping[int, Sizes]) -> int:
    """How many get another group."""
    return sum(size for group, to in flows.items() for other, size in to.items() if other != group)


@dataclass(frozen=True)
class Movement:
    """How many of those ever assigned an edit brings where; the people of a flipped group change side with it."""

    moved: int = 0  # get another group, whatever its side
    to_control: int = 0  # go over from the treated side
    to_treated: int = 0
    within: int = 0  # get another group of their side

    @classmethod
    def of(cls, flows: Mapping[int, Sizes], sides: Mapping[int, bool], now: Shares) -> Movement:
        crossing = {CONTROL: 0, TREATED: 0}
        within = 0
        for group, to in flows.items():
            for other, size in to.items():
                if now[other].is_control is not sides[group]:
                    crossing[now[other].is_control] += size
                elif other != group:
                    within += size
        return cls(moved(flows), crossing[CONTROL], crossing[TREATED], within)

    @property
    def words(self) -> str:
        """Nothing where everything stays as it is."""
        told = (
            (self.to_control, "from treatment to control"),
            (self.to_treated, "from control to treatment"),
            (self.within, "to another group of the same side"),
        )
        return ", ".join(f"{size:,} {where}" for size, where in told if size)


def _total(people: Sizes, sides: Mapping[int, bool], side: bool) -> int:
    return sum(size for group, size in people.items() if sides[group] is side)


def _crossing(people: Sizes, sides: Mapping[int, bool], before: Shares, now: Shares) -> int:
    """How many go from treated to control; negative: the other way."""
    standing = _total(people, sides, CONTROL)
    total = sum(people.values())
    if not any(share.is_control is TREATED for share in now.values()):
        return total - standing
    if not any(share.is_control is CONTROL for share in now.values()):
        return -standing
    goal, earlier = (_control(total, shares) for shares in (now, before))
    if goal >= earlier:
        return min(max(goal - standing, 0), goal - earlier)
    return max(min(goal - standing, 0), goal - earlier)


def _control(total: int, shares: Shares) -> int:
    return sum(size for group, size in split(total, shares).items() if shares[group].is_control)


def _stays(
    people: Sizes, sides: Mapping[int, bool], now: Shares, goals: Sizes, gaining: bool, crossing: int
) -> tuple[Sizes, int]:
    """Who keeps the group; and how many are still to cross, after those whose own group did."""
    stays: Sizes = {}
    for group in sorted(goals):
        side = now[group].is_control
        if sides.get(group, side) is side:
            stays[group] = min(people.get(group, 0), goals[group])
        elif side is gaining:
            stays[group] = min(people.get(group, 0), goals[group], crossing)
            crossing -= stays[group]
    return stays, crossing


def _pour(flow: Sizes, size: int, wanted: list[list[int]]) -> None:
    """Fill up, group by group, what is wanted."""
    for place in wanted:
        some = min(size, place[1])
        if some:
            flow[place[0]] = flow.get(place[0], 0) + some
            place[1] -= some
            size -= some
