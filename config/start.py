"""`make run`: look whether it can work, bring the database up to date, make what a first start needs, start everything.

Whatever is in the way is one clear line and exit code 1. What campaigns and destinations have to do is asked for by the
names of their commands: config imports none of them.
"""

from __future__ import annotations

import errno
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

READY_SECONDS = 60.0
LOGINS = "logins.txt"
HIGHEST_PORT = 65_535


class CannotStart(Exception):
    """One plain sentence that says what to do."""


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["MUSTER_PORT"] = os.environ.get("PORT") or "8000"
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
        from django.conf import settings

        _check()
        logins = _prepare(settings.DATA_DIR)
    except (ImproperlyConfigured, CannotStart) as error:
        print(f"Muster cannot start: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 1
    return _run(settings.PORT, _greeting(logins))


# What may be in the way -----------------------------------------------------------------------------------


def _check() -> None:
    from django.conf import settings

    from config.bundled_redis import problem

    _check_folder(settings.DATA_DIR)
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
    _check_port(settings.PORT, "")
    if settings.SANDBOX:
        for name in ("SANDBOX_HTTP_PORT", "SANDBOX_SFTP_PORT"):
            _check_port(getattr(settings, name), name)
    if sentence := problem():
        raise CannotStart(sentence)


def _check_folder(folder: Path) -> None:
    try:
        probe = folder / f".probe{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(
            f"{folder} cannot be written ({error.strerror}). Make it writable, or set MUSTER_DATA to another folder."
        ) from None


def _check_port(port: int, setting: str) -> None:
    """`setting`: what moves this port alone; without one it is Muster's own."""
    other = f", or set {setting}" if setting else ""
    if not 0 < port <= HIGHEST_PORT:
        raise CannotStart(f"there is no port {port}. Choose a lower one: make run PORT=9000{other}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            what = f"port {port}{', which the sandbox needs,' if setting else ''}"
            reason = "is busy" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise CannotStart(f"{what} {reason}. Choose another one: make run PORT=9000{other}") from None


# What a first start makes ---------------------------------------------------------------------------------


def _prepare(folder: Path) -> str:
    from django.conf import settings
    from django.core.management import CommandError, call_command
    from django.db import DatabaseError

    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        raise CannotStart(f"the database does not work ({reason}). Look at DATABASE_URL.") from None
    if settings.PRODUCTION:
        return ""
    logins = _logins(folder / LOGINS)
    try:
        call_command("demo")
    except CommandError as error:
        # Muster works without it, and the next start tries again.
        print(f"The demo could not be made: {error}", file=sys.stderr)  # noqa: T201
    return logins


def _logins(path: Path) -> str:
    """One login of each role, made at the first start; their passwords are kept in a file for the owner alone."""
    from config.accounts.models import Role, User

    if User.objects.exists():
        return path.read_text() if path.exists() else ""
    lines = []
    for role in reversed(Role):
        password = secrets.token_urlsafe(12)
        person = User(username=role.value, first_name="Demo", last_name=role.label, role=role)
        person.sees_personal_data = role != Role.VIEWER
        person.writes_sql = role in (Role.OPERATOR, Role.ADMINISTRATOR)
        person.set_password(password)
        person.save()
        lines.append(f"  {role.value:<14} {password}")
    text = "\n".join(lines) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    return text


# Running --------------------------------------------------------------------------------------------------


def _processes() -> list[str]:
    """Those of the Procfile; the sandbox only where it is on."""
    from django.conf import settings

    lines = (settings.BASE_DIR / "Procfile").read_text().splitlines()
    names = [line.partition(":")[0] for line in lines if ":" in line]
    return [name for name in names if name != "sandbox" or settings.SANDBOX]


def _run(port: int, greeting: str) -> int:
    stopping = threading.Event()
    started: list[subprocess.Popen[bytes]] = []

    def stop(*_: object) -> None:
        stopping.set()
        for process in started:
            process.terminate()

    # Before there is anything to stop, so that no signal leaves a child behind.
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    started.append(_honcho(_processes()))
    if stopping.is_set():
        stop()
    threading.Thread(target=_greet, args=(port, greeting, started[0]), daemon=True).start()
    code = started[0].wait()
    if stopping.is_set():
        return 0 if code in (0, -signal.SIGTERM, 128 + signal.SIGTERM, 128 + signal.SIGINT) else 1
    reason = "One of Muster's processes ended, so all were stopped. Its last lines above say why."
    print(reason, file=sys.stderr)  # noqa: T201
    return 1


def _honcho(processes: Sequence[str]) -> subprocess.Popen[bytes]:
    from django.conf import settings

    line = [sys.executable, "-m", "honcho", "start", *processes]
    return subprocess.Popen(line, cwd=settings.BASE_DIR, start_new_session=True)  # noqa: S603 — our own Procfile


def _greeting(logins: str) -> str:
    from django.conf import settings

    lines = [f"\nMuster is ready at http://127.0.0.1:{settings.PORT}/"]
    if settings.SANDBOX:
        lines.append(
            f"What arrives in the sandbox, and how operators reach it: http://127.0.0.1:{settings.PORT}/sandbox/"
        )
    if logins:
        lines.append(f"Logins (kept in {settings.DATA_DIR / LOGINS}):\n{logins}")
    return "\n".join(lines)


def _greet(port: int, greeting: str, honcho: subprocess.Popen[bytes]) -> None:
    """Say where it is, once it really answers."""
    address = f"http://127.0.0.1:{port}/"
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and honcho.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
            continue
        print(greeting, flush=True)  # noqa: T201
        return


if __name__ == "__main__":
    sys.exit(main())
