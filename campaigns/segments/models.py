"""Saved sets of rules."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from campaigns.customers.models import CustomerDatabase
from config import clock


class SegmentQuerySet(models.QuerySet["Segment"]):
    def active(self) -> SegmentQuerySet:
        return self.filter(archived_at=None)

    def enabled(self) -> SegmentQuerySet:
        """What is offered where a segment is chosen."""
        return self.active().filter(disabled_at=None)


class Segment(models.Model):
    """A saved set of rules over attributes; its members are customer keys."""

    customer_database = models.ForeignKey(CustomerDatabase, on_delete=models.PROTECT, related_name="segments")
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    time_zone = models.CharField(max_length=100, default="UTC")
    # As rules.dump() writes it: {"version": 2, "rules": …}; other segments stand in it by id.
    rules = models.JSONField()
    # Counts saves, so that the later of two editors is told.
    version = models.PositiveIntegerField(default=1)
    # Made with the empty form, so that one posted twice creates one segment.
    form_token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    # The size when it was last counted, to show in lists.
    size = models.PositiveBigIntegerField(null=True, blank=True)
    size_counted_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    # One in use cannot be deleted, only disabled: it stays where it is used and is offered nowhere else.
    disabled_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(archived_at=None), name="segment_name_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


class SegmentVersion(models.Model):
    """A segment as it was saved once; `number` is the segment's own version then. Never changed."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    time_zone = models.CharField(max_length=100)
    rules = models.JSONField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="segment_version_unique")]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"


class SegmentSize(models.Model):
    """How many members a segment had: once a day, and in each launch that used it."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="sizes")
    # The local day of the segment's time zone.
    day = models.DateField()
    counted_at = models.DateTimeField()
    customers = models.PositiveBigIntegerField()
    everybody = models.PositiveBigIntegerField()
    # None: the daily count.
    launch = models.ForeignKey(
        "campaigns.Launch", null=True, blank=True, on_delete=models.CASCADE, related_name="segment_sizes"
    )

    class Meta:
        ordering = ["counted_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "day"], condition=models.Q(launch=None), name="one_daily_size_of_a_segment"
            ),
            models.UniqueConstraint(
                fields=["segment", "launch"],
                condition=models.Q(launch__isnull=False),
                name="one_size_of_a_segment_in_a_launch",
            ),
        ]
        indexes = [models.Index(fields=["segment", "counted_at"], name="segment_size_counted")]

    def __str__(self) -> str:
        return f"{self.segment}: {self.customers:,}"


class SizeCounting(models.Model):
    """When the segments of a customer database may be counted next: later than now while somebody does."""

    customer_database = models.OneToOneField(CustomerDatabase, on_delete=models.CASCADE, related_name="+")
    not_before = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return str(self.customer_database)
