"""What happened: launches, their deliveries and files, and every attempt. States move in states.py alone."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from campaigns.planning.models import Campaign
from config import clock
from destinations.models import Destination


class Purpose(models.TextChoices):
    LAUNCH = "launch", "Launch"
    TEST = "test", "Test"


class LaunchState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    BUILDING = "building", "Building"
    SENDING = "sending", "Sending"
    DELIVERED = "delivered", "Delivered"
    NOTHING_TO_SEND = "nothing_to_send", "Nothing to send"
    PARTLY_DELIVERED = "partly_delivered", "Partly delivered"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    NEEDS_YOU = "needs_you", "Needs you"


class DeliveryState(models.TextChoices):
    """A delivery's state derives from its files; a file has all of these but `nothing_to_send`."""

    WAITING = "waiting", "Waiting"
    BUILDING = "building", "Building"
    SENDING = "sending", "Sending"
    RETRYING = "retrying", "Retrying"
    UNKNOWN = "unknown", "Unknown"
    DELIVERED = "delivered", "Delivered"
    NOTHING_TO_SEND = "nothing_to_send", "Nothing to send"
    CANCELLED = "cancelled", "Cancelled"
    SUPERSEDED = "superseded", "Superseded"
    FAILED = "failed", "Failed"


# Work goes on by itself in these.
LAUNCH_UNFINISHED = (LaunchState.WAITING, LaunchState.BUILDING, LaunchState.SENDING)
FILE_UNFINISHED = (
    DeliveryState.WAITING,
    DeliveryState.BUILDING,
    DeliveryState.SENDING,
    DeliveryState.RETRYING,
)


class Leased(models.Model):
    """Something one process works on at a time.

    `token` is the fencing token: it rises whenever somebody takes the lease, and every write of the holder is
    conditional on it, so that a holder who was thought dead and comes back changes nothing.
    """

    state = models.CharField(max_length=20)
    token = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        abstract = True


