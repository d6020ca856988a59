"""Where campaigns are kept: what people put on them to find them again. No launch depends on it."""

from __future__ import annotations

from django.db import models

from campaigns.planning.models import Campaign


class CampaignLabel(models.Model):
    """A word on a campaign; see labels.py for which words are right."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=35)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["campaign", "name"], name="campaign_label_unique")]
        indexes = [models.Index(fields=["name", "campaign"], name="campaign_label_name")]

    def __str__(self) -> str:
        return self.name
