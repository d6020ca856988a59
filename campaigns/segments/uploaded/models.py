"""Lists of customers that people upload, and uploads that are not stored yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models

from campaigns.customers.models import CustomerDatabase
from config import clock
from config.accounts.models import User

PENDING_FOR = timedelta(days=1)
KILLED = "The worker that matched the list ended before it was done. Match it again."


class MatchedBy(models.TextChoices):
    """What the values of a list are, and so what customers are found by."""

    KEY = "key", "customer key"
    EMAIL = "email", "e-mail address"
    PHONE = "phone", "phone number"


class UploadedListQuerySet(models.QuerySet["UploadedList"]):
    def active(self) -> UploadedListQuerySet:
        return self.filter(archived_at=None)

    def offered(self, database: CustomerDatabase) -> UploadedListQuerySet:
        """What rules about this customer database may name."""
        return self.active().filter(customer_database=database)


class UploadedList(models.Model):
    """Customers found by the values of an uploaded file. Never changed: a newer file is a new list.

    rows = empty + invalid + repeated + values, and values = those that a customer has + unmatched.
    """

    customer_database = models.ForeignKey(
        CustomerDatabase, on_delete=models.PROTECT, related_name="uploaded_lists"
    )
    name = models.CharField(max_length=100)
    file_name = models.CharField(max_length=200)
    matched_by = models.CharField(max_length=5, choices=MatchedBy.choices)
    column = models.CharField(max_length=200)  # as the file calls it
    rows = models.PositiveBigIntegerField()
    empty = models.PositiveBigIntegerField()
    invalid = models.PositiveBigIntegerField()
    repeated = models.PositiveBigIntegerField()
    values = models.PositiveBigIntegerField()
    unmatched = models.PositiveBigIntegerField()
    customers = models.PositiveBigIntegerField()
    shared = models.PositiveBigIntegerField()  # values that several customers have
    replaces = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaced_by"
    )
    # In STORAGES["lists"]: the customers' keys; values that nobody has or that are invalid. Empty once removed.
    keys_path = models.CharField(max_length=200, blank=True)
    keys_sha256 = models.CharField(max_length=64)
    unmatched_path = models.CharField(max_length=200, blank=True)
    unmatched_sha256 = models.CharField(max_length=64)
    # Of the upload that it was stored from, so that one stored twice makes one list.
    upload = models.UUIDField(unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = UploadedListQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(archived_at=None), name="uploaded_list_name_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    rows=models.F("empty") + models.F("invalid") + models.F("repeated") + models.F("values")
                ),
                name="uploaded_list_counts_each_row_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if self.pk and set(update_fields or ["all"]) - {"archived_at", "keys_path", "unmatched_path"}:
            raise TypeError("An uploaded list is never changed. Store a new one.")
        super().save(update_fields=update_fields, **kwargs)

    @property
    def matched(self) -> int:
        """Values that a customer has."""
        return self.values - self.unmatched


class Matching(models.TextChoices):
    """Where the matching of an upload stands; empty before it is asked for, and once it is done."""

    NONE = "", "Not asked for"
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Matching"
    FAILED = "failed", "Failed"


UNDER_WAY = (Matching.WAITING, Matching.RUNNING)


class PendingUploadQuerySet(models.QuerySet["PendingUpload"]):
    def of(self, user: User) -> PendingUploadQuerySet:
        """A person's own that are still kept."""
        return self.filter(user=user, created_at__gt=clock.now() - PENDING_FOR)

    def expired(self) -> PendingUploadQuerySet:
        return self.filter(created_at__lte=clock.now() - PENDING_FOR)

    def left_alone(self) -> PendingUploadQuerySet:
        """Those whose worker has not been heard of for longer than a lease."""
        return self.filter(state=Matching.RUNNING, lease_until__lt=clock.now())


class PendingUpload(models.Model):
    """A file between upload and storing: of one person, for a day."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    customer_database = models.ForeignKey(CustomerDatabase, on_delete=models.CASCADE, related_name="+")
    replaces = models.ForeignKey(
        UploadedList, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    file_name = models.CharField(max_length=200)
    # How the file was read and what its columns seem to be: reading.Found and proposing.Proposal.
    found = models.JSONField()
    proposal = models.JSONField()
    # Counts how often it was read: each time into a file of its own.
    reading = models.PositiveIntegerField(default=0)
    # What is to be matched (matching.Choice), where that stands, since when, and what it ended with.
    state = models.CharField(max_length=10, blank=True, choices=Matching.choices, default=Matching.NONE)
    wanted = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=1000, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    # Rises with whatever makes an older worker's result worthless; all writes of a worker are conditional on it.
    token = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    # How it was last matched (matching.Choice), with what counts and artefacts; empty before.
    matched = models.JSONField(default=dict, blank=True)
    # Every path that was ever written for it: named before it is written, so that none outlives a crash.
    artefacts = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now, db_index=True)

    objects = PendingUploadQuerySet.as_manager()

    def __str__(self) -> str:
        return self.file_name

    @property
    def lines_path(self) -> str:
        return f"pending/{self.pk}/lines{self.reading or ''}.parquet"

    @property
    def file_path(self) -> str:
        """The file as it came, to be read in another way."""
        return f"pending/{self.pk}/file"

    @property
    def problem(self) -> str:
        """Why it was not matched, in one sentence."""
        return KILLED if self.is_left_alone else self.error

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY and not self.is_left_alone

    @property
    def is_left_alone(self) -> bool:
        """Whether its worker was killed, or hangs."""
        return self.state == Matching.RUNNING and (self.lease_until is None or self.lease_until < clock.now())
