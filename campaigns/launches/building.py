"""Building a stored launch under a lease, and storing what came of it in one transaction."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from campaigns.customers.connection import CustomerDatabaseError
from campaigns.launches.build import BuildError, build
from campaigns.launches.built import Built, BuiltFile
from campaigns.launches.frozen import Frozen
from campaigns.launches.jobs import wake
from campaigns.launches.models import (
    Delivery,
    DeliveryState,
    Launch,
    LaunchFile,
    LaunchGroup,
    LaunchState,
    Preflight,
)
from campaigns.launches.states import LeaseLost, kept_alive, move, renew, settle, take
from campaigns.launches.storage import (
    ArtefactGone,
    fetch,
    folder_of,
    history_path,
    keep,
    people_path,
    recipients_path,
)
from campaigns.segments.about.sizes import keep_of_launch
from config import clock
from config.logs import log_unexpected

logger = logging.getLogger(__name__)
BEFORE_BUILT = (LaunchState.WAITING, LaunchState.BUILDING)
# What is shown of an error that nobody expected; its traceback is in the worker's log.
UNEXPECTED = (
    "Building stopped by an error in Muster itself ({name}). Ask an operator to look at the worker's log."
)


class Cancelled(Exception):
    """A person asked for it."""


def build_launch(pk: int) -> None:
    """Build launch `pk`, if it waits for that and nobody else does."""
    launch = Launch.objects.get(pk=pk)
    token = take(launch, since=BEFORE_BUILT, to=LaunchState.BUILDING)
    if token is None:
        return
    with failing(launch, token), building_folder(launch, token) as folder, kept_alive(launch, token):
        _stop_if_asked(launch)
        built = build_in(
            folder,
            Frozen.from_json(launch.frozen),
            launch_id=launch.pk,
            test_size=launch.test_size,
            progress=lambda stage: _progress(launch, token, stage),
        )
        _stop_if_asked(launch)
        _keep(launch, token, built)


def build_in(
    folder: Path,
    frozen: Frozen,
    *,
    launch_id: int,
    test_size: int | None,
    progress: Callable[[str], None],
) -> Built:
    """`build` with the assignment history that `frozen` names. Raises as it does."""
    stored = fetch(frozen.history_path, frozen.history_sha256) if frozen.history_path else nullcontext()
    try:
        with stored as previous:
            return build(
                frozen,
                folder,
                launch_id=launch_id,
                test_size=test_size,
                previous_history=previous,
                progress=progress,
            )
    except ArtefactGone as error:
        raise BuildError(
            "The assignment history of this campaign is missing or was changed, so nobody can be told who was in"
            " control before. Restore it from a backup, then launch again."
        ) from error


@contextmanager
def building_folder(row: Launch | Preflight, token: int) -> Iterator[Path]:
    """A folder for one build; gone afterwards."""
    folder = _building() / f"{row._meta.model_name}-{row.pk}-{token}"
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned() -> None:
    """The folders of builds whose worker did not live to remove them: people's addresses lie there."""
    for folder in _building().glob("*-*-*"):
        name, pk, token = folder.name.split("-")
        model = Launch if name == Launch._meta.model_name else Preflight
        if not model._default_manager.filter(pk=pk, token=token, state=LaunchState.BUILDING).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _building() -> Path:
    return Path(settings.DATA_DIR) / "building"


@contextmanager
def failing(row: Launch | Preflight, token: int) -> Iterator[None]:
    """The one place where building fails: the reason is stored on the row in plain words."""
    try:
        yield
    except LeaseLost:
        logger.info("%s %s is somebody else's by now.", row._meta.model_name, row.pk)
    except Cancelled:
        _end(row, token, LaunchState.CANCELLED, "")
    except (BuildError, CustomerDatabaseError) as error:
        _end(row, token, LaunchState.FAILED, error.message)
    except Exception as error:  # noqa: BLE001 — the job's boundary: a person has to see that it failed
        log_unexpected(f"Building {row._meta.model_name} {row.pk}", error)
        _end(row, token, LaunchState.FAILED, UNEXPECTED.format(name=type(error).__name__))


def _end(row: Launch | Preflight, token: int, to: str, message: str) -> None:
    changes: dict[str, Any] = {"error": message[:1000], "stage": "", "lease_until": None}
    if isinstance(row, Launch):
        changes["ended_at"] = clock.now()
    move(row, to, since=(LaunchState.BUILDING,), token=token, **changes)


def _progress(launch: Launch, token: int, stage: str) -> None:
    _stop_if_asked(launch)
    renew(launch, token, stage=stage)


def _stop_if_asked(launch: Launch) -> None:
    if Launch.objects.filter(pk=launch.pk, cancel_requested_at__isnull=False).exists():
        raise Cancelled


