"""`make run`: look whether it can work, bring the database up to date, make the first logins, start everything.

Whatever is in the way is one clear line and exit code 1.
"""

from __future__ import annotations

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
from pathlib import Path

READY_SECONDS = 60.0
LOGINS = "logins.txt"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["MUSTER_PORT"] = os.environ.get("PORT", "8000")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
        from django.conf import settings

        _check_folder(settings.DATA_DIR)
        Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
        _check_port(settings.PORT)
        logins = _prepare(settings.DATA_DIR)
    except (ImproperlyConfigured, CannotStart) as error:
        print(f"Muster cannot start: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return _run(settings.PORT, logins)


class CannotStart(Exception):
    """One plain sentence that says what to do."""


def _check_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(
            f"{folder} cannot be written ({error.strerror}). Make it writable, or set MUSTER_DATA to another folder."
        ) from None


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CannotStart(f"port {port} is busy. Choose another one: make run PORT=9000") from None


def _prepare(folder: Path) -> str:
    from django.core.management import call_command
    from django.db import OperationalError

    try:
        call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise CannotStart(f"the database does not work ({reason}). Look at DATABASE_URL.") from None
    return _logins(folder / LOGINS)


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
        person.set_password(password)
        person.save()
        lines.append(f"  {role.value:<14} {password}")
    text = "\n".join(lines) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    return text


def _run(port: int, logins: str) -> int:
    honcho = subprocess.Popen([sys.executable, "-m", "honcho", "start"], start_new_session=True)

    def stop(*_: object) -> None:
        honcho.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    threading.Thread(target=_greet, args=(port, logins, honcho), daemon=True).start()
    code = honcho.wait()
    return 0 if code in (0, -signal.SIGTERM, 128 + signal.SIGTERM, 128 + signal.SIGINT) else 1


def _greet(port: int, logins: str, honcho: subprocess.Popen[bytes]) -> None:
    """Say where it is, once it really answers."""
    address = f"http://127.0.0.1:{port}/"
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and honcho.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
            continue
        print(f"\nMuster is ready at {address}\n{logins}", flush=True)  # noqa: T201
        return


if __name__ == "__main__":
    sys.exit(main())
