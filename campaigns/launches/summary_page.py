"""What the delivery summary shows: how far counting is, what it found, what to read before launching."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.launches.building import BEFORE_BUILT
from campaigns.launches.compare import Comparison, newest_built
from campaigns.launches.models import LAUNCH_UNFINISHED, Launch, Preflight, Purpose
from campaigns.launches.preflight import current_preflight, is_stale, start_preflight
from campaigns.launches.start import CannotLaunch, frozen_to_launch
from campaigns.launches.summary import Summary, preflight_summary
from campaigns.launches.sums import Sums, sums_of
from campaigns.launches.workers import workers_running
from campaigns.planning.arriving import Arrival, arrivals
from campaigns.planning.draft import draft_of, problems_in, tidy
from campaigns.planning.models import Campaign
from campaigns.planning.moving import Question, Questions
from campaigns.planning.plain import Problem
from campaigns.planning.world import look
from config.accounts.models import User
from destinations.models import Destination


@dataclass(frozen=True)
class Warned:
    """A warning and the segment names that it is about."""

    problem: Problem
    segment_names: tuple[str, ...]


@dataclass(frozen=True)
class SummaryPage:
    campaign: Campaign
    preflight: Preflight | None
    errors: tuple[Problem, ...]
    warnings: tuple[Warned, ...]
    refusal: str = ""
    is_stale: bool = False
    running: Launch | None = None  # the campaign's unfinished launch
    launched_since: Launch | None = None  # one that ran after this was counted
    workers: int | None = None
    summary: Summary | None = None
    sums: Sums | None = None
    comparison: Comparison | None = None
    changes: tuple[str, ...] = ()  # against the launch before, larger than the campaign warns of
    advice: tuple[str, ...] = ()
    # Sub-audiences whose groups were edited since the last launch, with what becomes of those assigned before.
    edits: tuple[Question, ...] = ()

    @property
    def state(self) -> str:
        return self.preflight.state if self.preflight else "none"

    @property
    def is_counting(self) -> bool:
        return self.state in BEFORE_BUILT

    @property
    def may_launch(self) -> bool:
        in_the_way = self.errors or self.refusal or self.running or self.campaign.archived_at
        return not in_the_way and not self.is_stale

    @property
    def may_schedule(self) -> bool:
        """Another launch under way is waited for, and the numbers are counted anew for each run."""
        return not (self.errors or self.refusal or self.campaign.archived_at)

    @property
    def to_read(self) -> int:
        """How many notes want to be read before launching."""
        found = self.summary
        counted = len(found.warnings) + len(found.left_behind) if found else 0
        noted = (self.errors, self.warnings, self.edits, self.changes)
        return sum(len(notes) for notes in noted) + counted


def ensure_counted(campaign: Campaign, user: User) -> Preflight | None:
    """The count of the campaign as it is now, started where a marketer looks and there is none.

    Whatever it counted has changed since (the campaign, a segment, a destination, a column, the day, the launch
    before): it is counted anew. One that failed stays in view until then, or until the person counts again.
    """
    current = current_preflight(campaign)
    if not user.may_market or campaign.archived_at is not None:
        return current
    if current is not None and current.state not in BEFORE_BUILT and not is_stale(current):
        return current
    try:
        return start_preflight(campaign, user)
    except CannotLaunch:
        return current


def summary_page(campaign: Campaign, user: User, preflight: Preflight | None) -> SummaryPage:
    draft = tidy(draft_of(campaign))
    world = look(draft, user)
    problems = problems_in(draft, world)
    summary = preflight_summary(preflight) if preflight is not None else None
    running = campaign.launches.filter(purpose=Purpose.LAUNCH, state__in=LAUNCH_UNFINISHED).first()
    counting = preflight is not None and preflight.state in BEFORE_BUILT
    return SummaryPage(
        campaign,
        preflight,
        problems.errors,
        tuple(Warned(one, _names_under(one, arrivals(draft, world))) for one in problems.warnings),
        refusal="" if problems.errors or counting else _refusal(campaign, user),
        is_stale=preflight is not None and not counting and is_stale(preflight),
        running=running,
        workers=workers_running() if counting else None,
        edits=Questions(draft).all(),
        **(_counted(campaign, preflight, summary) if preflight and summary else {}),
    )


def _names_under(problem: Problem, lists: Sequence[Arrival]) -> tuple[str, ...]:
    """Those of the group that the warning is at; of a warning about the campaign's name all of them."""
    at_name = problem.path[-1:] == ("name",)
    place = problem.path[:-1]
    found = (one.segment_name for one in lists if at_name and one.path[: len(place)] == place)
    return tuple(dict.fromkeys(found))


def _refusal(campaign: Campaign, user: User) -> str:
    """Why a campaign without errors cannot be launched by this person, such as a destination that is disabled."""
    if campaign.archived_at is not None or not user.may_market:
        return ""
    try:
        frozen_to_launch(campaign, user)
    except CannotLaunch as error:
        return error.message
    return ""


def _counted(campaign: Campaign, preflight: Preflight, summary: Summary) -> dict[str, Any]:
    previous = newest_built(campaign)
    ran_since = previous is not None and _is_later(previous, preflight)
    comparison = Comparison.of(summary, previous) if previous and not ran_since else None
    return {
        "summary": summary,
        "sums": sums_of(summary),
        "launched_since": previous if ran_since else None,
        "comparison": comparison,
        "changes": comparison.warnings(campaign.warn_past_change) if comparison else (),
        "advice": _advice(summary),
    }


def _is_later(launch: Launch, preflight: Preflight) -> bool:
    built, counted = launch.built_at, preflight.counted_at
    return built is not None and counted is not None and built > counted


def _advice(summary: Summary) -> tuple[str, ...]:
    """What the far sides do afterwards, each sentence once."""
    ids = {delivery.destination_id for group in summary.groups for delivery in group.deliveries}
    kinds = [destination.the_kind for destination in Destination.objects.filter(pk__in=ids)]
    return tuple(dict.fromkeys(kind.after_delivery for kind in kinds if kind.after_delivery))
