"""What a person does to a launch under way or over: cancel, retry, and say what became of an unknown file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from campaigns.launches import ledger
from campaigns.launches.deliver import CONFIRM, SETTLED, UPLOAD
from campaigns.launches.frozen import Frozen
from campaigns.launches.jobs import wake
from campaigns.launches.models import LAUNCH_UNFINISHED, DeliveryState, Launch, LaunchFile, LaunchState
from campaigns.launches.states import is_free, move, settle
from campaigns.planning.naming import comparison_key
from config import clock
from config.accounts.models import User
from config.audit.models import record

_WAITS = (DeliveryState.WAITING, DeliveryState.RETRYING)
_RETRIABLE = (DeliveryState.FAILED, DeliveryState.CANCELLED, DeliveryState.RETRYING)


class CannotDo(Exception):
    """`message` is one sentence that says why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def cancel(launch: Launch, user: User | None) -> None:
    """Stop what has not arrived. What is under way stops at its next step; what has arrived stays."""
    asked = Launch.objects.filter(pk=launch.pk, state__in=LAUNCH_UNFINISHED, cancel_requested_at=None).update(
        cancel_requested_at=clock.now()
    )
    launch.refresh_from_db()
    if not asked:
        if launch.state in LAUNCH_UNFINISHED:
            return
        raise CannotDo(f"Launch {launch.pk} is over already: nothing of it can be cancelled.")
    record(user, "cancelled", launch)
    move(launch, LaunchState.CANCELLED, since=(LaunchState.WAITING,), ended_at=clock.now())
    # One that may have arrived is looked up first; it is cancelled when it is not there.
    free = LaunchFile.objects.filter(is_free(), launch=launch, state__in=_WAITS).exclude(stage=CONFIRM)
    free.update(state=DeliveryState.CANCELLED, error="Cancelled by a person.", next_attempt_at=None)
    settle(launch.pk)
    launch.refresh_from_db()


def retriable(launch: Launch, files: Iterable[LaunchFile]) -> set[int]:
    """The ids of those of its files that `retry` would take: for 24 hours, and while no newer list has begun."""
    candidates = [file for file in files if file.state in _RETRIABLE and not _is_late(file)]
    if not candidates:
        return set()
    accounts = {one.id: one.account_key for one in Frozen.from_json(launch.frozen).destinations}
    lists = {
        file.pk: {
            (accounts[file.destination_id], comparison_key(section["segment_name"]))
            for section in file.sections
        }
        for file in candidates
    }
    begun = ledger.begun_since(launch.pk, set().union(*lists.values()))
    return {file for file, own in lists.items() if not own & begun}


def retry(file: LaunchFile, user: User | None) -> None:
    """The same bytes under the same name, now. Raises CannotDo."""
    if file.state not in _RETRIABLE:
        raise CannotDo(
            "This file neither failed nor waits for its next attempt, so there is nothing to try again."
        )
    _again(file, user, "retried", since=_RETRIABLE)


def it_arrived(file: LaunchFile, user: User | None) -> None:
    """A person has looked: the file is there. Raises CannotDo."""
    by = user.display_name if user is not None else "the command line"
    with transaction.atomic():
        moved = move(
            file,
            DeliveryState.DELIVERED,
            since=(DeliveryState.UNKNOWN,),
            error="",
            confirmed_at=clock.now(),
            confirmation=f"said by {by}"[:300],
            next_attempt_at=None,
        )
        if not moved:
            raise CannotDo("It is known by now what became of this file. Look at the page again.")
        ledger.confirm(file)
        record(user, "found arrived", file.launch, file=file.name)
        settle(file.launch_id)


def send_it_again(file: LaunchFile, user: User | None) -> None:
    """A person has looked: the file is not there. Raises CannotDo."""
    if file.state != DeliveryState.UNKNOWN:
        raise CannotDo("It is known by now what became of this file. Look at the page again.")
    _again(file, user, "sent again", since=(DeliveryState.UNKNOWN,))


def _again(file: LaunchFile, user: User | None, verb: str, *, since: tuple[str, ...]) -> None:
    if problem := _why_not_again(file):
        raise CannotDo(problem)
    anew: dict[str, Any] = {"stage": UPLOAD, "sent_bytes": 0, "error": ""}
    if file.state == DeliveryState.RETRYING:
        anew = {}  # Only sooner: what it may have left at the far side is still to be looked up.
    try:
        with transaction.atomic():
            Launch.objects.filter(pk=file.launch_id).update(cancel_requested_at=None)
            if not move(file, DeliveryState.RETRYING, since=since, next_attempt_at=clock.now(), **anew):
                raise CannotDo("Somebody else was quicker. Look at the page again.")
            if DeliveryState.UNKNOWN in since:
                file.attempts.update(stage=SETTLED)
            record(user, verb, file.launch, file=file.name)
            settle(file.launch_id)
            transaction.on_commit(lambda: wake(file))
    except IntegrityError as error:
        raise CannotDo(
            "Another launch of this campaign is under way. Wait for it, then look whether this is still needed."
        ) from error


def _why_not_again(file: LaunchFile) -> str:
    if _is_late(file):
        hours = settings.RETRY_FOR_SECONDS / 3600
        return (
            f"Its first attempt was over {hours:g} hours ago, so its list may be out of date. Launch again."
        )
    if ledger.is_superseded(file, _account_key(file)):
        return (
            "A newer launch has begun to send a list of this segment name. Launch again if it is to change."
        )
    return ""


def _is_late(file: LaunchFile) -> bool:
    begun = file.first_attempt_at
    return begun is not None and clock.now() > begun + timedelta(seconds=settings.RETRY_FOR_SECONDS)


def _account_key(file: LaunchFile) -> str:
    frozen = Frozen.from_json(file.launch.frozen)
    return next(one.account_key for one in frozen.destinations if one.id == file.destination_id)
