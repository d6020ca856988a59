"""Campaigns: whom to include, how to split, where to send."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from campaigns.customers.models import CustomerDatabase
from campaigns.planning.brakes import brakes_problem
from campaigns.planning.naming import name_problem
from campaigns.planning.schedule import GRACE_MINUTES, local_time_problem, schedule_problem, upcoming
from campaigns.segments.models import Segment
from campaigns.segments.times import time_zone_problem
from config import clock
from destinations.models import Destination

# A run in one of these is neither launched nor skipped yet.
OPEN_RUNS = ("due", "counting", "held")

# Percent: what is warned of where nobody chose, and the most that can be chosen.
WARN_PAST_CHANGE, MOST_CHANGE = 25, 1000


def new_salt() -> str:
    return secrets.token_hex(16)


def check_name(name: str) -> None:
    """ValidationError where a name is refused wherever it goes."""
    if problem := name_problem(name):
        raise ValidationError({"name": problem})


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def active(self) -> CampaignQuerySet:
        return self.filter(archived_at=None)

    def named(self, name: str, *, but: int | None = None) -> CampaignQuerySet:
        """Active ones of this name, other than the campaign `but`."""
        return self.active().filter(name=name).exclude(pk=but or 0)


class Campaign(models.Model):
    customer_database = models.ForeignKey(
        CustomerDatabase, on_delete=models.PROTECT, related_name="campaigns"
    )
    name = models.CharField(max_length=100)
    include = models.ManyToManyField(Segment, through="CampaignInclude", related_name="included_in")
    exclude = models.ManyToManyField(Segment, through="CampaignExclude", related_name="excluded_from")
    assign_to_first_match_only = models.BooleanField(default=True)
    # Every sub-audience has the shares and destinations of the first; otherwise each has its own.
    same_groups = models.BooleanField(default=False)
    # Seeds the assignment. Made once, never shown, never copied.
    salt = models.CharField(max_length=64, default=new_salt, editable=False)
    # When to launch, in the words of the file format: {} or {"asap": true}, {"at": "2027-03-01T09:00"}, …
    schedule = models.JSONField(default=dict, blank=True)
    time_zone = models.CharField(max_length=100, default="UTC")
    # When marketers will message the audience: local time in the campaign's time zone, "2027-03-02T09:00".
    launch_date = models.CharField(max_length=16, blank=True)
    # How late a run may be launched, in minutes; later, it is skipped.
    grace = models.PositiveIntegerField(default=GRACE_MINUTES)
    # What holds a scheduled run: see planning/brakes.py for its shape.
    brakes = models.JSONField(default=dict, blank=True)
    # The delivery summary warns of changes against the launch before that are larger, in whole percent.
    warn_past_change = models.PositiveIntegerField(
        default=WARN_PAST_CHANGE, validators=[MinValueValidator(1), MaxValueValidator(MOST_CHANGE)]
    )
    # Set while it runs by itself, and kept when its last run is over, until it is edited or unscheduled.
    scheduled_at = models.DateTimeField(null=True, blank=True)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Where its people were read from when a person last looked: customers/place.py.
    scheduled_place = models.CharField(max_length=64, blank=True, default="")
    # The first due time that has no run yet; moved on by the clock alone.
    next_run_at = models.DateTimeField(null=True, blank=True, db_index=True)
    # Counts saves, so that the later of two editors is told and a pre-flight knows what it counted.
    version = models.PositiveIntegerField(default=1)
    # Made with the empty form, so that one posted twice creates one campaign.
    form_token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    # Where it is kept; see filing/folders.py.
    folder = models.ForeignKey(
        "campaigns.Folder", null=True, blank=True, on_delete=models.SET_NULL, related_name="campaigns"
    )
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
        # The list of campaigns begins with the latest edited.
        indexes = [
            models.Index(
                fields=["-updated_at", "-id"],
                condition=models.Q(archived_at=None),
                name="campaign_latest_edited",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        check_name(self.name)
        if problem := schedule_problem(self.schedule):
            raise ValidationError({"schedule": problem})
        if problem := time_zone_problem(self.time_zone):
            raise ValidationError({"time_zone": problem})
        if self.launch_date and (problem := local_time_problem(self.launch_date)):
            raise ValidationError({"launch_date": problem})
        if problem := brakes_problem(self.brakes):
            raise ValidationError({"brakes": problem})

    @property
    def upcoming(self) -> str:
        """When it runs next by itself, in words; empty where no run is to come."""
        return upcoming(self.schedule, self.time_zone, self.next_run_at)

    @property
    def is_scheduled(self) -> bool:
        """Whether a run is to come, or one is neither launched nor skipped: it is not edited before that."""
        return self.scheduled_at is not None and (
            self.next_run_at is not None or self.runs.filter(state__in=OPEN_RUNS).exists()
        )

    def live_sub_audiences(self) -> models.QuerySet[SubAudience]:
        """Those not removed, in order."""
        return self.sub_audiences.filter(removed_at=None).order_by("position")

    def column_for(self, destination: Destination) -> str | None:
        """Which column ("merged_customers.email") feeds the destination: chosen here, or the default."""
        chosen = self.attributes.filter(destination=destination).first()
        if chosen is not None:
            return chosen.column
        default = destination.default_attributes.filter(customer_database=self.customer_database_id).first()
        return default.column if default is not None else None


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
    # That edit asked to move as few as needed; the first launch built after it does so, once.
    moves_after_edit = models.BooleanField(default=False)
    # Set instead of deleting once a launch has assigned people to it.
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        check_name(self.name)

    @property
    def is_rest(self) -> bool:
        return self.rules is None and not self.segments.exists()

    def live_groups(self) -> models.QuerySet[TreatmentGroup]:
        """Those not removed, in order."""
        return self.treatment_groups.filter(removed_at=None).order_by("position")


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
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent__gte=Decimal("0.01"), percent__lte=Decimal("100.00")),
                name="percent_in_range",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        check_name(self.name)


class CampaignAttribute(models.Model):
    """Which column feeds a destination's identifier in this campaign, where it is not the default attribute.

    There is one per destination, so e-mail and phone never go together; its identifier is the destination's.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="attributes")
    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="+")
    identifier = models.CharField(max_length=10, choices=[("email", "E-mail"), ("phone", "Phone")])
    column = models.CharField(max_length=400)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "destination"], name="campaign_attribute_unique")
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Also without full_clean(): a list of the wrong identifier would reach the wrong people.
        self.clean()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.identifier != self.destination.identifier:
            raise ValidationError(
                {
                    "identifier": f"{self.destination} identifies people by {self.destination.identifier}, "
                    f"so its attribute cannot be {self.identifier}."
                }
            )
