"""The sandbox's logins, made at its first start and kept readable only by the owner."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from destinations.sandbox.sftp import Account

HOST = "127.0.0.1"
USERNAME = "acme"


def folder() -> Path:
    return Path(settings.DATA_DIR) / "sandbox"


def uploads() -> Path:
    """What accounts see as /uploads."""
    return folder() / "files" / "uploads"


def http_uploads() -> Path:
    return folder() / "http"


def make_folders() -> None:
    """Lists of people: for the owner alone."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    for each in (uploads(), http_uploads()):
        each.mkdir(parents=True, exist_ok=True)


def sftp_account() -> Account:
    """What the server knows of it."""
    import asyncssh

    from destinations.sandbox.sftp import Account

    key = asyncssh.import_private_key(host_key())
    return Account(uploads().parent, USERNAME, passphrase(), key)


def fingerprint() -> str:
    """Of the server's host key: "SHA256:…"."""
    return sftp_account().host_key.get_fingerprint()


def sftp_credential() -> dict[str, Any]:
    """The fields of a credential for Attentive (segments)."""
    return {
        "hostname": HOST,
        "port": settings.SANDBOX_SFTP_PORT,
        "username": USERNAME,
        "passphrase": passphrase(),
    }


def http_url() -> str:
    return f"http://{HOST}:{settings.SANDBOX_HTTP_PORT}/lists"


def passphrase() -> str:
    return _kept("passphrase", lambda: secrets.token_urlsafe(18))


def bearer_token() -> str:
    return _kept("bearer_token", lambda: secrets.token_urlsafe(24))


def host_key() -> str:
    """The server's private key, in OpenSSH's format."""

    def made() -> str:
        import asyncssh

        return asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()

    return _kept("host_key", made)


def _kept(name: str, make: Callable[[], str]) -> str:
    path = folder() / name
    if not path.exists():
        make_folders()
        made = path.with_name(f".{name}.{os.getpid()}")
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(make())
        try:
            os.link(made, path)  # the first of two that start at once wins
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text()
