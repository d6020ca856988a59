"""Who uses a destination. Campaigns and deliveries are known here through reverse relations alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q

from destinations.models import Destination, DestinationQuerySet

# The states of a file that is still to be sent, or of which nobody knows whether it was.
UNFINISHED = ("waiting", "building", "sending", "retrying", "unknown")
_LIVE = {"removed_at": None, "sub_audience__removed_at": None, "sub_audience__campaign__archived_at": None}


def campaigns_using(destination: Destination) -> list[Any]:
    """The campaigns, not archived, of which a treatment group is sent there; by name."""
    groups = destination.treatment_groups.filter(**_LIVE).select_related("sub_audience__campaign")
    campaigns = {group.sub_audience.campaign for group in groups}
    return sorted(campaigns, key=lambda campaign: campaign.name)


def with_campaign_counts(destinations: DestinationQuerySet) -> DestinationQuerySet:
    """Each with `campaign_count`."""
    live = Q(**{f"treatment_groups__{name}": value for name, value in _LIVE.items()})
    campaigns = Count("treatment_groups__sub_audience__campaign", filter=live, distinct=True)
    return destinations.annotate(campaign_count=campaigns)


def is_sending(destination: Destination) -> bool:
    return destination.files.filter(state__in=UNFINISHED).exists()


def quoted(things: Iterable[object]) -> str:
    """“A”, “B” and “C”."""
    names = [f"“{thing}”" for thing in things]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""
