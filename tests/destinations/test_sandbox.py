"""The stand-in for an Attentive account: what it takes, and what its page makes of it."""

from __future__ import annotations

import socket
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.urls import reverse

from config import clock
from destinations.kind import Confirmed, DeliveryError, NameTaken, Parcel
from destinations.kinds import KINDS
from destinations.sandbox import account
from destinations.sandbox.segments import http_files, segments, taken_files
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


def raw(request: bytes) -> bytes:
    """What the sandbox answers to bytes that no library would send."""
    with socket.create_connection((account.HOST, django_settings.SANDBOX_HTTP_PORT), 5) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        answer = b""
        while block := line.recv(65536):
            answer += block
    return answer


def put(path: str, *more: str, body: bytes = b"") -> bytes:
    head = [f"PUT {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {account.bearer_token()}", *more]
    return "\r\n".join((*head, "", "")).encode() + body


@pytest.mark.parametrize(
    ("path", "more", "status"),
    [
        ("/lists/a.csv", ["Content-Length: 2"], b"201"),
        ("/lists/..%2f..%2fhost_key.csv", ["Content-Length: 2"], b"404"),
        ("/lists/%2e%2e/passphrase", ["Content-Length: 2"], b"404"),
        ("/lists/.hidden.csv", ["Content-Length: 2"], b"404"),
        ("/lists/a%00.csv", ["Content-Length: 2"], b"404"),
        ("/lists/a.exe", ["Content-Length: 2"], b"404"),
        (f"/lists/{'x' * 300}.csv", ["Content-Length: 2"], b"404"),
        ("/lists/deep/a.csv", ["Content-Length: 2"], b"404"),
        ("/lists/a.csv", [], b"411"),
        ("/lists/a.csv", ["Content-Length: -2"], b"411"),
        ("/lists/a.csv", ["Transfer-Encoding: chunked"], b"411"),
        ("/lists/a.csv", ["Content-Length: 99999999999999"], b"413"),
        ("/lists/a.csv", [f"X-Huge: {'x' * 70_000}"], b"431"),
        ("/lists/a.csv", [f"X-Many-{number}: 1" for number in range(200)], b"431"),
    ],
)
def test_what_is_no_list_it_does_not_store(running, path, more, status):
    answer = raw(put(path, *more, body=b"ab"))
    assert answer.split()[1] == status
    stored = [item.name for item in account.http_uploads().iterdir()]
    assert stored == (["a.csv"] if status == b"201" else [])
    assert sorted(item.name for item in account.folder().iterdir()) == [
        "bearer_token",
        "files",
        "host_key",
        "http",
        "passphrase",
    ]


def test_an_upload_that_is_cut_short_leaves_nothing_and_gets_no_answer(running):
    assert raw(put("/lists/a.csv", "Content-Length: 100", body=b"half")) == b""
    assert list(account.http_uploads().iterdir()) == []


def test_who_may_not_enter_hears_so_even_with_a_large_list(running, tmp_path):
    own = {"url": account.http_url(), "method": "PUT", "identifier": "email"}
    found = parcel(tmp_path, "x" * 20_000_000, "a.csv", settings=own, credential={"bearer_token": "another"})
    with pytest.raises(DeliveryError, match="refused the credential"):
        KINDS["https_upload"].send(found)


def test_its_folder_is_its_owners_alone(running):
    assert stat.S_IMODE(account.folder().stat().st_mode) == 0o700


def test_its_host_key_stays(running):
    result = KINDS["attentive_segments"].check(SETTINGS, account.sftp_credential())
    assert result.host_key == account.fingerprint()


def test_a_list_replaces_the_one_of_its_name(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    upload("acme_subscriber_segment_20261123_1.csv", "a@example.com,Spring\nb@example.com,Spring\n")
    upload("acme_subscriber_segment_20261124_1.csv", "c@example.com,Spring\nc@example.com,Other\n")
    import os

    os.utime(account.uploads() / "acme_subscriber_segment_20261123_1.csv", (1, 1))
    found = {one.name: (one.people, one.identifier) for one in segments(taken_files())}
    assert found == {"Spring": (1, "email"), "Other": (1, "email")}


RIGHT = "acme_subscriber_segment_20261124_1.csv"


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("list.csv", "a@example.com,A\n", "The name is not"),
        ("acme_subscriber_segment_20261399_1.csv", "a@example.com,A\n", "The name is not"),
        (RIGHT, "email,segment\na@example.com,A\n", "Row 1 is a header"),
        (RIGHT, "a@example.com,A\n+12025550100,A\n", "1 emails and 1 phones"),
        (RIGHT, "a@example.com,A\n2025550100,A\n", "neither an email nor a phone such as +12025550142: 1."),
        (RIGHT, "a@example.com,A\nb@example.com,\n", "lacks its identifier or its segment name"),
        (RIGHT, "a@example.com\n", "no CSV of two columns"),
        (RIGHT, "a@example.com,A,x\n", "no CSV of two columns"),
        (RIGHT, "\ufeffa@example.com,A\n", "byte order mark"),
        (RIGHT, "", "empty"),
    ],
)
def test_what_attentive_would_not_take_is_refused_with_the_reason(settings, tmp_path, name, text, problem):
    settings.DATA_DIR = tmp_path
    upload(name, text)
    (file,) = taken_files()
    assert problem in file.problem
    assert file.segments == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("email,segment_name\na@example.com,A\n", ""),
        ("phone,segment_name\n+12025550100,A\n", ""),
        ("a@example.com,A\n", "first line"),
        ("phone,segment_name\na@example.com,A\n", "emails under another header"),
        ("email,segment_name\n", "empty"),
    ],
)
def test_an_https_upload_has_a_header(settings, tmp_path, text, problem):
    settings.DATA_DIR = tmp_path
    account.make_folders()
    (account.http_uploads() / "A_20261124_1.csv").write_text(text)
    (file,) = http_files()
    assert problem in file.problem
    assert bool(file.problem) is bool(problem)
    assert file.rows == (0 if problem else 1)


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


def test_operators_are_told_how_to_reach_it_but_no_secret(settings, tmp_path, operator, viewer, client_of):
    settings.DATA_DIR = tmp_path
    page = client_of(operator).get(reverse("sandbox_segments")).content.decode()
    assert account.fingerprint() in page
    assert account.http_url() in page
    assert account.passphrase() not in page
    assert account.bearer_token() not in page
    assert account.fingerprint() not in client_of(viewer).get(reverse("sandbox_segments")).content.decode()


def test_without_the_sandbox_there_is_no_page(settings, viewer, client_of, capsys):
    settings.SANDBOX = False
    assert client_of(viewer).get(reverse("sandbox_segments")).status_code == 404
    with pytest.raises(SystemExit):
        call_command("sandbox")
    assert "The sandbox is off" in capsys.readouterr().err
