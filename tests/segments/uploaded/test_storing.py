"""Storing, deleting and cleaning up; what stays on disk and what does not."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.files.storage import storages

from campaigns.launches.reconcile import reconcile
from campaigns.planning.models import Campaign, SubAudience
from campaigns.segments.models import Segment
from campaigns.segments.rules import load
from campaigns.segments.saving import draft_of
from campaigns.segments.saving import store as store_segment
from campaigns.segments.sizing import size
from campaigns.segments.uploaded import deleting, storing
from campaigns.segments.uploaded.deleting import delete
from campaigns.segments.uploaded.models import PENDING_FOR, PendingUpload, UploadedList
from campaigns.segments.uploaded.refused import ListRefused
from campaigns.segments.uploaded.storing import match_upload, remove, segment_from, store
from config import clock
from config.artefacts import keep
from config.audit.models import Event
from tests.segments.uploaded.conftest import chosen

EMAILS = (
    "email\nperson1@example.com\nshared@example.com\nnobody@example.com\n\nno address\nPerson1@example.com\n"
)


def kept():
    folder = Path(storages["lists"].path(""))
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_list_keeps_its_numbers_and_two_files(stored, marketer):
    one = stored(EMAILS, "VIP customers", file_name="spring_vips.csv")
    assert (one.rows, one.empty, one.invalid, one.repeated) == (6, 1, 1, 1)
    assert (one.values, one.matched, one.unmatched, one.customers, one.shared) == (3, 2, 1, 3, 1)
    assert (one.column, one.matched_by, one.file_name) == ("email", "email", "spring_vips.csv")
    assert kept() == sorted([one.keys_path, one.unmatched_path])
    assert not PendingUpload.objects.exists()
    event = Event.objects.get(object_type="uploadedlist", verb="created")
    assert (event.actor, event.detail) == (marketer, {"rows": 6, "customers": 3})


def test_its_files_are_for_muster_alone(stored):
    path = Path(storages["lists"].path(stored("C01\n").keys_path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o077 == 0


def test_it_is_never_changed(stored):
    one = stored("C01\n")
    one.name = "Another"
    with pytest.raises(TypeError, match="never changed"):
        one.save()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("  ", "Enter a name."),
        ("n" * 101, "101 characters"),
        ("a\u202eb", "cannot be shown"),
        (" Taken ", "There is an uploaded list “Taken” already."),
    ],
)
def test_a_name_that_cannot_be_is_refused(upload, stored, marketer, name, words):
    stored("C01\n", "Taken")
    pending = upload("C02\n")
    match_upload(pending, chosen(pending))
    with pytest.raises(ListRefused, match=words):
        store(pending, name, marketer)
    assert PendingUpload.objects.exists()


def test_storing_one_upload_twice_makes_one_list(upload, marketer):
    pending = upload("C01\n")
    match_upload(pending, chosen(pending))
    again = PendingUpload.objects.get()
    assert store(pending, "VIP", marketer) == store(again, "VIP too", marketer)
    assert UploadedList.objects.count() == 1


def test_two_uploads_at_once_do_not_meet(upload, marketer):
    first, second = upload("C01\n"), upload("C02\nC03\n")
    match_upload(first, chosen(first))
    match_upload(second, chosen(second))
    lists = [store(first, "One", marketer), store(second, "Three", marketer)]
    assert [one.customers for one in lists] == [1, 2]
    assert len(kept()) == 4


def test_what_was_matched_for_an_upload_that_is_gone_is_gone_too(upload):
    pending = upload("C01\n")
    remove([PendingUpload.objects.get()])
    with pytest.raises(ListRefused, match="no longer kept"):
        match_upload(pending, chosen(pending))
    assert kept() == []


def test_an_upload_is_kept_for_a_day(upload):
    old = upload("C01\n")
    match_upload(old, chosen(old))
    PendingUpload.objects.update(created_at=clock.now() - PENDING_FOR)
    new = upload("C02\n")
    reconcile()
    assert list(PendingUpload.objects.all()) == [new]
    assert kept() == sorted([new.file_path, new.lines_path])


def test_nothing_outlives_a_storing_that_was_cut_short(upload, marketer, monkeypatch):
    pending = upload("C01\n")
    match_upload(pending, chosen(pending))
    monkeypatch.setattr(storing, "remove", _cut_short)
    with pytest.raises(SystemExit):
        store(pending, "VIP", marketer)
    monkeypatch.undo()
    one = UploadedList.objects.get()
    PendingUpload.objects.update(created_at=clock.now() - PENDING_FOR)
    reconcile()
    assert kept() == sorted([one.keys_path, one.unmatched_path])


def test_nothing_outlives_a_match_that_was_cut_short(upload, monkeypatch):
    pending = upload("C01\n")
    written = []

    def keep_one(storage, local, path):
        if written:
            raise SystemExit
        written.append(path)
        keep(storage, local, path)

    monkeypatch.setattr(storing, "keep", keep_one)
    with pytest.raises(SystemExit):
        match_upload(pending, chosen(pending))
    monkeypatch.undo()
    assert kept() == sorted([pending.file_path, pending.lines_path, *written])
    remove([pending])
    assert kept() == []


def test_nothing_outlives_a_deletion_that_was_cut_short(stored, marketer, monkeypatch):
    one = stored(EMAILS)
    monkeypatch.setattr(deleting, "remove_files", _cut_short)
    with pytest.raises(SystemExit):
        delete(one, marketer)
    monkeypatch.undo()
    assert len(kept()) == 2
    reconcile()
    assert kept() == []


def _cut_short(*_):
    raise SystemExit


def test_cleaning_up_takes_nothing_from_a_list_that_was_stored_meanwhile(upload, marketer):
    pending = upload("C01\n")
    match_upload(pending, chosen(pending))
    late = PendingUpload.objects.get()
    one = store(pending, "VIP", marketer)
    remove([late])
    assert storages["lists"].exists(one.keys_path)


def test_a_storage_that_is_no_folder_serves_as_well(upload, marketer, client_of, settings):
    bucket = {"BACKEND": "tests.segments.uploaded.bucket.Bucket"}
    settings.STORAGES = {**settings.STORAGES, "lists": bucket}
    pending = upload(EMAILS)
    match_upload(pending, chosen(pending))
    one = store(pending, "VIP", marketer)
    segment = segment_from(one, marketer)
    counted = size(one.customer_database, load(segment.rules), ZoneInfo("UTC"))
    assert counted.customers == 3
    answer = client_of(marketer).get(f"/segments/lists/{one.pk}/unmatched/")
    assert b"nobody@example.com" in b"".join(answer.streaming_content)
    assert not storages["lists"].exists(pending.lines_path)


# A segment of everybody on the list --------------------------------------------------------------------------


def test_a_segment_is_made_under_a_free_name(stored, marketer):
    one = stored("C01\n", "VIP")
    first, second = segment_from(one, marketer), segment_from(one, marketer)
    assert (first.name, second.name) == ("VIP", "VIP 2")
    assert first.rules == {"version": 2, "rules": {"all": [{"list": one.pk}]}}
    assert first.customer_database == one.customer_database


# Deleting -------------------------------------------------------------------------------------------------------


def test_one_that_nothing_ever_named_goes_with_its_files(stored, marketer):
    one = stored(EMAILS)
    delete(one, marketer)
    assert kept() == []
    assert not UploadedList.objects.active().exists()
    assert Event.objects.filter(verb="deleted", object_name="VIP").exists()
    stored(EMAILS)


def test_one_in_use_stays(stored, marketer):
    one = stored(EMAILS)
    segment_from(one, marketer)
    with pytest.raises(ListRefused, match="“VIP” is in use"):
        delete(one, marketer)
    assert len(kept()) == 2


def test_one_in_the_rules_of_a_sub_audience_is_in_use(stored, marketer, customer_database):
    one = stored(EMAILS)
    campaign = Campaign.objects.create(customer_database=customer_database, name="Spring Sale")
    rules = {"version": 2, "rules": {"any": [{"all": [{"list": one.pk, "member": False}]}]}}
    part = SubAudience.objects.create(campaign=campaign, position=0, name="a", rules=rules)
    with pytest.raises(ListRefused):
        delete(one, marketer)
    part.removed_at = clock.now()
    part.save()
    delete(one, marketer)
    assert kept() == [one.keys_path]


def test_the_keys_of_one_that_was_named_stay_and_the_unmatched_go(stored, marketer):
    one = stored(EMAILS)
    segment = segment_from(one, marketer)
    Segment.objects.filter(pk=segment.pk).update(archived_at=clock.now())
    delete(one, marketer)
    one.refresh_from_db()
    assert kept() == [one.keys_path]
    assert one.unmatched_path == ""


def test_the_keys_of_one_that_an_old_version_names_stay(stored, marketer):
    one = stored(EMAILS)
    segment = segment_from(one, marketer)
    other = {"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}
    store_segment(replace(draft_of(segment), rules=other), segment, marketer, segment.version)
    delete(one, marketer)
    assert kept() == [one.keys_path]
