"""What an edit of a segment changes where it is used."""

from __future__ import annotations

from campaigns.customers.shown import listed
from campaigns.segments.uses import Uses

MOST_NAMES = 5


def effect(uses: Uses) -> str:
    """Behind “… is saved.”: which campaigns use it as it is now, which of them run by themselves, and when.

    Begins with a space; empty where no campaign uses it.
    """
    if not uses.campaign_names and not uses.suppresses:
        return ""
    parts = []
    if uses.campaign_names:
        names = listed((f"“{name}”" for name in uses.campaign_names), MOST_NAMES)
        parts.append(f"{names} will use it as it is now, from the next launch on.")
    for one in uses.suppresses:
        way = f"changes with it, through the suppression list “{one.through}”" if one.through else ""
        parts.append(f"Every campaign of “{one.name}” {way or 'excludes its members'}.")
    if uses.scheduled:
        times = listed((f"“{name}” {when}" for name, when in uses.scheduled.items()), MOST_NAMES, "; ")
        parts.append(f"Scheduled: {times}.")
    return " " + " ".join(parts)
