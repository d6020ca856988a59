"""From an uploaded file to a list: kept for its person, matched, then stored. Artefacts lie in STORAGES["lists"].

Paths: `pending/<upload>/` has the file, and its rows as they were read last, both of which go with the upload;
`<upload>/<token>/keys.parquet` and `unmatched.parquet` are what a list keeps: every match has a token of its own, so
that two at once do not meet.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO
from uuid import uuid4

from django.db import DatabaseError, IntegrityError, transaction

from campaigns.customers.models import CustomerDatabase
from campaigns.segments.models import Segment
from campaigns.segments.plain import LONGEST_NAME, Draft
from campaigns.segments.saving import store as store_segment
from campaigns.segments.uploaded.deleting import remove_files
from campaigns.segments.uploaded.keys import STORAGE
from campaigns.segments.uploaded.matching import Choice, Counts, match
from campaigns.segments.uploaded.models import UNDER_WAY, Matching, PendingUpload, UploadedList
from campaigns.segments.uploaded.proposing import propose
from campaigns.segments.uploaded.reading import Found, Wanted, check_length, read
from campaigns.segments.uploaded.refused import ListRefused
from config.accounts.models import User
from config.artefacts import ArtefactGone, drop, fetch, keep, sha256_of
from config.audit.models import record
from config.full_disk import FULL, is_disk_full
from config.masking import mask
from config.scratch import scratch_folder

EXPIRED = "The uploaded file is no longer kept. Upload it again."


def keep_upload(
    user: User,
    database: CustomerDatabase,
    file: BinaryIO,
    file_name: str,
    replaces: UploadedList | None = None,
) -> PendingUpload:
    """Read a file and keep it for a day. Raises ListRefused."""
    pending = PendingUpload(user=user, customer_database=database, replaces=replaces)
    pending.file_name = "".join(one for one in file_name if one.isprintable())[-200:]
    pending.artefacts = [pending.lines_path, pending.file_path]
    with _folder() as folder:
        lines, whole = folder / "lines.parquet", folder / "file"
        found = read(file, lines, database.customer_key)
        pending.found = found.to_json()
        pending.proposal = propose(database, lines, found).to_json()
        _copy(file, whole)
        pending.save()
        try:
            _keep({pending.lines_path: lines, pending.file_path: whole})
        except OSError:
            pending.delete()
            raise
    return pending


def _keep(files: Mapping[str, Path]) -> None:
    """Local files by where they are to lie: all of them, or none where the disk is full."""
    try:
        for path, local in files.items():
            keep(STORAGE, local, path)
    except OSError:
        _drop(files)
        raise


def _copy(file: BinaryIO, target: Path) -> None:
    file.seek(0)
    with target.open("wb") as copy:
        shutil.copyfileobj(file, copy)


def read_again(pending: PendingUpload, wanted: Wanted) -> None:
    """Read the file in another way; what was matched before is forgotten. Where it raises ListRefused, all stays."""
    database, before, older = pending.customer_database, pending.lines_path, pending.token
    with _folder() as folder, _kept(pending.file_path) as whole:
        lines = folder / "lines.parquet"
        with whole.open("rb") as file:
            found = read(file, lines, database.customer_key, wanted)
        proposal = propose(database, lines, found)
        pending.reading += 1
        _promise(pending, [pending.lines_path])
        _keep({pending.lines_path: lines})
    changes: dict[str, Any] = {"found": found.to_json(), "proposal": proposal.to_json(), "matched": {}}
    changes |= {
        "reading": pending.reading,
        "token": older + 1,
        "state": Matching.NONE,
        "wanted": {},
        "error": "",
    }
    same = PendingUpload.objects.filter(pk=pending.pk, token=older).exclude(state__in=UNDER_WAY)
    if not same.update(**changes):
        _drop([pending.lines_path])
        raise ListRefused("The file was read in another way, or matched, in another tab. Reload the page.")
    _drop([before, *_paths(pending.matched)])
    pending.refresh_from_db()


@contextmanager
def lines_of(pending: PendingUpload) -> Iterator[Path]:
    """The rows of an upload on this machine. Raises ListRefused."""
    with _kept(pending.lines_path) as lines:
        yield lines


@contextmanager
def _kept(path: str) -> Iterator[Path]:
    try:
        with fetch(STORAGE, path) as local:
            yield local
    except ArtefactGone as error:
        raise ListRefused(EXPIRED) from error


def match_upload(pending: PendingUpload, choice: Choice) -> Counts:
    """Match and keep the result beside the upload, instead of an earlier one. Raises ListRefused.

    Nothing is kept where the upload was read in another way or matched anew meanwhile.
    """
    check_length(Found.from_json(pending.found), header=choice.header)
    base = f"{pending.pk}/{uuid4().hex}"
    with _folder() as folder, lines_of(pending) as lines:
        keys, unmatched = folder / "keys.parquet", folder / "unmatched.parquet"
        counts = match(pending.customer_database, lines, choice, keys, unmatched)
        matched: dict[str, Any] = {"choice": choice.to_json(), "counts": counts.to_json()}
        for local in (keys, unmatched):
            matched[f"{local.stem}_path"] = f"{base}/{local.name}"
            matched[f"{local.stem}_sha256"] = sha256_of(local)
        _promise(pending, _paths(matched))
        _keep({matched[f"{local.stem}_path"]: local for local in (keys, unmatched)})
    ended = {"matched": matched, "state": Matching.NONE, "error": "", "lease_until": None}
    if not PendingUpload.objects.filter(pk=pending.pk, token=pending.token).update(**ended):
        _drop(_paths(matched))  # it was stored or discarded meanwhile
        raise ListRefused(EXPIRED)
    _drop(_paths(pending.matched))
    pending.matched = matched
    return counts


def _promise(pending: PendingUpload, paths: Sequence[str]) -> None:
    """Paths that are about to be written. Raises ListRefused where the upload is gone."""
    with transaction.atomic():
        found = PendingUpload.objects.select_for_update().filter(pk=pending.pk).first()
        if found is None:
            raise ListRefused(EXPIRED)
        found.artefacts += paths
        found.save(update_fields=["artefacts"])


def _paths(matched: Mapping[str, Any]) -> list[str]:
    return [matched[key] for key in ("keys_path", "unmatched_path") if key in matched]


@contextmanager
def _folder() -> Iterator[Path]:
    """For as long as something is made; a disk that is full is told as ListRefused."""
    try:
        with TemporaryDirectory(dir=scratch_folder()) as folder:
            yield Path(folder)
    except (OSError, DatabaseError) as error:
        if not is_disk_full(error):
            raise
        raise ListRefused(FULL) from error


def remove(uploads: Iterable[PendingUpload]) -> None:
    """Forget uploads and all that was written for them, but for what a list keeps."""
    for pending in uploads:
        found = PendingUpload.objects.filter(pk=pending.pk).first()
        stored = UploadedList.objects.filter(upload=pending.pk).first()
        kept = {stored.keys_path, stored.unmatched_path} if stored else set()
        _drop(path for path in (found.artefacts if found else []) if path not in kept)
        PendingUpload.objects.filter(pk=pending.pk).delete()


def remove_expired() -> None:
    """Uploads that nobody stored within a day, and what deleting a list left behind when it was cut short."""
    remove(PendingUpload.objects.expired())
    for one in UploadedList.objects.exclude(archived_at=None).exclude(unmatched_path=""):
        remove_files(one)


def _drop(paths: Iterable[str]) -> None:
    for path in paths:
        drop(STORAGE, path)


# Storing ------------------------------------------------------------------------------------------------


def store(pending: PendingUpload, name: str, user: User) -> UploadedList:
    """The list of a matched upload; the same upload again gives the list that it made. Raises ListRefused."""
    name = name.strip()
    if problem := name_problem(name):
        raise ListRefused(problem)
    try:
        with transaction.atomic():
            made = _made(pending, name, user)
            made.save()
            record(user, "created", made, rows=made.rows, customers=made.customers)
    except IntegrityError:
        # The other of two equal posts was quicker, or somebody took the name this very moment.
        stored = UploadedList.objects.filter(upload=pending.pk).first()
        if stored is None:
            raise ListRefused(name_problem(name) or EXPIRED) from None
        return stored
    remove([pending])
    return made


def _made(pending: PendingUpload, name: str, user: User) -> UploadedList:
    choice = Choice.from_json(pending.matched["choice"])
    titles = Found.from_json(pending.found).titles(header=choice.header)
    artefacts: dict[str, Any] = {
        key: value for key, value in pending.matched.items() if key not in ("choice", "counts")
    }
    return UploadedList(
        upload=pending.pk,
        name=name,
        customer_database=pending.customer_database,
        file_name=pending.file_name,
        matched_by=choice.matched_by,
        column=mask(titles[choice.column], ""),  # it may have been a row of data
        replaces=pending.replaces,
        created_by=user,
        **pending.matched["counts"],
        **artefacts,
    )


def name_problem(name: str) -> str:
    if not name:
        return "Enter a name."
    if len(name) > LONGEST_NAME:
        return f"The name has {len(name)} characters. {LONGEST_NAME} are the most; shorten it."
    if not name.isprintable():
        return "The name has a character that cannot be shown. Type it anew."
    if UploadedList.objects.active().filter(name=name).exists():
        return f"There is an uploaded list “{name}” already. Choose another name."
    return ""


def proposed_name(pending: PendingUpload) -> str:
    """The name of the list it replaces, or of the file without its ending."""
    stem = Path(pending.file_name).stem.replace("_", " ").strip()
    return pending.replaces.name if pending.replaces else stem or "Uploaded list"


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """The wanted name, or the first of “name 2”, “name 3” … that is not taken."""
    known = set(taken)
    endings = ("" if number == 1 else f" {number}" for number in count(1))
    names = (wanted[: LONGEST_NAME - len(ending)].strip() + ending for ending in endings)
    return next(name for name in names if name not in known)


def segment_from(one: UploadedList, user: User) -> Segment:
    """A segment of everybody on the list, under a free name. Raises SegmentRefused."""
    begins = one.name[: LONGEST_NAME - 10]
    taken = Segment.objects.active().filter(name__startswith=begins).values_list("name", flat=True)
    draft = Draft(
        name=free_name(one.name, taken),
        customer_database=one.customer_database_id,
        rules={"all": [{"list": one.pk}]},
    )
    return store_segment(draft, None, user, None)
