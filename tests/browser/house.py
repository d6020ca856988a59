"""The whole of Muster, started as `make run` starts it, in a folder of its own."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 120
# So that a test need not wait for what takes its time in earnest.
SHORT = {"RECONCILE_SECONDS": "1", "RETRY_FIRST_SECONDS": "1", "CONNECT_SECONDS": "5"}


@dataclass(frozen=True)
class House:
    url: str
    folder: Path  # MUSTER_DATA
    port: int

    @property
    def logins(self) -> dict[str, str]:
        """{user name: password} as the first start wrote them."""
        words = (self.folder / "logins.txt").read_text().split()
        return dict(zip(words[::2], words[1::2], strict=True))

    def manage(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A command of ours, in this house."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=_environment(self.folder, self.port) | more,
            capture_output=True,
            text=True,
            timeout=120,
        )


@contextmanager
def open_house(folder: Path, port: int = 0) -> Iterator[House]:
    """Ready to be visited, at `port` where one is given; afterwards every process of it has ended."""
    port = port or free_ports(3)
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.start"],
            cwd=ROOT,
            env=_environment(folder, port),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, log)
        yield House(f"http://127.0.0.1:{port}", folder, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _environment(folder: Path, port: int) -> dict[str, str]:
    """This one, but for what names another database, Redis or folder."""
    ours = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "PRODUCTION", "DEBUG", "MUSTER_PORT"}
    ours |= {"DJANGO_ALLOW_ASYNC_UNSAFE"}  # the browser's alone
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | SHORT | {"MUSTER_DATA": str(folder), "PORT": str(port), "PYTHONUNBUFFERED": "1"}


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while "Muster is ready" not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"Muster did not start:\n{log.read_text()}")
        time.sleep(0.1)


def free_ports(number: int) -> int:
    """The first of so many free ports in a row, below those that outgoing connections take."""
    for _ in range(1_000):
        first = random.randrange(20_000, 32_000)
        probes = [socket.socket() for _ in range(number)]
        try:
            for place, probe in enumerate(probes):
                probe.bind(("127.0.0.1", first + place))
            return first
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
    raise AssertionError("no free ports")
