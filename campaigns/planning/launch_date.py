"""Whether the lists are there when marketers message them: the launch date against the next run."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.planning.occurrences import instant_of, next_five
from campaigns.planning.plain import Draft, Problem
from campaigns.planning.schedule import local_time_problem, local_words, schedule_problem
from campaigns.planning.world import World
from campaigns.segments.times import time_zone_problem
from config import clock


def check_launch_date(draft: Draft, world: World, warnings: list[Problem]) -> None:
    """A warning only: delivery does not wait for the launch date."""
    if not draft.launch_date or _is_wrong(draft):
        return
    zone = ZoneInfo(draft.time_zone)
    date = instant_of(datetime.fromisoformat(draft.launch_date), zone)
    now = clock.now()
    sent = next(iter(next_five(draft.schedule, draft.time_zone, now)), now)
    hours, platform = _slowest(draft, world)
    if text := _too_soon(date, sent, hours, platform, draft.time_zone):
        warnings.append(Problem(("launch_date",), *text))


def _is_wrong(draft: Draft) -> str:
    return (
        local_time_problem(draft.launch_date)
        or schedule_problem(draft.schedule)
        or time_zone_problem(draft.time_zone)
    )


def _slowest(draft: Draft, world: World) -> tuple[int, str]:
    """(hours until a list can be used, the platform that takes them); 0 where no kind says any."""
    known = [world.destinations[pk] for pk in draft.sent_destinations() if pk in world.destinations]
    kinds = [destination.the_kind for destination in known]
    return max(((kind.hours_until_usable, kind.platform) for kind in kinds), default=(0, ""))


def _too_soon(
    date: datetime, sent: datetime, hours: int, platform: str, time_zone: str
) -> tuple[str, str] | None:
    """(what is wrong, what to do)"""
    first = local_words(sent, time_zone)
    if date <= sent:
        return f"The launch date is over when the lists are sent, {first}.", "Choose a later launch date."
    if date - sent >= timedelta(hours=hours):
        return None
    left = int((date - sent).total_seconds() // 3600)
    latest = local_words(date - timedelta(hours=hours), time_zone)
    return (
        f"The launch date is {left} hour{'' if left == 1 else 's'} after the lists are sent, {first}, "
        f"and {platform} may take {hours} hours to have them.",
        f"Send them by {latest}, or choose a later launch date.",
    )
