"""Sending one file: under a lease, under one name, at most once by itself."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from campaigns.launches import ledger
from campaigns.launches.frozen import Frozen, FrozenDestination
from campaigns.launches.models import Attempt, DeliveryState, LaunchFile
from campaigns.launches.states import LeaseLost, kept_alive, move, renew, settle, take
from campaigns.launches.storage import ArtefactGone, fetch
from config import clock
from config.logs import log_unexpected
from destinations.kind import (
    Absent,
    Accepted,
    Confirmed,
    DeliveryError,
    DeliveryUnknown,
    FileSpec,
    HostKeyChanged,
    NameTaken,
    Parcel,
    Pending,
    Section,
    Unknown,
)
from destinations.models import Destination, FileNumber

logger = logging.getLogger(__name__)

TO_SEND = (DeliveryState.WAITING, DeliveryState.RETRYING, DeliveryState.SENDING)
# What an attempt had reached. After `confirm` the far side may have the file.
CONNECT, UPLOAD, CONFIRM = "connect", "upload", "confirm"
# A person, or a new name, has settled what the attempt left behind.
SETTLED = "settled"
PROGRESS_SECONDS = 1.0
MOST_NAMES = 50


class Stopped(Exception):
    """A person cancelled, or a newer list began: `to` is the file's state."""

    def __init__(self, to: str) -> None:
        super().__init__(to)
        self.to = to


def deliver(pk: int) -> None:
    """Send file `pk`, if it is due and nobody else does."""
    file = LaunchFile.objects.select_related("launch", "destination__credential").get(pk=pk)
    token = take(file, since=TO_SEND, to=DeliveryState.SENDING)
    if token is None:
        return
    settle(file.launch_id)
    try:
        sending = _Sending.of(file, token)
    except Exception as error:  # noqa: BLE001 — what was frozen cannot be read, today and tomorrow
        log_unexpected(f"Sending file {pk}", error)
        words = f"Sending stopped by an error in Muster itself ({type(error).__name__}). Launch again."
        move(
            file,
            DeliveryState.FAILED,
            since=(DeliveryState.SENDING,),
            token=token,
            error=words,
            lease_until=None,
        )
        settle(file.launch_id)
        return
    with kept_alive(file, token):
        try:
            sending.run()
        except LeaseLost:
            logger.info("File %s is somebody else's by now.", pk)
            return
        except Exception as error:  # noqa: BLE001 — the job's boundary: what it is stands on the row
            log_unexpected(f"Sending file {pk}", error)
            sending.unexpected(error)
    settle(file.launch_id)


