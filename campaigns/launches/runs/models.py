"""One row for each time that a scheduled campaign fell due, and what became of it."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from campaigns.launches.models import Launch, Leased, Preflight, Purpose
from campaigns.planning.models import OPEN_RUNS, Campaign
from campaigns.planning.schedule import local_words
from config import clock


class RunState(models.TextChoices):
    """Only these three stay: launched, held until a person decides, skipped."""

    DUE = "due", "Due"
    COUNTING = "counting", "Counting"
    LAUNCHED = "launched", "Launched"
    HELD = "held", "Held"
    SKIPPED = "skipped", "Skipped"


# The clock goes on with these by itself.
GOING = (RunState.DUE, RunState.COUNTING)


class RunQuerySet(models.QuerySet["Run"]):
    def going(self) -> RunQuerySet:
        return self.filter(state__in=GOING)

    def open(self) -> RunQuerySet:
        """Neither launched nor skipped."""
        return self.filter(state__in=OPEN_RUNS)

    def for_a_person(self) -> RunQuerySet:
        """Held ones, then each campaign's latest if it was skipped, unread, and nothing was launched since."""
        latest = Run.objects.filter(campaign=OuterRef("campaign")).order_by("-due_at", "-pk")
        launched = Launch.objects.filter(
            campaign=OuterRef("campaign"), purpose=Purpose.LAUNCH, created_at__gte=OuterRef("ended_at")
        )
        is_unread = Q(state=RunState.SKIPPED, decided_at=None, pk=Subquery(latest.values("pk")[:1]))
        found = self.filter(Q(state=RunState.HELD) | (is_unread & ~Exists(launched)))
        return (
            found.filter(campaign__archived_at=None).select_related("campaign").order_by("state", "-due_at")
        )


class Run(Leased):
    """The campaign at one due time. The unique row makes two clocks launch it once."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="runs")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.DUE)
    # Why it was held or skipped, or what it waits for: sentences for a person.
    reason = models.CharField(max_length=1000, blank=True)
    # When the clock last found it in order to wait for another launch: waiting is not being late.
    waited_at = models.DateTimeField(null=True, blank=True)
    # What its brakes are judged by.
    preflight = models.ForeignKey(
        Preflight, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    counting_since = models.DateTimeField(null=True, blank=True)
    launch = models.OneToOneField(Launch, null=True, blank=True, on_delete=models.PROTECT, related_name="run")
    # The launch's form token: the same run again gives the same launch.
    launch_token = models.UUIDField(default=uuid4, unique=True, editable=False)
    # Who launched it anyway, skipped it, or read that it was skipped.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-due_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["campaign", "due_at"], name="one_run_of_a_due_time")]
        indexes = [
            models.Index(fields=["state"], name="run_state"),
            models.Index(fields=["due_at"], name="run_due_at"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}, run of {self.due_at:%Y-%m-%d %H:%M} UTC"

    @property
    def due(self) -> str:
        """When it fell due, in the campaign's time zone."""
        return local_words(self.due_at, self.campaign.time_zone)
