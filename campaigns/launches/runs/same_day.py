"""Two lists of one segment name in one day, where it is not known which of them the far side keeps."""

from __future__ import annotations

from datetime import datetime

from campaigns.launches.freeze import freeze
from campaigns.launches.models import SentSegment
from campaigns.planning.models import Campaign
from campaigns.planning.naming import comparison_key
from destinations.models import Destination


def warnings(campaign: Campaign, at: datetime) -> list[str]:
    """A sentence for each destination that was sent one of these names already on the day of `at`."""
    found = []
    frozen = {one.id: one for one in freeze(campaign).destinations}
    for destination in Destination.objects.filter(pk__in=frozen).order_by("name"):
        kind = destination.the_kind
        if not kind.takes_a_name_once_a_day:
            continue
        keys = {comparison_key(name) for name in frozen[destination.pk].segment_names.values()}
        sent = SentSegment.objects.filter(account_key=destination.account_key, name_key__in=keys)
        day = kind.day(destination.settings, at)
        names = sorted(
            {one.segment_name for one in sent if kind.day(destination.settings, one.begun_at) == day}
        )
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            found.append(
                f"{destination} was sent “{names[0]}”{more} on {day:%Y-%m-%d} already. Two lists of one name in one "
                "day: it is not known which of them it keeps, so launch on another day where you can."
            )
    return found
