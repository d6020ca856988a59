"""The stand-in for an Attentive account: what it takes, and what its page makes of it."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from config import clock
from destinations.kind import Confirmed, NameTaken, Parcel
from destinations.kinds import KINDS
from destinations.sandbox import account
from destinations.sandbox.segments import segments, taken_files
from tests.browser.house import free_ports

SETTINGS = {"client_domain": "acme", "remote_folder": "/uploads", "identifier": "email"}


@pytest.fixture
def running(settings, tmp_path):
    from destinations.sandbox.server import running

    settings.DATA_DIR = tmp_path
    first = free_ports(3)
    settings.SANDBOX_HTTP_PORT, settings.SANDBOX_SFTP_PORT = first + 1, first + 2
    with running():
        yield


def parcel(tmp_path: Path, text: str, name: str, **more) -> Parcel:
    path = tmp_path / "list.csv"
    path.write_text(text)
    fields = {
        "settings": SETTINGS,
        "credential": account.sftp_credential(),
        "size": path.stat().st_size,
        "rows": text.count("\n"),
        "sha256": "",
        "token": 1,
        "first_attempt": True,
        "deadline": clock.now() + timedelta(seconds=30),
    }
    return Parcel(path=path, name=name, **{**fields, **more})


def upload(name: str, text: str) -> None:
    account.uploads().mkdir(parents=True, exist_ok=True)
    (account.uploads() / name).write_text(text)


def test_its_login_is_kept_for_the_owner_alone(running):
    for name in ("passphrase", "host_key", "bearer_token"):
        kept = account.folder() / name
        if kept.exists():
            assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert account.passphrase() == account.passphrase()


def test_it_takes_a_file_over_sftp_and_never_overwrites_one(running, tmp_path):
    kind = KINDS["attentive_segments"]
    assert kind.check(SETTINGS, account.sftp_credential()).ok
    found = parcel(tmp_path, "jo@example.com,A\n", "acme_subscriber_segment_20261124_1.csv")
    assert isinstance(kind.send(found), Confirmed)
    with pytest.raises(NameTaken):
        kind.send(found)


def test_it_refuses_another_passphrase(running):
    wrong = {**account.sftp_credential(), "passphrase": "another"}
    assert "refused this user name" in KINDS["attentive_segments"].check(SETTINGS, wrong).message


def test_it_takes_an_https_upload_with_its_token_alone(running, tmp_path):
    kind = KINDS["https_upload"]
    own = {"url": account.http_url(), "method": "PUT", "identifier": "email"}
    right, wrong = {"bearer_token": account.bearer_token()}, {"bearer_token": "another"}
    assert kind.check(own, right).ok
    assert "refused the credential" in kind.check(own, wrong).message
    found = parcel(tmp_path, "email,segment_name\njo@example.com,A B\n", "A B_1.csv", settings=own)
    assert isinstance(kind.send(Parcel(**{**vars(found), "credential": right})), Confirmed)
    assert (account.http_uploads() / "A B_1.csv").read_bytes() == found.path.read_bytes()


def test_a_list_replaces_the_one_of_its_name(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    upload("acme_subscriber_segment_20261123_1.csv", "a@example.com,Spring\nb@example.com,Spring\n")
    upload("acme_subscriber_segment_20261124_1.csv", "c@example.com,Spring\nc@example.com,Other\n")
    import os

    os.utime(account.uploads() / "acme_subscriber_segment_20261123_1.csv", (1, 1))
    found = {one.name: (one.people, one.identifier) for one in segments(taken_files())}
    assert found == {"Spring": (1, "email"), "Other": (1, "email")}


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("list.csv", "a@example.com,A\n", "The name is not"),
        (
            "acme_subscriber_segment_20261124_1.csv",
            "email,segment\na@example.com,A\n",
            "never both, and no header",
        ),
        ("acme_subscriber_segment_20261124_1.csv", "a@example.com,A\n+12025550100,A\n", "never both"),
        ("acme_subscriber_segment_20261124_1.csv", "a@example.com\n", "no CSV of two columns"),
        ("acme_subscriber_segment_20261124_1.csv", "", "empty"),
    ],
)
def test_what_attentive_would_not_take_is_refused_with_the_reason(settings, tmp_path, name, text, problem):
    settings.DATA_DIR = tmp_path
    upload(name, text)
    assert problem in taken_files()[0].problem


def test_a_file_over_half_a_million_rows_is_refused(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    upload("acme_subscriber_segment_20261124_1.csv", "a@example.com,A\n" * 500_001)
    assert "500,001 rows" in taken_files()[0].problem


def test_its_page_masks_people_for_who_may_not_see_them(settings, tmp_path, viewer, client_of):
    settings.DATA_DIR = tmp_path
    upload("acme_subscriber_segment_20261124_1.csv", "jordan@example.com,Spring<b>\n")
    page = client_of(viewer).get(reverse("sandbox_segments")).content.decode()
    assert "jordan@example.com" in page
    assert "Spring&lt;b&gt;" in page
    viewer.sees_personal_data = False
    viewer.save()
    page = client_of(viewer).get(reverse("sandbox_segments")).content.decode()
    assert "jordan@example.com" not in page
    assert "j···@example.com" in page
    assert "a stand-in, not Attentive" in page


def test_without_the_sandbox_there_is_no_page(settings, viewer, client_of, capsys):
    settings.SANDBOX = False
    assert client_of(viewer).get(reverse("sandbox_segments")).status_code == 404
    with pytest.raises(SystemExit):
        call_command("sandbox")
    assert "The sandbox is off" in capsys.readouterr().err
