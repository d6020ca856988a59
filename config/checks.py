"""System checks: what the settings say together that each alone cannot know. `manage.py check` shows them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from config.accounts.models import Role, User


@register(Tags.security)
def production_names_its_hosts(**_: Any) -> list[CheckMessage]:
    if not settings.PRODUCTION or settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "ALLOWED_HOSTS is empty, so every request would be refused.",
            hint="Set ALLOWED_HOSTS to the host names people type, such as muster.example.com.",
            id="muster.E001",
        )
    ]


@register(Tags.security)
def production_has_no_sandbox(**_: Any) -> list[CheckMessage]:
    if not (settings.PRODUCTION and settings.SANDBOX):
        return []
    return [
        Error(
            "The sandbox is on: a list sent to it by mistake would reach nobody.",
            hint="Leave SANDBOX out, or set it to 0.",
            id="muster.E002",
        )
    ]


@register(Tags.security)
def production_keeps_its_keys_apart(**_: Any) -> list[CheckMessage]:
    if not settings.PRODUCTION or settings.SECRET_KEY not in settings.ENCRYPTION_KEYS:
        return []
    return [
        Error(
            "SECRET_KEY also encrypts the credentials: who learns the one has the other.",
            hint="Set ENCRYPTION_KEYS to a value of its own.",
            id="muster.E003",
        )
    ]


@register(Tags.database)
def production_has_no_demo_logins(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Runs with `migrate` and with `check --database default`: it asks the database."""
    if not settings.PRODUCTION or "default" not in (databases or ()) or not _has_people():
        return []
    demo = User.objects.filter(username__in=Role.values, first_name="Demo", is_active=True)
    names = ", ".join(demo.order_by("pk").values_list("username", flat=True))
    if not names:
        return []
    return [
        Error(
            f"The demo logins {names} may sign in.",
            hint="Add people of your own, then take “May sign in” from these on the page People.",
            id="muster.E004",
        )
    ]


def _has_people() -> bool:
    """False before the first migration."""
    from django.db import connection

    return User._meta.db_table in connection.introspection.table_names()


@register()
def the_data_folder_can_be_written(**_: Any) -> list[CheckMessage]:
    folder = settings.DATA_DIR
    while not folder.exists():
        folder = folder.parent
    if folder.is_dir() and os.access(folder, os.W_OK):
        return []
    return [
        Error(
            f"{settings.DATA_DIR} cannot be written.",
            hint="Make it writable, or set MUSTER_DATA to another folder.",
            id="muster.E005",
        )
    ]


# The first of each pair is part of the second.
_RISING = (
    ("CONNECT_SECONDS", "SEND_SECONDS"),
    ("RETRY_FIRST_SECONDS", "RETRY_LONGEST_SECONDS"),
    ("RETRY_LONGEST_SECONDS", "RETRY_FOR_SECONDS"),
)


@register()
def intervals_fit_together(**_: Any) -> list[CheckMessage]:
    return [
        Error(
            f"{shorter} is {getattr(settings, shorter):g}, but {longer} only {getattr(settings, longer):g}.",
            hint=f"Set {longer} to at least {shorter}.",
            id="muster.E006",
        )
        for shorter, longer in _RISING
        if getattr(settings, shorter) > getattr(settings, longer)
    ]
