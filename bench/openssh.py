"""OpenSSH on loopback: the server that takes the files, and the client that the floor is sent with."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 10


@dataclass(frozen=True)
class Server:
    port: int
    user: str
    key: Path  # the private key that logs in
    fingerprint: str
    uploads: Path

    def sftp(self) -> list[str]:
        """OpenSSH's client; it reads what to do from the file whose name follows."""
        options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR")
        logged_in = [f"-i{self.key}", f"-P{self.port}", *(f"-o{option}" for option in options)]
        return [_program("sftp"), "-q", *logged_in, "-b"]

    def address(self) -> str:
        return f"{self.user}@127.0.0.1"


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """sshd with a key login for whoever runs this, until the block ends."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "uploads").mkdir(parents=True)
    for name in ("host_key", "key"):
        subprocess.run([_program("ssh-keygen"), "-qt", "ed25519", "-N", "", "-f", folder / name], check=True)
    shutil.copy(folder / "key.pub", folder / "authorized_keys")
    port = _free_port()
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\nPidFile none\nUsePAM no\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nPasswordAuthentication no\n"
        "PermitRootLogin yes\nSubsystem sftp internal-sftp\nLogLevel QUIET\n"
    )
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where sshd locks itself in
    sshd = subprocess.Popen([_program("sshd"), "-D", "-e", "-f", str(folder / "sshd_config")])
    try:
        _wait_for(port, sshd)
        listed = [_program("ssh-keygen"), "-lf", str(folder / "host_key.pub")]
        shown = subprocess.run(listed, capture_output=True, text=True, check=True).stdout
        yield Server(port, getpass.getuser(), folder / "key", shown.split()[1], folder / "uploads")
    finally:
        sshd.terminate()
        sshd.wait(START_SECONDS)


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    return found or sys.exit(f"The bench needs OpenSSH's {name}. Install openssh-server and openssh-client.")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(port: int, sshd: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if sshd.poll() is not None or time.monotonic() > deadline:
                sys.exit("OpenSSH's sshd did not start.")
            time.sleep(0.02)
