"""Past which change against the launch before the delivery summary warns: a campaign's own number."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from campaigns.planning.models import MOST_CHANGE, Campaign
from config.accounts.models import User
from config.audit.models import record


def warn_past(campaign: Campaign, percent: int, user: User | None) -> None:
    """Store it. No new version: nothing that is counted or launched changes by it. Raises ValidationError."""
    if not 1 <= percent <= MOST_CHANGE:
        raise ValidationError(f"Say past how many percent to warn: 1 to {MOST_CHANGE:,}.")
    if percent == campaign.warn_past_change:
        return
    was, campaign.warn_past_change = campaign.warn_past_change, percent
    campaign.save(update_fields=["warn_past_change"])
    record(user, "edited", campaign, warn_past_change=percent, was=was)
