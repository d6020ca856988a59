"""What people typed into the editor and have not saved: kept with each redraw, offered when they come back.

Nothing here is ever launched: it is the form, not the campaign.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.http import QueryDict

from campaigns.planning.models import Campaign
from config import clock
from config.requests import form_token, number

if TYPE_CHECKING:
    from config.accounts.models import User

KEPT_DAYS = 30
MOST_KEPT = 20  # of a person
MOST_CHARACTERS = 500_000  # of a form; sixty sub-audiences of three groups take a tenth of it
MOST_OFFERED = 3
# How long somebody counts as editing after their last change.
EDITING_MINUTES = 10
# Of the form: what would be out of date when it is shown again.
_NOT_KEPT = ("csrfmiddlewaretoken", "page")


class UnsavedQuerySet(models.QuerySet["UnsavedDraft"]):
    def of(self, person: User) -> UnsavedQuerySet:
        """Theirs, the last changed first."""
        oldest = clock.now() - timedelta(days=KEPT_DAYS)
        return self.filter(person=person, changed_at__gte=oldest).select_related("campaign")

    def being_edited(self, campaign: Campaign, but: User) -> UnsavedQuerySet:
        """By others, in the last minutes."""
        since = clock.now() - timedelta(minutes=EDITING_MINUTES)
        found = self.filter(campaign=campaign, changed_at__gte=since).exclude(person=but)
        return found.select_related("person")


class UnsavedDraft(models.Model):
    """A form as it was sent last, with the button that was pressed: showing it again presses it again."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.CASCADE, related_name="unsaved_drafts"
    )
    # The page that it was typed into: two of one person's do not overwrite each other.
    page = models.UUIDField()
    # The version of the campaign that was changed.
    version = models.PositiveBigIntegerField(default=0)
    # {name: [value, …]}
    fields = models.JSONField()
    changed_at = models.DateTimeField()

    objects = UnsavedQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["person", "page"], name="one_unsaved_draft_of_a_page")]

    def __str__(self) -> str:
        return str((self.fields.get("name") or [""])[0]).strip()[:100] or "a campaign without a name"

    @property
    def is_outdated(self) -> bool:
        """Whether the campaign was saved since these changes began."""
        return self.campaign is not None and self.campaign.version != self.version

    def form(self) -> QueryDict:
        """As it was posted, for the page that it belongs to."""
        post = QueryDict(mutable=True)
        for name, values in self.fields.items():
            post.setlist(name, values)
        post["page"] = str(self.page)
        return post


def keep(person: User, campaign: Campaign | None, post: QueryDict) -> UnsavedDraft | None:
    """Keep a posted form; None where it has no page or is too large."""
    page, fields = _page(post), _fields(post)
    if page is None or len(json.dumps(fields)) > MOST_CHARACTERS:
        return None
    version = number(post.get("version")) or 0
    kept, is_new = UnsavedDraft.objects.update_or_create(
        person=person,
        page=page,
        defaults={
            "campaign": campaign,
            "version": version,
            "fields": fields,
            "changed_at": clock.now(),
        },
    )
    if is_new:
        _clear(person)
    return kept


def _page(post: QueryDict) -> UUID | None:
    return form_token(post, "page")


def _fields(post: QueryDict) -> dict[str, Any]:
    """PostgreSQL stores no NUL."""
    return {
        name.replace("\0", ""): [value.replace("\0", "") for value in post.getlist(name)]
        for name in post
        if name not in _NOT_KEPT
    }


def _clear(person: User) -> None:
    """Everybody's that are too old, and this person's that are too many."""
    UnsavedDraft.objects.filter(changed_at__lt=clock.now() - timedelta(days=KEPT_DAYS)).delete()
    kept = list(UnsavedDraft.objects.filter(person=person).values_list("pk", flat=True)[:MOST_KEPT])
    UnsavedDraft.objects.filter(person=person).exclude(pk__in=kept).delete()


def of_page(person: User, post: QueryDict) -> UnsavedDraft | None:
    page = _page(post)
    return UnsavedDraft.objects.of(person).filter(page=page).first() if page else None


def forget(person: User, post: QueryDict) -> None:
    """What was typed into this page, once it is saved or says what is stored."""
    if (page := _page(post)) is not None:
        UnsavedDraft.objects.filter(person=person, page=page).delete()


def offered(person: User, campaign: Campaign | None, but: UUID | str = "") -> list[UnsavedDraft]:
    """What this person left unsaved of the campaign, or of new ones, on other pages than this one."""
    found = UnsavedDraft.objects.of(person).filter(campaign=campaign)
    return [one for one in found[: MOST_OFFERED + 1] if str(one.page) != str(but)][:MOST_OFFERED]


def one_of(person: User, campaign: Campaign | None, pk: int | None) -> UnsavedDraft | None:
    return UnsavedDraft.objects.of(person).filter(campaign=campaign, pk=pk or 0).first()
