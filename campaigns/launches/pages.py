"""What the page of a launch shows of its deliveries and files: stages, progress, attempts, what a person can do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from campaigns.launches.build import TEST_ENDING
from campaigns.launches.control import retriable
from campaigns.launches.models import (
    FILE_UNFINISHED,
    LAUNCH_UNFINISHED,
    Attempt,
    Delivery,
    DeliveryState,
    Launch,
    LaunchFile,
    LaunchState,
    Purpose,
)
from config import clock

# What a stage of a delivery looks like: (icon, what a screen reader adds).
_LOOKS = {
    "done": ("circle-check", "done"),
    "now": ("loader-circle", "now"),
    "hold": ("hourglass", "waiting"),
    "fail": ("circle-x", "failed"),
    "": ("circle", "to come"),
}
# {state of a file: how upload and confirm stand}
_STAGES = {
    DeliveryState.RETRYING: ("hold", ""),
    DeliveryState.UNKNOWN: ("done", "hold"),
    DeliveryState.DELIVERED: ("done", "done"),
    DeliveryState.FAILED: ("fail", ""),
}
_BUILT_LATER = (DeliveryState.WAITING, DeliveryState.BUILDING)
# The last attempts stand in view, earlier ones below a fold.
ATTEMPTS_SHOWN = 3


@dataclass(frozen=True)
class Stage:
    word: str
    css: str

    @property
    def icon(self) -> str:
        return _LOOKS[self.css][0]

    @property
    def spoken(self) -> str:
        return _LOOKS[self.css][1]


def _is_kept_here(launch: Launch) -> bool:
    return launch.purpose == Purpose.TEST and not launch.test_to_destination


def download_name(file: LaunchFile) -> str:
    """Its own name; one that was never sent has none."""
    return file.name or f"launch-{file.launch_id}-{file.position}.csv"


@dataclass(frozen=True)
class FileView:
    file: LaunchFile
    attempts: tuple[Attempt, ...]
    now: datetime
    may_retry: bool

    @property
    def segment_names(self) -> list[str]:
        return [section["segment_name"] for section in self.file.sections]

    @property
    def title(self) -> str:
        """The name it has or, of a test that stays here, gets when it is downloaded."""
        if self.file.state == DeliveryState.DELIVERED:
            return download_name(self.file)
        return self.file.name or "named at its first attempt"

    @property
    def word(self) -> str:
        """The state in the words of this page; empty where the state's own word is right."""
        if self.is_kept_here:
            return "Kept here"
        if self.file.state == DeliveryState.SENDING:
            return "Confirming" if self.is_confirming else "Uploading"
        return "Waiting for next attempt" if self.file.state == DeliveryState.RETRYING else ""

    @property
    def is_kept_here(self) -> bool:
        """A test that goes only into files."""
        return _is_kept_here(self.file.launch)

    @property
    def stages(self) -> list[Stage]:
        if self.is_kept_here:
            return [Stage("Build", "done")]
        upload, confirm = _STAGES.get(DeliveryState(self.file.state), ("", ""))
        if self.file.state == DeliveryState.SENDING:
            upload, confirm = ("done", "now") if self.is_confirming else ("now", "")
        return [Stage("Build", "done"), Stage("Upload", upload), Stage("Confirm", confirm)]

    @property
    def is_moving(self) -> bool:
        return self.file.state == DeliveryState.SENDING

    @property
    def is_confirming(self) -> bool:
        return self.is_moving and self.file.stage == "confirm"

    @property
    def is_unknown(self) -> bool:
        return self.file.state == DeliveryState.UNKNOWN

    @property
    def is_retrying(self) -> bool:
        return self.file.state == DeliveryState.RETRYING

    @property
    def is_due(self) -> bool:
        return self.file.next_attempt_at is None or self.file.next_attempt_at <= self.now

    @property
    def fraction(self) -> float:
        return self.file.sent_bytes / self.file.size if self.file.size else 0.0

    @property
    def rows_gone(self) -> int:
        return int(self.file.rows * self.fraction)

    @property
    def speed(self) -> float | None:
        """Bytes a second of the running attempt; None before there is anything to measure."""
        if not self.is_moving or not self.attempts or not self.file.sent_bytes:
            return None
        seconds = (self.now - self.attempts[-1].started_at).total_seconds()
        return self.file.sent_bytes / seconds if seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        return (self.file.size - self.file.sent_bytes) / self.speed if self.speed else None

    @property
    def seconds_taken(self) -> float | None:
        """How long the attempt took that brought it."""
        last = self.attempts[-1] if self.attempts else None
        return (last.ended_at - last.started_at).total_seconds() if last and last.ended_at else None

    @property
    def shown(self) -> Sequence[Attempt]:
        return self.attempts[-ATTEMPTS_SHOWN:]

    @property
    def earlier(self) -> Sequence[Attempt]:
        return self.attempts[:-ATTEMPTS_SHOWN]

    @property
    def tells_attempts(self) -> bool:
        """One attempt that went well is no story."""
        return len(self.attempts) > 1 or any(attempt.error for attempt in self.attempts)


