"""What a process keeps for a while: apart from what others keep, and gone once it is dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from campaigns.launches.reconcile import reconcile
from config.artefacts import fetch, keep
from config.own_duckdb import open_duckdb
from config.scratch import remove_leftovers, scratch_folder

KEEPS_A_LIST = """
import django, time
django.setup()
from config.scratch import scratch_folder
(scratch_folder() / "list.csv").write_text("ada@example.com")
print(scratch_folder(), flush=True)
time.sleep(600)
"""


@pytest.fixture
def other(settings):
    """A process that keeps a file, and the folder in which it does."""
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "MUSTER_DATA": str(settings.DATA_DIR)}
    process = subprocess.Popen(
        [sys.executable, "-c", KEEPS_A_LIST], env=env, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process, Path(process.stdout.readline().strip())
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.django_db
def test_what_a_killed_process_kept_is_removed_and_what_others_keep_is_not(other):
    process, folder = other
    own = scratch_folder() / "own.csv"
    own.write_text("ben@example.com")
    remove_leftovers()
    assert (folder / "list.csv").read_text() == "ada@example.com"
    process.send_signal(signal.SIGKILL)
    process.wait()
    reconcile()
    assert not folder.exists()
    assert own.read_text() == "ben@example.com"
    assert not list(folder.parent.glob(f"{folder.name}*"))


def test_a_copy_of_what_lies_in_a_bucket_is_kept_there(settings, tmp_path, monkeypatch):
    bucket = {"BACKEND": "tests.segments.uploaded.bucket.Bucket"}
    settings.STORAGES = {**settings.STORAGES, "lists": bucket}
    (tmp_path / "keys.csv").write_text("C1")
    keep("lists", tmp_path / "keys.csv", "1/keys.csv")
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    with fetch("lists", "1/keys.csv") as copy:
        assert (copy.parent, copy.read_text()) == (scratch_folder(), "C1")
    assert not copy.exists()


def test_two_that_spill_at_once_do_not_take_each_others_files(settings):
    settings.DUCKDB_MEMORY_LIMIT = "60MB"
    failed = []

    def sort() -> None:
        with open_duckdb(threads=1) as connection:
            rows = "SELECT count(DISTINCT md5(range::VARCHAR)) FROM range(1500000)"
            try:
                assert connection.sql(rows).fetchall() == [(1_500_000,)]
            except Exception as error:  # noqa: BLE001 — told by the test, not by the thread
                failed.append(error)

    threads = [threading.Thread(target=sort) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert not list(scratch_folder().glob("duckdb-*")), "what was spilled is gone with the connection"
