"""Where lists go: credentials, destinations, and the numbers of the files sent there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings as django_settings
from django.db import models

from config import clock
from config.secrets import EncryptedJSONField

if TYPE_CHECKING:
    from config.accounts.models import User
    from destinations.kind import Identifier, Kind


class CredentialQuerySet(models.QuerySet["Credential"]):
    def active(self) -> CredentialQuerySet:
        return self.filter(archived_at=None)


class Credential(models.Model):
    """A login to a destination, encrypted at rest, never shown again."""

    kind = models.CharField(max_length=50)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    # The kind's fields, secret and not: {"hostname": …, "passphrase": …}
    fields = EncryptedJSONField(default=dict)
    # Counts saves, so that the later of two editors is told.
    version = models.PositiveIntegerField(default=1)
    # Made with the empty form, so that one posted twice creates one credential.
    form_token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(archived_at=None), name="credential_name_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def the_kind(self) -> Kind:
        from destinations.kinds import KINDS

        return KINDS[self.kind]


class DestinationQuerySet(models.QuerySet["Destination"]):
    def active(self) -> DestinationQuerySet:
        return self.filter(archived_at=None)

    def enabled(self) -> DestinationQuerySet:
        return self.active().filter(disabled_at=None)

    def for_user(self, user: User) -> DestinationQuerySet:
        """Those this person may send to."""
        found = self.active()
        if not user.may_operate:
            found = found.filter(operators_only=False)
        if not user.sees_personal_data:
            found = found.filter(open_without_personal_data=True)
        return found

    def shown_to(self, user: User) -> DestinationQuerySet:
        """Those this person may know of: operators set up also what they may not send to."""
        return self.active() if user.may_operate else self.for_user(user)

    def with_lists_for(self, user: User) -> DestinationQuerySet:
        """Those whose lists this person may open, deleted ones too; masked where no personal data is to be seen."""
        return self.all() if user.may_operate else self.filter(operators_only=False)


class Destination(models.Model):
    """A configured place to send to: a kind, a credential, settings."""

    kind = models.CharField(max_length=50)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    credential = models.ForeignKey(Credential, on_delete=models.PROTECT, related_name="destinations")
    settings = models.JSONField(default=dict)
    operators_only = models.BooleanField("administrators and operators only", default=False)
    open_without_personal_data = models.BooleanField(
        "open to people who may not see personal data", default=False
    )
    # The pinned host key's fingerprint ("SHA256:…"); empty where the kind has none.
    host_key = models.CharField(max_length=200, blank=True)
    host_key_accepted_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    host_key_accepted_at = models.DateTimeField(null=True, blank=True)
    # Derived by the kind from settings and credential, stored so that the database can compare them.
    account_key = models.CharField(max_length=500, db_index=True)
    drop_point = models.CharField(max_length=1000)
    # What a person has to look at ("The host key has changed…"); empty when all is well.
    needs_attention = models.CharField(max_length=500, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    # Counts saves, so that the later of two editors is told.
    version = models.PositiveIntegerField(default=1)
    # Made with the empty form, so that one posted twice creates one destination.
    form_token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    disabled_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = DestinationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(archived_at=None), name="destination_name_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def the_kind(self) -> Kind:
        from destinations.kinds import KINDS

        return KINDS[self.kind]

    @property
    def identifier(self) -> Identifier:
        """What identifies a person to this destination: "email" or "phone"."""
        return self.the_kind.identifier(self.settings)

    @property
    def state(self) -> str:
        """One of the states that pages can draw."""
        if self.disabled_at is not None:
            return "disabled"
        if self.needs_attention:
            return "needs_you"
        return "connected" if self.checked_at is not None else "waiting"

    @property
    def is_usable(self) -> bool:
        return self.archived_at is None and self.disabled_at is None


class FileNumber(models.Model):
    """The last file number given out for a drop point and a date. Numbers only rise; none is used twice."""

    drop_point = models.CharField(max_length=1000)
    day = models.DateField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["drop_point", "day"], name="file_number_unique")]

    @classmethod
    def take(cls, drop_point: str, day: Any) -> int:
        """The next number, from 1; safe when several processes ask at once."""
        while True:
            row, _ = cls.objects.get_or_create(drop_point=drop_point, day=day)
            number = row.last + 1
            if cls.objects.filter(pk=row.pk, last=row.last).update(last=number):
                return number