@dataclass(frozen=True)
class DeliveryView:
    delivery: Delivery
    files: tuple[FileView, ...]  # those whose progress stands here
    within: str = ""  # the group whose delivery shows the file that this one shares
    ending: str = ""  # what a test adds to the segment name

    @property
    def segment_name(self) -> str:
        return self.delivery.segment_name + self.ending

    @property
    def place(self) -> int:
        """What needs a person first, then what goes on."""
        if self.delivery.state in (DeliveryState.UNKNOWN, DeliveryState.FAILED):
            return 0
        return 1 if self.delivery.state in FILE_UNFINISHED else 2

    @property
    def word(self) -> str:
        return self.files[0].word if self.files and self.delivery.state == self.files[0].file.state else ""

    @property
    def stages(self) -> list[Stage]:
        """Until there are files, only building can be told."""
        if self.delivery.state == DeliveryState.BUILDING:
            return [Stage("Build", "now"), Stage("Upload", ""), Stage("Confirm", "")]
        return [Stage("Build", ""), Stage("Upload", ""), Stage("Confirm", "")] if self.is_waiting else []

    @property
    def is_waiting(self) -> bool:
        return not self.files and not self.within and self.delivery.state in _BUILT_LATER


@dataclass(frozen=True)
class LaunchPage:
    """Everything of one launch that changes while it runs; a constant number of queries."""

    launch: Launch
    deliveries: tuple[DeliveryView, ...]
    files: tuple[FileView, ...]

    @property
    def is_kept_here(self) -> bool:
        return _is_kept_here(self.launch)

    @property
    def is_unfinished(self) -> bool:
        """Whether something goes on by itself."""
        running = any(view.file.state in FILE_UNFINISHED for view in self.files)
        return self.launch.state in LAUNCH_UNFINISHED or (
            running and self.launch.state == LaunchState.NEEDS_YOU
        )

    @property
    def seconds_to_next_look(self) -> int:
        """Shorter while something moves than while a file only waits for its next attempt."""
        waits = self.launch.state not in (LaunchState.WAITING, LaunchState.BUILDING)
        return 5 if waits and all(view.is_retrying for view in self.files if self._goes_on(view)) else 1

    @staticmethod
    def _goes_on(view: FileView) -> bool:
        return view.file.state in FILE_UNFINISHED

    @property
    def may_cancel(self) -> bool:
        return self.is_unfinished and self.launch.cancel_requested_at is None

    @cached_property
    def delivered(self) -> int:
        through = (DeliveryState.DELIVERED, DeliveryState.NOTHING_TO_SEND)
        return sum(1 for view in self.deliveries if view.delivery.state in through)

    @cached_property
    def rows_delivered(self) -> int:
        return sum(view.file.rows for view in self.files if view.file.state == DeliveryState.DELIVERED)

    @property
    def rows(self) -> int:
        return sum(view.file.rows for view in self.files)

    @property
    def bytes_sent(self) -> int:
        return sum(
            view.file.size if view.file.state == DeliveryState.DELIVERED else view.file.sent_bytes
            for view in self.files
        )

    @property
    def bytes(self) -> int:
        return sum(view.file.size for view in self.files)

    @property
    def destinations(self) -> list[tuple[int, str]]:
        """Where lists were built for, each once: what can be downloaded."""
        found = {view.delivery.destination_id: view.delivery.destination.name for view in self.deliveries}
        return list(found.items())

    @property
    def advice(self) -> list[str]:
        """What the far sides do afterwards, each sentence once; nothing where nothing is sent."""
        if self.is_kept_here:
            return []
        kinds = (view.delivery.destination.the_kind for view in self.deliveries)
        return list(dict.fromkeys(kind.after_delivery for kind in kinds if kind.after_delivery))


def launch_page(launch: Launch) -> LaunchPage:
    now = clock.now()
    files = list(launch.files.select_related("destination").prefetch_related("attempts", "deliveries"))
    again = retriable(launch, files)
    views = [FileView(file, tuple(file.attempts.all()), now, file.pk in again) for file in files]
    deliveries = launch.deliveries.select_related("group", "destination").order_by("position")
    return LaunchPage(launch, tuple(_sorted(launch, list(deliveries), views)), tuple(views))


def _sorted(launch: Launch, deliveries: Sequence[Delivery], files: Sequence[FileView]) -> list[DeliveryView]:
    """A file that holds several groups stands at the first of them."""
    of_delivery: defaultdict[int, list[FileView]] = defaultdict(list)
    for view in files:
        for delivery in view.file.deliveries.all():
            of_delivery[delivery.pk].append(view)
    first: dict[int, str] = {}
    views = []
    for delivery in deliveries:
        own = of_delivery[delivery.pk]
        shown = [view for view in own if view.file.pk not in first]
        shared = next((first[view.file.pk] for view in own if view.file.pk in first), "")
        first |= {view.file.pk: delivery.group.group_name for view in shown}
        ending = TEST_ENDING if launch.purpose == Purpose.TEST else ""
        views.append(DeliveryView(delivery, tuple(shown), "" if shown else shared, ending))
    return sorted(views, key=lambda view: view.place)
