"""Matching as a job: what the page tells while it goes on, and what becomes of it when a worker does not live."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.core.files.storage import storages

from campaigns.launches.reconcile import reconcile
from campaigns.segments.uploaded import working
from campaigns.segments.uploaded.models import KILLED, Matching, PendingUpload
from campaigns.segments.uploaded.reading import Wanted
from campaigns.segments.uploaded.refused import ListRefused
from campaigns.segments.uploaded.storing import match_upload, read_again, remove
from campaigns.segments.uploaded.working import LONG_WAIT, ask, run_match, work
from config import clock
from tests.segments.uploaded.conftest import chosen, work_off

CHOICE = {"header": "on", "column": "0", "matched_by": "email"}
HTMX = {"hx-request": "true"}


def page(response):
    return response.content.decode()


@pytest.fixture
def pending(upload):
    return upload("email,name\nperson1@example.com,Zoë\nnobody@example.com,Kim\n", "vips.csv")


@pytest.fixture
def url(pending):
    return f"/segments/lists/upload/{pending.pk}/"


@pytest.fixture
def killed(pending):
    """Its worker took it up, and has not been heard of since."""
    ask(pending, chosen(pending))
    past = clock.now() - timedelta(seconds=1)
    PendingUpload.objects.update(state=Matching.RUNNING, lease_until=past, token=2)
    pending.refresh_from_db()
    return pending


# While it goes on -------------------------------------------------------------------------------------------------


def test_the_page_asks_again_until_it_is_matched_and_leads_on(client, url):
    where = client.post(url, CHOICE).url
    text = page(client.get(where))
    assert "Waiting for a worker." in text
    assert 'aria-live="polite"' in text
    again = re.search(r'hx-get="([^"]+)" hx-trigger="every 1s"', text)[1]
    text = page(client.get(again, headers=HTMX))
    assert "so far" in text
    assert "hx-swap-oob" not in text
    PendingUpload.objects.update(state=Matching.RUNNING, lease_until=clock.now() + timedelta(minutes=1))
    text = page(client.get(again, headers=HTMX))
    assert "hx-swap-oob" in text
    assert "The values are looked up among the customers." in text
    PendingUpload.objects.update(state=Matching.WAITING)
    work_off()
    assert client.get(again, headers=HTMX)["HX-Redirect"] == where
    assert "What was matched" in page(client.get(where))


def test_the_columns_lead_to_what_is_under_way(client, url):
    where = client.post(url, CHOICE).url
    assert client.get(url).url == where


def test_the_lists_lead_back_to_a_persons_own_uploads(client, client_of, operator, pending, url):
    assert f'href="{url}matched/">vips.csv</a>' in page(client.get("/segments/lists/"))
    client.post(url, CHOICE)
    assert "is being matched" in page(client.get("/segments/lists/"))
    work_off()
    assert "is matched" in page(client.get("/segments/lists/"))
    assert "vips.csv" not in page(client_of(operator).get("/segments/lists/"))


def test_where_no_worker_begins_it_says_whom_to_ask(client, operator, pending, url):
    ask(pending, chosen(pending))
    PendingUpload.objects.update(asked_at=clock.now() - LONG_WAIT * 2)
    text = page(client.get(f"{url}matched/"))
    assert "No worker has begun yet." in text
    assert "ask Otto to look whether the workers run" in text


def test_asked_twice_it_is_matched_once(pending):
    for _ in range(2):
        ask(pending, chosen(pending))
    pending.refresh_from_db()
    assert pending.token == 1
    work(str(pending.pk))
    pending.refresh_from_db()
    before = pending.matched
    work(str(pending.pk))
    pending.refresh_from_db()
    assert pending.matched == before


def test_what_fails_is_told_at_the_columns_with_the_choice_kept(
    client, pending, url, tmp_path, customer_database
):
    client.post(url, {"column": "1", "matched_by": "key"})
    customer_database.url = "files:/nowhere/at/all"
    customer_database.save()
    work_off()
    text = page(client.get(f"{url}matched/", follow=True))
    assert "The folder of the customer database is not there" in text
    assert '<option value="1" selected>Column 2</option>' in text


def test_an_error_that_nobody_expected_is_told_without_its_words(client, url, pending, caplog):
    client.post(url, CHOICE)
    PendingUpload.objects.update(wanted={"column": "person1@example.com", "matched_by": "x", "header": 1})
    work_off()
    pending.refresh_from_db()
    assert (pending.state, pending.error) == (Matching.FAILED, working.UNEXPECTED.format(name="ValueError"))
    assert "ValueError" in caplog.text
    assert "person1" not in caplog.text


# A worker that does not live --------------------------------------------------------------------------------------


def test_a_killed_worker_is_told_and_the_list_can_be_matched_again(client, killed, url):
    text = page(client.get(f"{url}matched/", follow=True))
    assert KILLED in text
    assert re.search(r'value="email"[^>]* checked', text)
    assert client.post(url, CHOICE).url == f"{url}matched/"
    work_off()
    assert "What was matched" in page(client.get(f"{url}matched/"))


def test_the_reconciler_writes_down_that_a_worker_was_killed(killed):
    reconcile()
    killed.refresh_from_db()
    assert (killed.state, killed.error, killed.token) == (Matching.FAILED, KILLED, 3)


def test_the_reconciler_wakes_a_worker_for_what_waits(pending, monkeypatch):
    """Redis may have lost the job."""
    woken = []
    monkeypatch.setattr(working, "enqueue", lambda door, pk, job_id: woken.append((door, pk, job_id)) or True)
    ask(pending, chosen(pending))
    assert reconcile() == 1
    assert woken == [(run_match, str(pending.pk), f"pendingupload-{pending.pk}-1")]


def test_a_worker_that_was_thought_dead_changes_nothing(killed):
    """It comes back after somebody had the list matched again."""
    ghost = PendingUpload.objects.get(pk=killed.pk)
    ask(killed, chosen(killed, (1, "key", True)))
    with pytest.raises(ListRefused):
        match_upload(ghost, chosen(ghost))
    work_off()
    killed.refresh_from_db()
    assert killed.matched["choice"]["column"] == 1
    names = [name for _, names in _all(storages["lists"], str(killed.pk)) for name in names]
    assert sorted(names) == ["keys.parquet", "unmatched.parquet"]


def _all(storage, folder):
    folders, _ = storage.listdir(folder)
    return [(one, storage.listdir(f"{folder}/{one}")[1]) for one in folders]


@pytest.mark.django_db(transaction=True)
def test_a_worker_renews_its_lease_while_it_works(pending, settings):
    settings.LEASE_SECONDS = 0.3
    ask(pending, chosen(pending))
    PendingUpload.objects.update(state=Matching.RUNNING, lease_until=clock.now())
    row = PendingUpload.objects.get(pk=pending.pk)
    renewed = threading.Event()
    with working.kept_alive(row):
        for _ in range(200):
            if PendingUpload.objects.get(pk=row.pk).lease_until > row.lease_until:
                renewed.set()
                break
            threading.Event().wait(0.05)
    assert renewed.is_set()


# Read in another way ----------------------------------------------------------------------------------------------


def test_the_preview_follows_the_separator_and_the_encoding(client, url):
    text = page(client.get(url))
    assert '<option value="comma" selected>Comma</option>' in text
    assert '<option value="utf-8" selected>UTF-8</option>' in text
    asked = {"encoding": "cp1252", "separator": "comma"} | CHOICE
    text = page(client.post(f"{url}read/", asked, headers=HTMX))
    assert "<html" not in text
    assert "ZoÃ«" in text
    assert "Windows-1252, columns separated by comma" in text
    text = page(client.post(f"{url}read/", asked | {"separator": "semicolon"}, headers=HTMX))
    assert "email,name</option>" in text


def test_without_scripts_the_columns_are_shown_again(client, url):
    assert client.post(f"{url}read/", {"encoding": "cp1252", "separator": "comma"}).url == url


def test_what_cannot_be_read_so_stays_as_it_was(client, upload):
    pending = upload("email;x\nperson1@example.com;1,2\nperson2@example.com;3\n")
    url = f"/segments/lists/upload/{pending.pk}/"
    text = page(client.post(f"{url}read/", {"encoding": "utf-8", "separator": "comma"}, headers=HTMX))
    assert "Row 2 has 2 columns, but the first row has 1." in text
    assert "It is still read as before." in text
    assert "person1@example.com</td>" in text
    text = page(client.post(f"{url}read/", {"encoding": "klingon", "separator": "?"}, headers=HTMX))
    assert "Choose one of these encodings." in text
    assert "Choose one of these separators." in text


def test_reading_anew_forgets_what_was_matched_and_leaves_no_file(pending):
    match_upload(pending, chosen(pending))
    old = [pending.lines_path, pending.matched["keys_path"]]
    read_again(pending, Wanted("cp1252", ","))
    assert not pending.matched
    assert not any(storages["lists"].exists(path) for path in old)
    assert match_upload(pending, chosen(pending)).matched == 1
    kept = [pending.file_path, pending.lines_path]
    assert all(storages["lists"].exists(path) for path in kept)
    remove([pending])
    assert not any(storages["lists"].exists(path) for path in kept)


def test_a_file_that_is_being_matched_is_not_read_anew(pending):
    ask(pending, chosen(pending))
    pending.refresh_from_db()
    with pytest.raises(ListRefused, match="in another tab"):
        read_again(pending, Wanted("cp1252", ","))
    pending.refresh_from_db()
    assert (pending.reading, pending.found["encoding"]) == (0, "UTF-8")


def test_what_was_matched_as_it_was_read_before_is_not_kept(pending):
    ghost = PendingUpload.objects.get(pk=pending.pk)
    read_again(pending, Wanted("", ";"))
    with pytest.raises(ListRefused):
        match_upload(ghost, chosen(ghost))
    pending.refresh_from_db()
    assert not pending.matched
