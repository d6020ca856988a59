"""Edits of shares after a launch: *keep everyone*, or *move as few as needed* (rule 5 of the assignment).

What is edited between two launches is one edit: the shares of the last built launch against those of the next, by
the choice that was made last. The next launch that is built carries it out, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from django.http import QueryDict

from campaigns.planning.models import Campaign, SubAudience
from campaigns.planning.plain import KEEP, MOVE, Draft, DraftGroup, DraftSubAudience
from campaigns.planning.shares import Movement, Share, Shares, Sizes, fewest_moves, kept


def chosen(post: QueryDict, prefix: str) -> str:
    """The answer in the editor's form; where nobody was asked, everyone is kept."""
    return MOVE if post.get(f"{prefix}-on-change") == MOVE else KEEP


@dataclass(frozen=True)
class LastShares:
    """The newest built launch of a campaign: who has which share there, and how many people each group ever had."""

    launch: int = 0
    shares: Mapping[int, Shares] = field(default_factory=dict)  # by sub-audience
    people: Mapping[int, Sizes] = field(
        default_factory=dict
    )  # by sub-audience; empty where it was not counted
    was_control: Mapping[int, bool] = field(default_factory=dict)  # of groups removed before it

    def differ(self, sub_audience: int | None, now: Shares | None) -> bool:
        """Whether a launched sub-audience has other shares now."""
        before = self.shares.get(sub_audience or 0)
        return before is not None and before != now

    def to_move_from(self, stored: SubAudience, now: Shares) -> dict[int, Share] | None:
        """The shares that the next launch moves people away from; None where it keeps everyone."""
        is_due = stored.moves_after_edit and self.launch <= stored.shares_since_launch
        return dict(self.shares[stored.pk]) if is_due and self.differ(stored.pk, now) else None


def last_shares(campaign: Campaign | int | None) -> LastShares:
    """Of no campaign, or one that was never launched: nothing."""
    if campaign is None:
        return LastShares()
    pk = campaign if isinstance(campaign, int) else campaign.pk
    built = Campaign(pk=pk).launches.filter(purpose="launch").exclude(history_path="").order_by("-pk")
    fields = ("pk", "frozen__sub_audiences", "frozen__removed_groups", "counts__history")
    row = built.values_list(*fields).first()
    if row is None:
        return LastShares()
    people: dict[int, Sizes] = {}
    for part, group, size in row[3] or ():
        people.setdefault(part, {})[group] = size
    shares = {
        part["id"]: {one["id"]: Share(one["hundredths"], one["is_control"]) for one in part["groups"]}
        for part in row[1]
    }
    return LastShares(row[0], shares, people, {int(key): value for key, value in (row[2] or {}).items()})


def note_edit(stored: SubAudience, item: DraftSubAudience, last: LastShares, newest: int) -> None:
    """Before it is saved: from when on rule 3 counts, and what becomes of those assigned before.

    `newest`: the campaign's newest launch, built or not; what it has frozen it does.
    """
    if not stored.pk:
        return
    now = {group.pk: (group.percent, group.is_control) for group in stored.live_groups()}
    drafted = {group.id: (group.share or Decimal(0), group.is_control) for group in item.groups}
    moves = item.on_change == MOVE and last.differ(stored.pk, _shares(item.groups))
    if now != drafted or (moves != is_pending(stored, last) and last.launch):
        # Rule 3 of the assignment counts anew from here, or goes on from where the moves lead.
        stored.shares_since_launch, stored.moves_after_edit = newest, moves


def is_pending(stored: SubAudience, last: LastShares) -> bool:
    """Whether *move as few as needed* was chosen and no launch has done it yet."""
    return stored.moves_after_edit and last.launch <= stored.shares_since_launch


def pending_moves(sub_audiences: Iterable[SubAudience]) -> set[int]:
    """Of one campaign's sub-audiences, those that are still to move people."""
    asked = [one for one in sub_audiences if one.moves_after_edit]
    last = last_shares(asked[0].campaign_id) if asked else LastShares()
    return {one.pk for one in asked if is_pending(one, last)}


def _shares(groups: Sequence[DraftGroup]) -> dict[int, Share] | None:
    """None where a percentage is no number. New groups stand under negative ids."""
    found: dict[int, Share] = {}
    for number, group in enumerate(groups, 1):
        if group.share is None:
            return None
        found[group.id or -number] = Share(int(group.share * 100), group.is_control)
    return found


@dataclass(frozen=True)
class Question:
    """What the editor asks at a sub-audience whose shares are no longer those of the last launch."""

    prefix: str
    name: str  # of the sub-audience
    launch: int
    choice: str
    flips: bool  # a group goes over to the other side
    removes: bool  # a group is gone
    people: int | None  # ever assigned; None where the last launch did not count them
    keeping: Movement | None  # what either choice does to them; None where the shares are not right yet
    moving: Movement | None

    @property
    def moves(self) -> bool:
        return self.choice == MOVE

    @property
    def chosen(self) -> Movement | None:
        return self.moving if self.moves else self.keeping


@dataclass(frozen=True)
class Questions:
    """For a draft: by the place of its sub-audiences. Asks the database only where there is something to ask."""

    draft: Draft

    @cached_property
    def last(self) -> LastShares:
        return last_shares(self.draft.id)

    def all(self) -> tuple[Question, ...]:
        found = (self.at(index) for index in range(len(self.draft.sub_audiences)))
        return tuple(one for one in found if one is not None)

    def at(self, index: int) -> Question | None:
        item = self.draft.sub_audiences[index]
        now = _shares(item.groups)
        if item.id is None or not self.last.differ(item.id, now):
            return None
        before = self.last.shares[item.id]
        people = self.last.people.get(item.id)
        keeping, moving = self._movements(people, before, now)
        return Question(
            prefix=f"sub-{index}",
            name=item.name,
            launch=self.last.launch,
            choice=item.on_change,
            flips=any(
                now and group in now and now[group].is_control != one.is_control
                for group, one in before.items()
            ),
            removes=bool(now) and not set(before) <= set(now or ()),
            people=sum(people.values()) if people is not None else None,
            keeping=keeping,
            moving=moving,
        )

    def _movements(
        self, people: Sizes | None, before: Shares, now: Shares | None
    ) -> tuple[Movement | None, Movement | None]:
        """Of keeping everyone, and of moving as few as needed."""
        if people is None or not now or sum(share.hundredths for share in now.values()) != 10_000:
            return None, None
        if any(share.hundredths <= 0 for share in now.values()):
            return None, None
        sides = {
            group: before[group].is_control if group in before else self.last.was_control.get(group, False)
            for group in people
        }
        staying = {group: size for group, size in people.items() if group in before}
        keeping = Movement.of(kept(staying, sides, now), sides, now)
        return keeping, Movement.of(fewest_moves(people, sides, before, now), sides, now)
