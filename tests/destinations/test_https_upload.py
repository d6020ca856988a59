"""HTTPS upload against a real server that answers as it is told."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

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
from destinations.transport import http
from tests.fakes import HttpFarSide

KIND = KINDS["https_upload"]
TEXT = b"email,segment_name\njo@example.com,A\n"


@pytest.fixture
def far():
    with HttpFarSide() as server:
        yield server


def parcel(far: HttpFarSide, tmp_path: Path, credential=None, url="", text=TEXT, **more) -> Parcel:
    path = tmp_path / "list.csv"
    path.write_bytes(text)
    return Parcel(
        path=path,
        name="Spring Sale_20261124_1.csv",
        size=len(text),
        rows=1,
        sha256=hashlib.sha256(text).hexdigest(),
        token=1,
        first_attempt=True,
        deadline=clock.now() + timedelta(seconds=20),
        settings={"url": url or far.url, "method": "PUT", "identifier": "email", **more},
        credential=credential or {"bearer_token": "secret"},
    )


def send(*args, **more):
    return KIND.send(parcel(*args, **more))


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
    far.answer, far.headers = status, {"Retry-After": "7", "Location": "http://127.0.0.1:1/"}
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
        FileSpec((Section(1, "A", 5),), ("phone", "segment_name")),
        FileSpec((Section(3, "C", 2),), ("phone", "segment_name")),
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


@pytest.mark.parametrize(
    "url", ["https://lists.example.com/a b", "https://lists.example.com/é", "https://a\\b.example.com/"]
)
def test_a_url_is_written_as_it_is_sent(url):
    assert "as it is sent" in http.url_problem(url)


def test_two_spellings_of_a_url_are_one_account():
    keys = {
        KIND.account_key({"url": url}, {})
        for url in ("https://Lists.example.com/%c3/in", "https://lists.example.com/%C3/in")
    }
    assert len(keys) == 1


def test_the_signed_path_is_the_one_that_is_sent(far, tmp_path):
    send(far, tmp_path, {"hmac_key": "a key"}, url=f"{far.url}/x/../%c3")
    ((method, path, headers, _),) = far.seen
    assert path == "/in/%C3/Spring%20Sale_20261124_1.csv"
    text = "\n".join((method, path, headers["X-Muster-Date"], hashlib.sha256(TEXT).hexdigest()))
    right = hmac.new(b"a key", text.encode(), hashlib.sha256).hexdigest()
    assert headers["X-Muster-Signature"] == f"sha256={right}"


def test_a_name_that_no_file_system_takes_is_refused():
    assert KIND.name_problem("x" * 230) == ""
    assert "230 bytes at most" in KIND.name_problem("é" * 120)


# A far side that does not play along -----------------------------------------------------------------------


def test_a_wait_until_a_time_is_honoured(far, tmp_path):
    far.answer = 503
    far.headers = {"Retry-After": format_datetime(clock.now() + timedelta(seconds=90), usegmt=True)}
    with pytest.raises(DeliveryError) as refused:
        send(far, tmp_path)
    assert 80 < refused.value.retry_after <= 90


@pytest.mark.parametrize("wait", ["soon", "-5", "٣", "Tue, 99 Feb 2027 00:00:00 GMT", ""])
def test_a_wait_that_is_none_is_passed_over(far, tmp_path, wait):
    far.answer, far.headers = 503, {"Retry-After": wait.encode().decode("latin-1")}
    with pytest.raises(DeliveryError) as refused:
        send(far, tmp_path)
    assert refused.value.retry_after is None


def test_a_redirect_is_told_and_not_followed(far, tmp_path):
    far.answer, far.headers = 307, {"Location": f"{far.url}/elsewhere"}
    with pytest.raises(DeliveryError, match="to another address") as refused:
        send(far, tmp_path)
    assert refused.value.permanent
    assert len(far.seen) == 1


def test_a_yes_to_half_a_file_is_no_confirmation(far, tmp_path):
    far.is_early = True
    with pytest.raises(DeliveryError) as refused:
        send(far, tmp_path, text=b"x" * 50_000_000)
    assert not isinstance(refused.value, DeliveryUnknown)


def test_a_server_that_never_answers_leaves_it_unknown(far, tmp_path, settings):
    settings.STALL_SECONDS = 0.3
    far.is_silent = True
    with pytest.raises(DeliveryUnknown):
        send(far, tmp_path)


@pytest.mark.parametrize("fault", ["drips", "is_silent"])
def test_no_server_holds_a_sending_beyond_its_deadline(far, tmp_path, fault):
    setattr(far, fault, True)
    found = parcel(far, tmp_path)
    with pytest.raises(DeliveryUnknown):
        KIND.send(replace(found, deadline=clock.now() + timedelta(seconds=0.5)))


def test_a_deadline_that_has_passed_connects_to_nobody(far, tmp_path):
    with pytest.raises(DeliveryError, match="longer than it may"):
        KIND.send(replace(parcel(far, tmp_path), deadline=clock.now()))
    assert far.seen == []


def test_the_last_look_comes_before_the_last_byte(far, tmp_path):
    """What was stopped by it the far side cannot take for whole."""

    def superseded() -> None:
        raise DeliveryError("A newer launch has begun to send this list.", permanent=True)

    with pytest.raises(DeliveryError, match="newer launch"):
        KIND.send(replace(parcel(far, tmp_path), last_look=superseded))
    assert all(len(body) < len(TEXT) for *_, body in far.seen)


def test_nobody_is_asked_whether_to_stop_once_all_is_sent(far, tmp_path):
    told: list[int] = []
    size = 3 * http.BLOCK
    KIND.send(replace(parcel(far, tmp_path, text=b"x" * size), progress=told.append))
    assert told == [http.BLOCK, 2 * http.BLOCK]


def test_no_proxy_and_no_netrc_of_this_machine_is_used(far, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    send(far, tmp_path)
    assert far.seen[0][2]["Authorization"] == "Bearer secret"


def test_plain_http_leaves_this_machine_never(far, tmp_path, settings):
    settings.ALLOWED_DESTINATION_HOSTS = ["lists.example.com"]
    with pytest.raises(DeliveryError, match="Use https://") as refused:
        send(far, tmp_path, url="http://lists.example.com/in")
    assert refused.value.permanent


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path):
    with HttpFarSide() as far:
        far.speak_tls(*certificate(tmp_path))
        with pytest.raises(DeliveryError, match="is not trusted") as refused:
            send(far, tmp_path)
        assert refused.value.permanent
        assert far.seen == []
        assert "not trusted" in KIND.check({"url": far.url}, {"bearer_token": "secret"}).message


def test_with_a_trusted_certificate_a_list_arrives(tmp_path, monkeypatch):
    with HttpFarSide() as far:
        file, key = certificate(tmp_path)
        far.speak_tls(file, key)
        monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(file))
        assert send(far, tmp_path) == Confirmed("answered 201")
        assert far.seen[0][3] == TEXT


def test_a_server_without_tls_is_told(far, tmp_path):
    url = far.url.replace("http://", "https://")
    with pytest.raises(DeliveryError, match="No secure connection"):
        send(far, tmp_path, url=url)


def certificate(folder: Path) -> tuple[Path, Path]:
    """For 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    own = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(own, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files
