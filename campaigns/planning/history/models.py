"""What a campaign was at each save."""

from __future__ import annotations

from django.db import models

from campaigns.planning.models import Campaign


class CampaignVersion(models.Model):
    """A campaign as it was saved once; `number` is the campaign's own version then. Never changed.

    Who saved it, and when, stands in the audit's events, which name the version.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    # A draft as keeping.py dumps it; segments and destinations stand in it by id.
    content = models.JSONField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="campaign_version_unique")]

    def __str__(self) -> str:
        return f"{self.campaign}, version {self.number}"
