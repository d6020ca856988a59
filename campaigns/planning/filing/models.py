"""Where campaigns are kept: what people put on them to find them again. No launch depends on it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from campaigns.planning.models import Campaign
from config import clock

LONGEST_FOLDER = 60


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


class Folder(models.Model):
    """Holds campaigns and folders; three levels at most, see folders.py."""

    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="folders"
    )
    name = models.CharField(max_length=LONGEST_FOLDER)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), "parent", name="folder_name_unique"),
            # To the constraint above, no two folders without a parent are alike.
            models.UniqueConstraint(
                Lower("name"), condition=models.Q(parent=None), name="outer_folder_name_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name
