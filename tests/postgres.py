"""A PostgreSQL server for the tests alone: its own folder, its own socket, no port, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path
from typing import Any

import psycopg

from tests.base import program

# It says of itself that it need not survive a crash.
OPTIONS = {"listen_addresses": "''", "fsync": "off", "shared_buffers": "16MB", "max_connections": "20"}


@contextmanager
def server() -> Iterator[str]:
    """The URL of an empty database, whose letters are all known to `lower`."""
    programs = Path(program("initdb", *sorted(glob("/usr/lib/postgresql/*/bin/initdb"), reverse=True))).parent
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # short, for the path of a socket has its limit
    data = folder / "data"
    options = " ".join(f"-c {name}={value}" for name, value in OPTIONS.items())
    try:
        _as_nobody_great(folder)
        _run(programs / "initdb", "-D", data, "-U", "muster", "-A", "trust", "--no-sync", "--locale=C.UTF-8")
        _run(
            programs / "pg_ctl",
            *("-D", data, "-w", "-l", folder / "log"),
            *("-o", f"{options} -c unix_socket_directories={folder}", "start"),
        )
        try:
            # Not the name that Muster's own database has: with that it would be taken for it.
            with psycopg.connect(f"postgres://muster@/postgres?host={folder}", autocommit=True) as one:
                one.execute("CREATE DATABASE customers")
            yield f"postgres://muster@/customers?host={folder}"
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _as_nobody_great(folder: Path) -> None:
    """PostgreSQL refuses to run as root; Debian's package brings a user for it."""
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")


def _run(*command: object) -> None:
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        who = {"user": "postgres", "group": "postgres", "extra_groups": []}
    done = subprocess.run(
        [str(part) for part in command],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # not a pipe: the server would hold it open
        stderr=subprocess.DEVNULL,
        **who,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}"