@dataclass
class _Sending:
    """One attempt under one lease."""

    file: LaunchFile
    token: int
    target: FrozenDestination
    attempt: Attempt

    @classmethod
    def of(cls, file: LaunchFile, token: int) -> _Sending:
        frozen = Frozen.from_json(file.launch.frozen)
        target = next(one for one in frozen.destinations if one.id == file.destination_id)
        file.attempts.filter(ended_at=None).update(
            ended_at=clock.now(), error="The worker ended in the middle of it."
        )
        number = file.attempts.count() + 1
        attempt = Attempt.objects.create(file=file, number=number, token=token, stage=CONNECT)
        return cls(file, token, target, attempt)

    @property
    def destination(self) -> Destination:
        return self.file.destination

    def run(self) -> None:
        """The one place where sending fails: the reason is stored on the row in plain words."""
        try:
            if not self._may_have_arrived:
                self._refuse_stopped()
            self._refuse_unusable()
            self._name()
            with fetch(self.file.path, self.file.sha256) as path:
                self._arrived(self._sent(self._parcel(path)))
        except Stopped as stopped:
            self._end(stopped.to, _STOPPED[stopped.to])
        except ArtefactGone:
            self._end(
                DeliveryState.FAILED,
                "The stored file is missing or was changed, so it is not sent. Launch again.",
            )
        except _NobodyKnows as error:
            self._end(DeliveryState.UNKNOWN, error.message)
        except DeliveryUnknown as error:
            self._ask(error)
        except DeliveryError as error:
            self._failed(error)

    @property
    def _may_have_arrived(self) -> bool:
        """Then it is looked up before anything else is decided."""
        return bool(self.file.handle) or self.file.stage == CONFIRM

    # Before -----------------------------------------------------------------------------------------------

    def _refuse_stopped(self) -> None:
        launch = type(self.file.launch).objects.only("cancel_requested_at").get(pk=self.file.launch_id)
        if launch.cancel_requested_at is not None:
            raise Stopped(DeliveryState.CANCELLED)
        if ledger.is_superseded(self.file, self.target.account_key):
            raise Stopped(DeliveryState.SUPERSEDED)

    def _refuse_unusable(self) -> None:
        destination = Destination.objects.get(pk=self.destination.pk)
        if not destination.is_usable:
            raise DeliveryError(
                f"{destination} is disabled. Ask an operator to enable it, then try again.", permanent=True
            )
        if destination.account_key != self.target.account_key:
            raise DeliveryError(
                f"{destination} leads to another account than when this was launched. Launch again.",
                permanent=True,
            )

    def _name(self) -> None:
        """The name, number and date are stored before the first attempt and kept by every later one."""
        if self.file.name:
            return
        changes = {**self._next_name(), "first_attempt_at": clock.now()}
        with transaction.atomic():
            self._write(**changes)
            ledger.begin(self.file, self.target.account_key)

    def _next_name(self) -> dict[str, Any]:
        kind, now = self.destination.the_kind, clock.now()
        day = kind.day(self.target.settings, now)
        drop_point = self.target.drop_point or self.destination.drop_point
        number = FileNumber.take(drop_point, day)
        name = kind.file_name(self.target.settings, _spec(self.file), day, number)
        return {"name": name, "drop_point": drop_point, "day": day, "number": number}

    def _write(self, **changes: Any) -> None:
        renew(self.file, self.token, **changes)
        for name, value in changes.items():
            setattr(self.file, name, value)

    # Sending ----------------------------------------------------------------------------------------------

    def _parcel(self, path: Any) -> Parcel:
        file = self.file
        earlier = file.attempts.exclude(pk=self.attempt.pk).filter(stage=CONFIRM)
        return Parcel(
            path=path,
            name=file.name,
            size=file.size,
            rows=file.rows,
            sha256=file.sha256,
            token=self.token,
            first_attempt=not earlier.exists(),
            deadline=clock.now() + timedelta(seconds=settings.SEND_SECONDS),
            settings=self.target.settings,
            credential=self.destination.credential.fields,
            host_key=self.destination.host_key,
            header_rows=1 if file.header else 0,
            progress=self._progress(),
            last_look=self._last_look,
        )

    def _progress(self) -> Callable[[int], None]:
        written = 0.0

        def tell(sent: int) -> None:
            nonlocal written
            now = time.monotonic()
            if written and now - written < PROGRESS_SECONDS and sent < self.file.size:
                return
            written = now
            # After the last look the file goes on under its final name: half of it would be worse than all.
            is_final = self.file.stage == CONFIRM
            stage = CONFIRM if is_final else UPLOAD
            Attempt.objects.filter(pk=self.attempt.pk).update(stage=stage, sent_bytes=sent)
            self._write(stage=stage, sent_bytes=sent)
            if not is_final:
                self._refuse_stopped()

        return tell

    def _last_look(self) -> None:
        self._refuse_stopped()
        Attempt.objects.filter(pk=self.attempt.pk).update(stage=CONFIRM)
        self._write(stage=CONFIRM)

    def _sent(self, parcel: Parcel) -> Confirmed | Accepted | Pending:
        """Ask first where an earlier attempt may have arrived; then send."""
        kind = self.destination.the_kind
        if self._may_have_arrived:
            found = kind.look_up(parcel, self.file.handle)
            if isinstance(found, Confirmed | Pending):
                return found
            if isinstance(found, Unknown):
                raise _NobodyKnows(_unknown_words(found.detail))
            assert isinstance(found, Absent)
            self._write(stage=UPLOAD)
            self._refuse_stopped()
        for _ in range(MOST_NAMES):
            try:
                return kind.send(parcel)
            except NameTaken as error:
                parcel = self._renamed(parcel, error)
        raise DeliveryError("All file names of today are taken at the destination.", permanent=True)

    def _renamed(self, parcel: Parcel, error: NameTaken) -> Parcel:
        """A foreign file has our name: the next number, and nothing of ours stands under it."""
        self.file.attempts.update(stage=SETTLED)
        self._close_attempt(error.message)
        self._write(stage=CONNECT, sent_bytes=0, **self._next_name())
        number = self.attempt.number + 1
        self.attempt = Attempt.objects.create(file=self.file, number=number, token=self.token, stage=CONNECT)
        return self._parcel(parcel.path)

    # After ------------------------------------------------------------------------------------------------

    def _arrived(self, answer: Confirmed | Accepted | Pending) -> None:
        if isinstance(answer, Confirmed):
            self._end(
                DeliveryState.DELIVERED,
                "",
                sent_bytes=self.file.size,
                confirmed_at=clock.now(),
                confirmation=answer.detail[:300],
            )
            ledger.confirm(self.file)
            Destination.objects.filter(pk=self.destination.pk).exclude(needs_attention="").update(
                needs_attention=""
            )
            return
        handle = answer.handle if isinstance(answer, Accepted) else self.file.handle
        later = clock.now() + timedelta(seconds=settings.RETRY_FIRST_SECONDS)
        self._end(DeliveryState.SENDING, "", handle=handle, next_attempt_at=later)

    def _ask(self, error: DeliveryUnknown) -> None:
        """No answer: ask the far side at once; where it cannot be asked now it is asked later."""
        try:
            with fetch(self.file.path) as path:
                self._write(stage=CONFIRM)
                self._looked_up(path, error)
        except DeliveryError as failed:
            if self._may_try_again(0):
                self._retry(failed, stage=CONFIRM)
            else:
                self._end(DeliveryState.UNKNOWN, error.message)

    def _looked_up(self, path: Any, error: DeliveryUnknown) -> None:
        found = self.destination.the_kind.look_up(self._parcel(path), self.file.handle)
        if isinstance(found, Confirmed):
            self._arrived(found)
        elif isinstance(found, Absent):
            self._retry(error, stage=UPLOAD)
        elif isinstance(found, Pending):
            self._retry(error, stage=CONFIRM)
        else:
            self._end(DeliveryState.UNKNOWN, f"{error.message} {_unknown_words(found.detail)}")

    def _failed(self, error: DeliveryError) -> None:
        if isinstance(error, HostKeyChanged):
            Destination.objects.filter(pk=self.destination.pk).update(needs_attention=error.message[:500])
        if error.untouched and self._reached() == CONFIRM:
            Attempt.objects.filter(pk=self.attempt.pk).update(stage=UPLOAD)
            self._write(stage=UPLOAD)
        asking = self.file.stage == CONFIRM and self._reached() == CONNECT
        if error.permanent and not asking:
            self._end(DeliveryState.FAILED, error.message)
        else:
            self._again_or_end(error, stage=CONFIRM if asking else UPLOAD)

    def unexpected(self, error: Exception) -> None:
        """An error in Muster itself: tried again, and looked up first where the file may have arrived."""
        words = f"Sending stopped by an error in Muster itself ({type(error).__name__}). It is tried again."
        stage = CONFIRM if self._reached() == CONFIRM else self.file.stage
        self._again_or_end(DeliveryError(words), stage=stage)

    def _again_or_end(self, error: DeliveryError, *, stage: str) -> None:
        if self._may_try_again(error.retry_after or 0):
            self._retry(error, stage=stage)
            return
        hours = settings.RETRY_FOR_SECONDS / 3600
        self._end(
            DeliveryState.UNKNOWN if stage == CONFIRM else DeliveryState.FAILED,
            f"{error.message} It was tried for {hours:g} hours; launch again when the destination works.",
        )

    def _reached(self) -> str:
        return Attempt.objects.values_list("stage", flat=True).get(pk=self.attempt.pk)

    def _may_try_again(self, wait: float) -> bool:
        begun = self.file.first_attempt_at or self.file.launch.built_at or clock.now()
        return clock.now() + timedelta(seconds=wait) < begun + timedelta(seconds=settings.RETRY_FOR_SECONDS)

    def _retry(self, error: DeliveryError, *, stage: str) -> None:
        wait = max(self._jitter(), error.retry_after or 0)
        at = clock.now() + timedelta(seconds=wait)
        self._end(DeliveryState.RETRYING, error.message, stage=stage, next_attempt_at=at)

    def _jitter(self) -> float:
        """Full jitter, never at once."""
        longest = min(
            settings.RETRY_LONGEST_SECONDS, settings.RETRY_FIRST_SECONDS * 2.0 ** (self.attempt.number - 1)
        )
        return max(random.uniform(0, longest), min(1.0, longest))  # noqa: S311 — no secret

    def _end(self, to: str, message: str, **changes: Any) -> None:
        self._close_attempt(message)
        ended = move(
            self.file,
            to,
            since=(DeliveryState.SENDING,),
            token=self.token,
            error=message[:1000],
            lease_until=None,
            **changes,
        )
        if not ended:
            raise LeaseLost

    def _close_attempt(self, message: str) -> None:
        Attempt.objects.filter(pk=self.attempt.pk).update(ended_at=clock.now(), error=message[:1000])


class _NobodyKnows(DeliveryUnknown):
    """The far side was asked and cannot say."""


_STOPPED: dict[str, str] = {
    DeliveryState.CANCELLED: "Cancelled by a person.",
    DeliveryState.SUPERSEDED: "A newer launch has begun to send a list of this segment name.",
}


def _unknown_words(detail: str) -> str:
    return f"The destination was asked: {detail}. Look there, then say whether it arrived."


def _spec(file: LaunchFile) -> FileSpec:
    sections = tuple(Section(**section) for section in file.sections)
    return FileSpec(sections, tuple(file.header) if file.header else None)
