"""Who did what to which object, when. Append only."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models

from config import clock


class Event(models.Model):
    at = models.DateTimeField(default=clock.now, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    verb = models.CharField(max_length=50)
    object_type = models.CharField(max_length=50)
    object_id = models.CharField(max_length=50)
    object_name = models.CharField(max_length=500)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["object_type", "object_id", "-at"])]
        ordering = ["-at", "-id"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("An audit event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("An audit event is never deleted.")


def record_all(actor: Any, verb: str, told: Iterable[tuple[models.Model, dict[str, Any]]]) -> None:
    """`record` for many, each with its detail, in one query."""
    Event.objects.bulk_create(_event(actor, verb, obj, detail) for obj, detail in told)


def record(actor: Any, verb: str, obj: models.Model, **detail: Any) -> Event:
    """Add an event; `verb` is a past participle ("created", "launched"), `detail` holds no personal data or secret."""
    event = _event(actor, verb, obj, detail)
    event.save()
    return event


def _event(actor: Any, verb: str, obj: models.Model, detail: dict[str, Any]) -> Event:
    return Event(
        actor=actor if actor is not None and actor.pk else None,
        verb=verb,
        object_type=obj._meta.model_name or "",
        object_id=str(obj.pk),
        object_name=str(obj)[:500],
        detail=detail,
    )
