"""An upload while the disk is full: /dev/full is one, and says so in the system's own words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.segments.uploaded import storing
from campaigns.segments.uploaded.models import Matching, PendingUpload
from campaigns.segments.uploaded.reading import Wanted
from campaigns.segments.uploaded.refused import ListRefused
from campaigns.segments.uploaded.storing import match_upload, read_again
from campaigns.segments.uploaded.working import ask, work
from config.artefacts import keep
from config.scratch import scratch_folder
from tests.segments.uploaded.conftest import chosen

EMAILS = "email\nperson1@example.com\nnobody@example.com\n"
TOLD = "Muster&#x27;s disk is full, so nothing of this was kept. Ask an operator to free some space, then try again."


def kept():
    folder = Path(storages["lists"].path(""))
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def scratch():
    """What lies in this process's folder; each DuckDB that is open has one there."""
    return [path for path in scratch_folder().iterdir() if not path.name.startswith("duckdb-")]


def full(*_):
    with open("/dev/full", "r+b", buffering=0) as disk:
        disk.write(b"a")


@pytest.fixture
def full_after(monkeypatch):
    """`full_after(n)`: the disk holds n more artefacts."""

    def set_up(room):
        written = []

        def keep_one(storage, local, path):
            if len(written) == room:
                full()
            written.append(path)
            keep(storage, local, path)

        monkeypatch.setattr(storing, "keep", keep_one)

    return set_up


@pytest.mark.parametrize("room", [0, 1])
def test_an_upload_that_finds_no_room_leaves_nothing(upload, full_after, room):
    full_after(room)
    with pytest.raises(ListRefused, match="disk is full"):
        upload(EMAILS)
    assert (kept(), scratch(), PendingUpload.objects.count()) == ([], [], 0)


def test_a_copy_that_finds_no_room_leaves_nothing(upload, monkeypatch):
    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(ListRefused, match="disk is full"):
        upload(EMAILS)
    assert (kept(), scratch(), PendingUpload.objects.count()) == ([], [], 0)


def test_reading_in_another_way_that_finds_no_room_leaves_what_was(upload, full_after):
    pending = upload(EMAILS)
    before = kept()
    full_after(0)
    with pytest.raises(ListRefused, match="disk is full"):
        read_again(pending, Wanted(separator=";"))
    assert kept() == before
    assert PendingUpload.objects.get().reading == 0


def test_a_match_that_finds_no_room_is_told_and_can_be_asked_again(upload, full_after, monkeypatch):
    pending = upload(EMAILS)
    before = kept()
    full_after(1)
    ask(pending, chosen(pending))
    work(str(pending.pk))
    told = PendingUpload.objects.get()
    assert (told.state, told.error.split(",")[0]) == (Matching.FAILED, "Muster's disk is full")
    assert kept() == before
    monkeypatch.undo()
    assert match_upload(told, chosen(told)).customers == 1


@pytest.mark.parametrize("size", [10, 300_000])
def test_a_file_that_finds_no_room_on_its_way_is_told_at_its_field(
    client, customer_database, monkeypatch, tmp_path, size
):
    """A short one is written when it ends, a long one at once."""
    place = tmp_path / "place"
    place.symlink_to("/dev/full")  # Django removes what it is written to
    monkeypatch.setattr("config.uploads.NamedTemporaryFile", lambda **_: place.open("r+b"))
    file = SimpleUploadedFile("vip.csv", b"email\n" + b"x" * size, "text/csv")
    answer = client.post("/segments/lists/new/", {"file": file})
    assert TOLD in answer.content.decode()
    assert not PendingUpload.objects.exists()


def test_a_full_disk_at_the_upload_is_told_at_its_field(client, customer_database, full_after):
    full_after(0)
    answer = client.post("/segments/lists/new/", {"file": SimpleUploadedFile("vip.csv", EMAILS.encode())})
    assert TOLD in answer.content.decode()