class Launch(Leased):
    """One run of a campaign: frozen configuration, recipients, deliveries."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="launches")
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.LAUNCH)
    state = models.CharField(max_length=20, choices=LaunchState.choices, default=LaunchState.WAITING)
    # frozen.py's Frozen as JSON: what was launched, whatever is edited later.
    frozen = models.JSONField()
    # For a test: records per treated group, and whether they go to the destination or only into a file.
    test_size = models.PositiveIntegerField(null=True, blank=True)
    test_to_destination = models.BooleanField(default=False)
    # What building counted: see built.py's Counts; empty until built.
    counts = models.JSONField(default=dict)
    # The stage in plain words while building ("Counting the audience").
    stage = models.CharField(max_length=100, blank=True)
    error = models.CharField(max_length=1000, blank=True)
    # The assignment history this launch left: a path in the launches storage and its SHA-256; set once, by the
    # compare-and-set that ends building.
    history_path = models.CharField(max_length=300, blank=True)
    recipients_sha256 = models.JSONField(default=dict, blank=True)  # {destination id: of its recipients}
    history_sha256 = models.CharField(max_length=64, blank=True)
    # {name: SHA-256} of what was kept of everybody considered; empty in launches built before that was kept.
    people_sha256 = models.JSONField(default=dict, blank=True)
    # Made with the form, so that one posted twice launches once.
    form_token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    # One that sent the previous list again: whose lists it put back. It reads, assigns and counts nobody.
    instead_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="put_back_by"
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now, db_index=True)
    built_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"],
                condition=models.Q(purpose="launch", state__in=["waiting", "building", "sending"]),
                name="one_launch_of_a_campaign_at_a_time",
            )
        ]
        # The list of campaigns asks for the latest launch of each.
        indexes = [
            models.Index(fields=["state"], name="launch_state"),
            models.Index(fields=["campaign", "purpose", "-id", "state"], name="launch_latest_of_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}, launch {self.pk}"


class LaunchGroup(models.Model):
    """A treatment group as it was in a launch: how many customers, how many of them newcomers by shares."""

    launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="groups")
    position = models.PositiveIntegerField()
    # Ids in planning; kept as numbers, since the group may be removed later.
    sub_audience_id = models.PositiveBigIntegerField()
    sub_audience_name = models.CharField(max_length=100)
    group_id = models.PositiveBigIntegerField()
    group_name = models.CharField(max_length=100)
    is_control = models.BooleanField()
    customers = models.PositiveBigIntegerField(default=0)
    # Assigned by rule 3 in this launch, and dealt out by rule 2.
    newcomers = models.PositiveBigIntegerField(default=0)
    dealt = models.PositiveBigIntegerField(default=0)
    # What rule 3 counts on from, where this launch moved as few as needed after an edit.
    carried = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["launch", "group_id"], name="launch_group_unique")]


class Delivery(models.Model):
    """One treatment group to one destination within one launch."""

    launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="deliveries")
    group = models.ForeignKey(LaunchGroup, on_delete=models.CASCADE, related_name="deliveries")
    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="deliveries")
    position = models.PositiveIntegerField()
    segment_name = models.CharField(max_length=300)
    state = models.CharField(max_length=20, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    error = models.CharField(max_length=1000, blank=True)
    rows = models.PositiveBigIntegerField(default=0)
    # {"sent": N, "missing": N, "invalid": N, "duplicate": N, "shared_with_control": N}: add up to the group.
    outcomes = models.JSONField(default=dict)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["launch", "group", "destination"], name="delivery_unique")
        ]


class LaunchFile(Leased):
    """What is sent, retried and confirmed. It carries the sending state."""

    launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="files")
    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="files")
    deliveries = models.ManyToManyField(Delivery, related_name="files")
    # Of a list that is sent again: the file that these very bytes were first.
    rows_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    # [{"segment_name": …, "group_id": …, "part": 1, "parts": 1, "rows": N}]
    sections = models.JSONField(default=list)
    header = models.JSONField(null=True, blank=True)
    rows = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)  # bytes
    sha256 = models.CharField(max_length=64, blank=True)
    path = models.CharField(max_length=300, blank=True)  # in the launches storage
    # Taken right before the first attempt, kept by every later one.
    name = models.CharField(max_length=300, blank=True)
    # Where the name is unique and the number was taken.
    drop_point = models.CharField(max_length=1000, blank=True)
    day = models.DateField(null=True, blank=True)
    number = models.PositiveIntegerField(null=True, blank=True)
    first_attempt_at = models.DateTimeField(null=True, blank=True)
    # What the last attempt had reached: upload, or confirm once the step that cannot be taken back had begun.
    stage = models.CharField(max_length=20, blank=True)
    sent_bytes = models.PositiveBigIntegerField(default=0)
    handle = models.CharField(max_length=300, blank=True)
    error = models.CharField(max_length=1000, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmation = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["drop_point", "name"],
                condition=~models.Q(name=""),
                name="file_name_unique_per_drop_point",
            )
        ]
        # The reconciler looks for the unfinished ones all the time; home counts what was confirmed of late.
        indexes = [
            models.Index(fields=["state"], name="launch_file_state"),
            models.Index(fields=["confirmed_at"], name="launch_file_confirmed_at"),
        ]


class Attempt(models.Model):
    """One try to send a file."""

    file = models.ForeignKey(LaunchFile, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    token = models.PositiveIntegerField()
    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=20, blank=True)
    sent_bytes = models.PositiveBigIntegerField(default=0)
    error = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["number"]


class SentSegment(models.Model):
    """The ledger: which list stands (or may stand) under a segment name at an account, and who sent it.

    Written when the first attempt of a file begins, so that an older file of the same name is superseded; confirmed
    when the file is. `name_key` is the name without white space, NFC, case folded: equal keys replace each other.
    """

    account_key = models.CharField(max_length=500)
    name_key = models.CharField(max_length=300)
    segment_name = models.CharField(max_length=300)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="sent_segments")
    launch = models.ForeignKey(Launch, on_delete=models.PROTECT, related_name="sent_segments")
    file = models.ForeignKey(LaunchFile, on_delete=models.PROTECT, related_name="sent_segments")
    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="+")
    # Of a list that was sent again: the launch whose rows these are.
    rows_of = models.ForeignKey(Launch, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    rows = models.PositiveBigIntegerField()
    parts = models.PositiveIntegerField(default=1)
    begun_at = models.DateTimeField(default=clock.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-launch_id"]
        indexes = [models.Index(fields=["account_key", "name_key", "-launch"])]
        constraints = [models.UniqueConstraint(fields=["file", "name_key"], name="sent_segment_unique")]


class Preflight(Leased):
    """What would arrive, counted by the launch's own code for one version of a campaign."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="preflights")
    campaign_version = models.PositiveIntegerField()
    # waiting, building, done, failed
    state = models.CharField(max_length=10, default="waiting")
    # The stage in plain words while it is counted.
    stage = models.CharField(max_length=100, blank=True)
    # SHA-256 of what was counted, less the clock: another one now means that something below it changed.
    fingerprint = models.CharField(max_length=64, blank=True)
    frozen = models.JSONField()
    result = models.JSONField(default=dict)
    error = models.CharField(max_length=1000, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)
    counted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
