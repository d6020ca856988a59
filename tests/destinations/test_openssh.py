"""The same kind against Debian's OpenSSH: password and key login, a pinned host key, no overwriting."""

from __future__ import annotations

import getpass
import hashlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncssh
import pytest

from config import clock
from destinations.kind import Absent, Confirmed, DeliveryError, HostKeyChanged, NameTaken, Parcel
from destinations.kinds import KINDS
from tests.base import missing, program
from tests.browser.house import free_ports

KIND = KINDS["attentive_segments"]
PASSPHRASE = "an invented passphrase"


@dataclass(frozen=True)
class Sshd:
    port: int
    folder: Path
    fingerprint: str
    private_key: str
    user: str

    def credential(self, **more: object) -> dict[str, object]:
        fields = {"hostname": "127.0.0.1", "port": self.port, "username": self.user}
        return {**fields, "private_key": self.private_key, **more}

    @property
    def settings(self) -> dict[str, str]:
        return {"client_domain": "acme", "remote_folder": str(self.folder), "identifier": "email"}


@contextmanager
def server(folder: Path, *, user: str, wrapper: str = "") -> Iterator[Sshd]:
    sshd = program("sshd", "/usr/sbin/sshd")
    folder.chmod(0o755)
    host, own = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    host.write_private_key(folder / "host_key")
    (folder / "host_key").chmod(0o600)
    own.write_public_key(folder / "authorized_keys")
    port = free_ports(1)
    config = folder / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\nPidFile none\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n"
        "PasswordAuthentication yes\nSubsystem sftp internal-sftp\nLogLevel ERROR\n"
    )
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where sshd locks itself in
    (folder / "uploads").mkdir()
    shutil.chown(folder / "uploads", user)
    command = [*wrapper.split(), sshd, "-D", "-e", "-f", str(config)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stderr=log)
    try:
        _wait(port, process, folder / "log")
        key = own.export_private_key().decode()
        yield Sshd(port, folder / "uploads", host.get_fingerprint(), key, user)
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)


@pytest.fixture(scope="module")
def sshd(tmp_path_factory):
    with server(tmp_path_factory.mktemp("sshd"), user=getpass.getuser()) as found:
        yield found


@pytest.fixture
def parcel(sshd, tmp_path):
    def make(data: bytes = b"jo@example.com,A\n", **more) -> Parcel:
        path = tmp_path / "list.csv"
        path.write_bytes(data)
        fields = {
            "name": f"acme_{tmp_path.name}.csv",
            "size": len(data),
            "rows": data.count(b"\n"),
            "sha256": hashlib.sha256(data).hexdigest(),
            "token": 1,
            "first_attempt": True,
            "deadline": clock.now() + timedelta(seconds=60),
            "settings": sshd.settings,
            "credential": sshd.credential(),
            "host_key": sshd.fingerprint,
        }
        return Parcel(path=path, **{**fields, **more})

    return make


def test_the_check_passes_with_a_key(sshd):
    result = KIND.check(sshd.settings, sshd.credential())
    assert result.ok, result.message
    assert result.host_key == sshd.fingerprint
    assert not [path for path in sshd.folder.iterdir() if "probe" in path.name]


def test_a_large_list_arrives_whole(sshd, parcel):
    data = b"somebody@example.com,A\n" * 900_000
    told: list[int] = []
    found = parcel(data, progress=told.append)
    assert KIND.send(found) == Confirmed("same size there")
    arrived = (sshd.folder / found.name).read_bytes()
    assert hashlib.sha256(arrived).hexdigest() == found.sha256
    assert told[-1] == len(data)


def test_it_never_overwrites(sshd, parcel):
    found = parcel()
    (sshd.folder / found.name).write_text("theirs")
    with pytest.raises(NameTaken):
        KIND.send(found)
    assert (sshd.folder / found.name).read_text() == "theirs"


def test_the_rename_itself_refuses_a_name_that_came_up_meanwhile(sshd, parcel):
    def meanwhile() -> None:
        (sshd.folder / found.name).write_text("theirs")

    found = parcel(last_look=meanwhile)
    with pytest.raises(NameTaken):
        KIND.send(found)
    assert (sshd.folder / found.name).read_text() == "theirs"
    assert not list(sshd.folder.glob(f".{found.name}*"))


def test_a_part_left_behind_is_found_absent_and_cleared(sshd, parcel):
    found = parcel(token=2, first_attempt=False)
    left = sshd.folder / f".{found.name}.1.part"
    left.write_text("half")
    assert KIND.look_up(found) == Absent()
    assert isinstance(KIND.send(found), Confirmed)
    assert not left.exists()
    assert KIND.look_up(found) == Confirmed("same size there")


def test_another_host_key_than_the_pinned_one_stops_everything(sshd, parcel):
    with pytest.raises(HostKeyChanged) as changed:
        KIND.send(parcel(host_key="SHA256:another"))
    assert changed.value.seen == sshd.fingerprint
    assert changed.value.permanent


def test_a_key_it_does_not_know_is_refused(sshd, parcel):
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    with pytest.raises(DeliveryError, match="refused this user name") as refused:
        KIND.send(parcel(credential=sshd.credential(private_key=stranger)))
    assert refused.value.permanent


def test_a_missing_folder_is_told(sshd):
    result = KIND.check({**sshd.settings, "remote_folder": "/no/such/folder"}, sshd.credential())
    assert (result.field, result.ok) == ("remote_folder", False)
    assert "There is no folder /no/such/folder" in result.message


def test_a_password_opens_it_and_a_folder_that_may_not_be_written_is_told():
    """Its users are in files of its own, laid over this machine's for the server alone."""
    if os.getuid() != 0:
        missing("a password login needs root, for a server with users of its own")
    with TemporaryDirectory() as name:
        check_password_login(Path(name))


def check_password_login(folder: Path) -> None:
    unshare, openssl = program("unshare"), program("openssl")
    hashed = subprocess.run(
        [openssl, "passwd", "-6", PASSPHRASE], capture_output=True, text=True, check=True
    ).stdout.strip()
    (folder / "passwd").write_text(
        Path("/etc/passwd").read_text() + f"acme:x:45678:45678::{folder}:/bin/sh\n"
    )
    (folder / "shadow").write_text(f"root:*:1::::::\nsshd:*:1::::::\nacme:{hashed}:19000:0:99999:7:::\n")
    script = folder / "with_own_users"
    script.write_text(
        f"#!/bin/sh -e\nmount --bind {folder}/passwd /etc/passwd\nmount --bind {folder}/shadow /etc/shadow\n"
        'exec "$@"\n'
    )
    script.chmod(0o755)
    with server(folder, user="root", wrapper=f"{unshare} --mount {script}") as found:
        right = found.credential(username="acme", private_key="", passphrase=PASSPHRASE)
        assert "may not write into" in KIND.check(found.settings, right).message
        os.chown(found.folder, 45678, 45678)
        result = KIND.check(found.settings, right)
        assert result.ok, result.message
        wrong = KIND.check(found.settings, {**right, "passphrase": "another"})
        assert "refused this user name" in wrong.message
