"""What somebody changed in the editor and has not saved yet: kept with each redraw, until it is saved or discarded."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import models
from django.http import QueryDict

from campaigns.planning.models import Campaign
from config import clock

if TYPE_CHECKING:
    from config.accounts.models import User

KEPT_DAYS = 90
# Of the form: what is not the campaign's own, or would be out of date when it is shown again.
_NOT_KEPT = ("csrfmiddlewaretoken", "page")


class UnsavedDraft(models.Model):
    """The form as it was sent last, with the button that was pressed: showing it again presses it again."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.CASCADE, related_name="unsaved_drafts"
    )
    # Of a new campaign, whose form it was made with.
    form_token = models.UUIDField(null=True, blank=True)
    # The version of the campaign that was changed.
    version = models.PositiveIntegerField(default=0)
    # {name: [value, …]}
    fields = models.JSONField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at"]
        constraints = [
            models.UniqueConstraint(fields=["person", "campaign"], name="one_unsaved_draft_of_a_campaign"),
            models.UniqueConstraint(fields=["person", "form_token"], name="one_unsaved_draft_of_a_form"),
        ]

    def __str__(self) -> str:
        return self.name or "A campaign without a name"

    @property
    def name(self) -> str:
        return str((self.fields.get("name") or [""])[0]).strip()

    @property
    def is_stale(self) -> bool:
        """Whether the campaign was saved since these changes began."""
        return self.campaign is not None and self.campaign.version != self.version

    def form(self) -> QueryDict:
        """As it was posted."""
        post = QueryDict(mutable=True)
        for name, values in self.fields.items():
            post.setlist(name, values)
        return post


def _mine(person: User, campaign: Campaign | None, form_token: UUID | None) -> models.QuerySet[UnsavedDraft]:
    found = UnsavedDraft.objects.filter(person=person).select_related("campaign")
    if campaign is not None:
        return found.filter(campaign=campaign)
    return found.filter(campaign=None, form_token=form_token) if form_token else found.none()


def keep(person: User, campaign: Campaign | None, post: QueryDict, form_token: UUID | None) -> bool:
    """Keep a posted form; False where it cannot be told what it is of."""
    if campaign is None and form_token is None:
        return False
    version = post.get("version", "")
    values = {
        "version": int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
        "fields": {name: values for name, values in post.lists() if name not in _NOT_KEPT},
        "changed_at": clock.now(),
    }
    if not _mine(person, campaign, form_token).update(**values):
        token = None if campaign else form_token
        UnsavedDraft.objects.update_or_create(
            person=person, campaign=campaign, form_token=token, defaults=values
        )
        UnsavedDraft.objects.filter(changed_at__lt=clock.now() - timedelta(days=KEPT_DAYS)).delete()
    return True


def kept(person: User, campaign: Campaign | None, form_token: UUID | None = None) -> UnsavedDraft | None:
    return _mine(person, campaign, form_token).first()


def forget(person: User, campaign: Campaign | None, form_token: UUID | None = None) -> None:
    """Once it is saved or discarded."""
    _mine(person, campaign, form_token).delete()


def begun(person: User) -> list[UnsavedDraft]:
    """New campaigns that this person has not saved yet, the last first."""
    return list(UnsavedDraft.objects.filter(person=person, campaign=None)[:5])
