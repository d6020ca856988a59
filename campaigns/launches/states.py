"""How states move: by compare-and-set alone, under a lease with a fencing token.

A holder writes only while its token is the row's, so that one who was thought dead and comes back changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F, Prefetch, Q

from campaigns.launches.models import (
    FILE_UNFINISHED,
    LAUNCH_UNFINISHED,
    Delivery,
    DeliveryState,
    Launch,
    LaunchFile,
    LaunchState,
    Leased,
)
from config import clock, leases
from config.leases import lease_until

Row = TypeVar("Row", bound=Leased)


class LeaseLost(Exception):
    """Somebody else has taken the row: stop, and write nothing."""


def move(row: Leased, to: str, *, since: Collection[str], token: int | None = None, **changes: Any) -> bool:
    """Set the state, if it is one of `since` and (where given) the token is still ours. Whether it did."""
    rows = type(row)._default_manager.filter(pk=row.pk, state__in=since)
    if token is not None:
        rows = rows.filter(token=token)
    changes |= {"state": to}
    if not rows.update(**changes):
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    return True


def is_free() -> Q:
    """Held by nobody, or by somebody who has not been heard of for longer than a lease."""
    return Q(lease_until=None) | Q(lease_until__lt=clock.now())


def take(row: Leased, *, since: Collection[str], to: str) -> int | None:
    """The new token, where the row is in one of the states and free; else None: somebody else has it."""
    now = clock.now()
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
    taken = (
        type(row)
        ._default_manager.filter(is_free(), due, pk=row.pk, state__in=since, token=row.token)
        .update(token=F("token") + 1, lease_until=lease_until(), state=to, next_attempt_at=None)
    )
    if not taken:
        return None
    row.refresh_from_db()
    return row.token


def renew(row: Leased, token: int, **changes: Any) -> None:
    """Keep the lease, and write beside it. Raises LeaseLost."""
    rows = type(row)._default_manager.filter(pk=row.pk, token=token).exclude(lease_until=None)
    if not rows.update(lease_until=lease_until(), **changes):
        raise LeaseLost


def kept_alive(row: Leased, token: int) -> AbstractContextManager[None]:
    """Renew the lease beside a step that takes longer than one."""

    def renewed() -> bool:
        try:
            renew(row, token)
        except LeaseLost:
            return False  # The holder finds out at its next write.
        return True

    return leases.kept_alive(renewed)


# What files make of deliveries, and deliveries of a launch -------------------------------------------------

# The first of these that one of its files has is a delivery's state.
_WEIGHT = (
    DeliveryState.UNKNOWN,
    DeliveryState.RETRYING,
    DeliveryState.SENDING,
    DeliveryState.BUILDING,
    DeliveryState.WAITING,
    DeliveryState.FAILED,
    DeliveryState.CANCELLED,
    DeliveryState.SUPERSEDED,
)


def delivery_state(files: Iterable[str]) -> str:
    found = set(files)
    if not found:
        return DeliveryState.NOTHING_TO_SEND
    return next((state for state in _WEIGHT if state in found), DeliveryState.DELIVERED)


def launch_state(deliveries: Iterable[str]) -> str:
    """Of a launch that is built."""
    found = set(deliveries)
    if found & set(FILE_UNFINISHED):
        return LaunchState.SENDING
    if DeliveryState.UNKNOWN in found:
        return LaunchState.NEEDS_YOU
    arrived = DeliveryState.DELIVERED in found
    if found <= {DeliveryState.DELIVERED, DeliveryState.NOTHING_TO_SEND}:
        return LaunchState.DELIVERED if arrived else LaunchState.NOTHING_TO_SEND
    if arrived:
        return LaunchState.PARTLY_DELIVERED
    return LaunchState.FAILED if DeliveryState.FAILED in found else LaunchState.CANCELLED


def settle(launch_id: int) -> None:
    """Bring the deliveries and the launch up to what its files say; one at a time for each launch."""
    with transaction.atomic():
        launch = Launch.objects.select_for_update().only("built_at", "ended_at").get(pk=launch_id)
        if launch.built_at is None:
            return
        deliveries = launch.deliveries.only("launch_id", "state", "error")
        files = LaunchFile.objects.only("launch_id", "state", "error")
        settled = list(deliveries.prefetch_related(Prefetch("files", files)))
        changed = [delivery for delivery in settled if _settle_delivery(delivery)]
        Delivery.objects.bulk_update(changed, ["state", "error"], batch_size=500)
        to = launch_state(delivery.state for delivery in settled)
        unfinished = to in LAUNCH_UNFINISHED
        ended_at = None if unfinished else launch.ended_at or clock.now()
        Launch.objects.filter(pk=launch_id).update(state=to, ended_at=ended_at)


def _settle_delivery(delivery: Delivery) -> bool:
    """Set what its files say; whether that is something new."""
    before = (delivery.state, delivery.error)
    files = list(delivery.files.all())
    delivery.state = delivery_state(file.state for file in files)
    delivery.error = next((file.error for file in files if file.state == delivery.state and file.error), "")
    return before != (delivery.state, delivery.error)