# Keeping --------------------------------------------------------------------------------------------------


def _keep(launch: Launch, token: int, built: Built) -> None:
    """Artefacts first, then every row and the end of *building* in one transaction."""
    renew(launch, token, stage="Keeping the files")
    digests = {destination_id: _sha256(path) for destination_id, path in built.recipients.items()}
    for destination_id, path in built.recipients.items():
        keep(path, recipients_path(launch, destination_id))
    people = {name: _sha256(path) for name, path in built.people.items()}
    for name, path in built.people.items():
        keep(path, people_path(launch, name))
    for number, file in enumerate(built.files, 1):
        keep(file.path, file_path(launch, number))
    history, digest = "", ""
    if built.history is not None:
        history, digest = history_path(launch), _sha256(built.history)
        keep(built.history, history)
    with transaction.atomic():
        ended = move(
            launch,
            LaunchState.SENDING,
            since=(LaunchState.BUILDING,),
            token=token,
            counts=built.counts.to_json(),
            history_path=history,
            history_sha256=digest,
            recipients_sha256=digests,
            people_sha256=people,
            built_at=clock.now(),
            lease_until=None,
            stage="",
        )
        if not ended:
            raise LeaseLost
        files = _store(launch, built)
        if built.sizes is not None:
            now = datetime.fromisoformat(launch.frozen["now"])
            keep_of_launch(launch, built.sizes.customers, built.sizes.everybody, now)
        settle(launch.pk)
        waiting = [file for file in files if file.state == DeliveryState.WAITING]
        transaction.on_commit(lambda: [wake(file) for file in waiting])


def file_path(launch: Launch, number: int) -> str:
    return f"{folder_of(launch)}/files/{number}.csv"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _store(launch: Launch, built: Built) -> list[LaunchFile]:
    deliveries = _store_deliveries(launch, built, _store_groups(launch, built))
    files = LaunchFile.objects.bulk_create(
        _file(launch, number, file) for number, file in enumerate(built.files, 1)
    )
    of_deliveries = LaunchFile.deliveries.through
    of_deliveries._default_manager.bulk_create(
        of_deliveries(launchfile=stored, delivery=deliveries[group, stored.destination_id])
        for stored, file in zip(files, built.files, strict=True)
        for group in dict.fromkeys(section.group_id for section in file.sections)
    )
    return files


def _store_groups(launch: Launch, built: Built) -> dict[int, LaunchGroup]:
    frozen = Frozen.from_json(launch.frozen)
    configured = [(part, group) for part in frozen.sub_audiences for group in part.groups]
    counted = {found.group_id: found for found in built.counts.groups}
    stored = LaunchGroup.objects.bulk_create(
        LaunchGroup(
            launch=launch,
            position=position,
            sub_audience_id=part.id,
            sub_audience_name=part.name,
            group_id=group.id,
            group_name=group.name,
            is_control=group.is_control,
            customers=counted[group.id].customers,
            newcomers=counted[group.id].newcomers,
            dealt=counted[group.id].dealt,
            carried=counted[group.id].carried,
        )
        for position, (part, group) in enumerate(configured)
    )
    return {group.group_id: group for group in stored}


def _store_deliveries(
    launch: Launch, built: Built, groups: dict[int, LaunchGroup]
) -> dict[tuple[int, int], Delivery]:
    frozen = Frozen.from_json(launch.frozen)
    names = {one.id: one.segment_names for one in frozen.destinations}
    order = sorted(
        built.counts.deliveries, key=lambda found: (groups[found.group_id].position, found.destination_id)
    )
    stored = Delivery.objects.bulk_create(
        Delivery(
            launch=launch,
            group=groups[found.group_id],
            destination_id=found.destination_id,
            position=position,
            segment_name=names[found.destination_id][found.group_id],
            rows=found.rows,
            outcomes=outcomes,
        )
        for position, found in enumerate(order)
        for outcomes in [vars(found.outcomes)]
    )
    return {(one.group.group_id, one.destination_id): one for one in stored}


def _file(launch: Launch, number: int, built: BuiltFile) -> LaunchFile:
    stays = launch.test_size is not None and not launch.test_to_destination
    return LaunchFile(
        launch=launch,
        destination_id=built.destination_id,
        position=number,
        state=DeliveryState.DELIVERED if stays else DeliveryState.WAITING,
        confirmation="kept here, to be downloaded" if stays else "",
        sections=[vars(section) for section in built.sections],
        header=list(built.header) if built.header else None,
        rows=built.rows,
        size=built.size,
        sha256=built.sha256,
        path=file_path(launch, number),
    )
