"""HTTPS upload against a real server that answers as it is told."""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from config import clock
from destinations.kind import (
    Confirmed,
    DeliveryError,
    DeliveryUnknown,
    FileSpec,
    Group,
    Parcel,
    Section,
    Unknown,
)
from destinations.kinds import KINDS
from destinations.kinds.https_upload.forms import CredentialForm, SettingsForm

KIND = KINDS["https_upload"]
TEXT = b"email,segment_name\njo@example.com,A\n"


class Far(ThreadingHTTPServer):
    """`answer`: the status; None closes the connection without one."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: int | None = 201
        self.more: dict[str, str] = {}
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/in"


class _Handler(BaseHTTPRequestHandler):
    server: Far

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {key.title(): value for key, value in self.headers.items()}
        self.server.seen.append((self.command, self.path, headers, body))
        if self.server.answer is None:
            self.close_connection = True
            return
        self.send_response(self.server.answer)
        for name, value in self.server.more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_HEAD = do_PUT

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def far():
    server = Far()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def send(far: Far, tmp_path: Path, credential=None, url="", **more):
    path = tmp_path / "list.csv"
    path.write_bytes(TEXT)
    parcel = Parcel(
        path=path,
        name="Spring Sale_20261124_1.csv",
        size=len(TEXT),
        rows=1,
        sha256=hashlib.sha256(TEXT).hexdigest(),
        token=1,
        first_attempt=True,
        deadline=clock.now() + timedelta(seconds=20),
        settings={"url": url or far.url, "method": "PUT", "identifier": "email", **more},
        credential=credential or {"bearer_token": "secret"},
    )
    return KIND.send(parcel)


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_list_arrives_whole_under_its_name(far, tmp_path, method):
    assert send(far, tmp_path, method=method) == Confirmed("answered 201")
    ((used, path, headers, body),) = far.seen
    assert (used, path, body) == (method, "/in/Spring%20Sale_20261124_1.csv", TEXT)
    assert headers["Authorization"] == "Bearer secret"


def test_a_signature_is_verified_as_the_readme_says(far, tmp_path):
    send(far, tmp_path, {"hmac_key": "a key"})
    readme = (Path(KIND.__module__.replace(".", "/")).parent / "README.md").read_text()
    code = re.search(r"((?:    .*\n|\n)*    def is_ours(?:.*\n)(?:    .*\n|\n)*)", readme)
    assert code is not None
    import textwrap

    names: dict = {"hashlib": hashlib, "hmac": hmac}
    exec(textwrap.dedent(code[1]), names)
    ((method, path, headers, body),) = far.seen
    headers = {re.sub("Sha256", "SHA256", name): value for name, value in headers.items()}
    assert names["is_ours"]("a key", method, path, headers, body)
    assert not names["is_ours"]("another", method, path, headers, body)


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (401, True), (404, True), (413, True), (302, True), (429, False), (503, False)],
)
def test_a_refusal_is_told_and_passing_ones_are_tried_again(far, tmp_path, status, permanent):
    far.answer, far.more = status, {"Retry-After": "7", "Location": "http://127.0.0.1:1/"}
    with pytest.raises(DeliveryError, match=str(status)) as refused:
        send(far, tmp_path)
    assert not isinstance(refused.value, DeliveryUnknown)
    assert (refused.value.permanent, refused.value.retry_after) == (permanent, 7.0)
    assert len(far.seen) == 1


def test_without_an_answer_to_the_whole_file_nobody_knows(far, tmp_path):
    far.answer = None
    with pytest.raises(DeliveryUnknown):
        send(far, tmp_path)


def test_a_gateway_that_gives_up_leaves_it_unknown(far, tmp_path):
    far.answer = 504
    with pytest.raises(DeliveryUnknown):
        send(far, tmp_path)


def test_where_nobody_listens_nothing_arrived(far, tmp_path):
    with pytest.raises(DeliveryError, match="refused the connection") as refused:
        send(far, tmp_path, url="http://127.0.0.1:9/in")
    assert not refused.value.permanent


def test_a_host_that_the_setting_does_not_name_is_never_connected_to(far, tmp_path):
    with pytest.raises(DeliveryError, match="ALLOWED_DESTINATION_HOSTS") as refused:
        send(far, tmp_path, url="https://lists.example.com/in")
    assert refused.value.permanent


def test_it_cannot_be_looked_up(far, tmp_path):
    assert isinstance(KIND.look_up(None), Unknown)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "message"),
    [(204, ""), (405, ""), (401, "refused the credential"), (404, "answered 404"), (500, "answered 500")],
)
def test_a_check_sends_nothing(far, status, message):
    far.answer = status
    result = KIND.check({"url": far.url}, {"bearer_token": "secret"})
    assert message in result.message
    assert result.ok is (not message)
    assert [(method, body) for method, _, _, body in far.seen] == [("HEAD", b"")]


def test_each_group_has_a_file_of_its_own_with_a_header():
    groups = [Group(1, "A", 5), Group(2, "B", 0), Group(3, "C", 2)]
    specs = KIND.plan({"identifier": "phone"}, groups)
    assert specs == [
        FileSpec((Section(1, "A"),), ("phone", "segment_name")),
        FileSpec((Section(3, "C"),), ("phone", "segment_name")),
    ]
    assert KIND.file_name({}, specs[0], date(2026, 11, 24), 3) == "A_20261124_3.csv"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("lists.example.com/in", "begins with https://"),
        ("http://lists.example.com/in", "Use https://"),
        ("https://user:secret@lists.example.com/in", "Leave user name and password out"),
        ("https://lists.example.com/in?x=1", "Leave ? and # out"),
        ("https://[", "no URL"),
    ],
)
def test_a_url_that_cannot_serve_is_refused(url, problem):
    form = SettingsForm({"url": url, "method": "PUT", "identifier": "email"})
    assert problem in form.errors["url"][0]


def test_a_credential_is_a_token_or_a_key():
    assert CredentialForm({"bearer_token": "x"}).is_valid()
    assert "not both" in str(CredentialForm({"bearer_token": "x", "hmac_key": "y"}).errors)
    assert "Enter a bearer token or an HMAC key" in str(CredentialForm({}).errors)
