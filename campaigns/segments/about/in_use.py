"""What an edit of a segment changes where it is used."""

from __future__ import annotations

from campaigns.segments.uses import Uses

MOST_NAMES = 5


def effect(uses: Uses) -> str:
    """A sentence for behind “… is saved.”: which campaigns use it as it is now; empty where none does."""
    names = [f"“{name}”" for name in uses.campaign_names]
    if not names:
        return ""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f" {', '.join(names[:MOST_NAMES])}{more} will use it as it is now, from the next launch on."
