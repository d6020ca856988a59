"""Campaigns: whom to include, how to split, where to send."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models

from campaigns.customers.models import CustomerDatabase
from campaigns.segments.models import Segment
from config import clock
from destinations.models import Destination


def new_salt() -> str:
    return secrets.token_hex(16)


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def active(self) -> CampaignQuerySet:
        return self.filter(archived_at=None)


class Campaign(models.Model):
    customer_database = models.ForeignKey(
        CustomerDatabase, on_delete=models.PROTECT, related_name="campaigns"
    )
    name = models.CharField(max_length=100)
    include = models.ManyToManyField(Segment, through="CampaignInclude", related_name="included_in")
    exclude = models.ManyToManyField(Segment, through="CampaignExclude", related_name="excluded_from")
    assign_to_first_match_only = models.BooleanField(default=True)
    # Seeds the assignment. Made once, never shown, never copied.
    salt = models.CharField(max_length=64, default=new_salt, editable=False)
    # When to launch, in the words of the file format: {} or {"asap": true}, {"at": "2027-03-01T09:00"}, …
    schedule = models.JSONField(default=dict, blank=True)
    time_zone = models.CharField(max_length=100, default="UTC")
    # When marketers will message the audience: local time in the campaign's time zone, "2027-03-02T09:00".
    launch_date = models.CharField(max_length=16, blank=True)
    # Counts saves, so that the later of two editors is told and a pre-flight knows what it counted.
    version = models.PositiveIntegerField(default=1)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(archived_at=None), name="campaign_name_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


class CampaignInclude(models.Model):
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="includes")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["campaign", "segment"], name="include_unique")]


class CampaignExclude(models.Model):
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="excludes")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["campaign", "segment"], name="exclude_unique")]


class SubAudience(models.Model):
    """A part of the audience. One without rules and segments is "All remaining recipients" and comes last."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="sub_audiences")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    # As segments/rules.py dumps it, or None.
    rules = models.JSONField(null=True, blank=True)
    # Members of any of these, instead of rules.
    segments = models.ManyToManyField(Segment, related_name="sub_audiences", blank=True)
    # Rule 3 of the assignment counts newcomers of launches after this one; moved on by an edit of the shares.
    shares_since_launch = models.PositiveBigIntegerField(default=0)
    # Set instead of deleting once a launch has assigned people to it.
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class TreatmentGroup(models.Model):
    """A percentage of a sub-audience; control groups receive nothing."""

    sub_audience = models.ForeignKey(SubAudience, on_delete=models.CASCADE, related_name="treatment_groups")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    is_control = models.BooleanField(default=False)
    destinations = models.ManyToManyField(Destination, related_name="treatment_groups", blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class CampaignAttribute(models.Model):
    """Which column feeds a destination's identifier in this campaign, where it is not the default attribute."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="attributes")
    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="+")
    column = models.CharField(max_length=400)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "destination"], name="campaign_attribute_unique")
        ]
