"""The check of an SFTP connection: log in, look at the folder, write, rename and remove a probe file."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING

from django.conf import settings

from destinations.kind import CheckResult, CheckStep, HostKeyChanged
from destinations.transport.ssh import Login, Refusal, connect

if TYPE_CHECKING:
    import asyncssh

PROBE = ".muster-probe"


def check(login: Login, folder: str, *, rename: bool) -> CheckResult:
    """What was found, step by step. Never raises for an expected failure."""
    return asyncio.run(_check(login, folder, rename=rename))


async def _check(login: Login, folder: str, *, rename: bool) -> CheckResult:
    import asyncssh

    steps = _Steps()
    try:
        connection = await connect(login)
    except HostKeyChanged as error:
        return steps.failed("Host key", error.message, "host_key", error.seen)
    except Refusal as error:
        return steps.failed("Login", error.message, error.field)
    key = connection.get_server_host_key()
    host_key = key.get_fingerprint() if key is not None else ""
    try:
        steps.done("Login", f"as {login.username} with the stored {_secrets_of(login)}.")
        steps.done("Host key", "is the accepted one." if login.host_key else f"is {host_key}.")
        async with asyncio.timeout(settings.CONNECT_SECONDS):
            await _look_around(connection, folder, steps, rename=rename)
    except Refusal as error:
        return steps.failed(steps.next, error.message, error.field, host_key)
    except (OSError, asyncssh.Error, TimeoutError):
        return steps.failed(steps.next, "The server stopped answering. Try again.", "hostname", host_key)
    finally:
        connection.abort()
    return CheckResult(tuple(steps.found), host_key=host_key)


class _Steps:
    """The lines of a check as they come, each with the time since the one before."""

    def __init__(self) -> None:
        self.found: list[CheckStep] = []
        self.next = "Folder"
        self._since = time.monotonic()

    def done(self, title: str, text: str) -> None:
        now = time.monotonic()
        self.found.append(CheckStep(title, text, True, now - self._since))
        self._since = now

    def failed(self, title: str, text: str, field: str, host_key: str = "") -> CheckResult:
        self.found.append(CheckStep(title, text, False, time.monotonic() - self._since))
        return CheckResult(tuple(self.found), host_key=host_key, field=field)


def _secrets_of(login: Login) -> str:
    if login.private_key and login.passphrase:
        return "key or passphrase"
    return "key" if login.private_key else "passphrase"


async def _look_around(
    connection: asyncssh.SSHClientConnection, folder: str, steps: _Steps, *, rename: bool
) -> None:
    client = await connection.start_sftp_client()
    if not await client.isdir(folder):
        raise Refusal(
            f"There is no folder {folder} on the server. Correct the remote folder.", "remote_folder"
        )
    steps.done("Folder", f"{folder} exists.")
    steps.next = "Probe file"
    await _probe(client, folder, rename=rename)
    steps.done("Probe file", "written, renamed and removed." if rename else "written and removed.")


async def _probe(client: asyncssh.SFTPClient, folder: str, *, rename: bool) -> None:
    """Under a name of its own, so that two checks at once are not in each other's way."""
    import asyncssh

    there = f"{folder.rstrip('/')}/{PROBE}-{secrets.token_hex(4)}"
    try:
        async with client.open(there, "wb") as file:
            await file.write(b"probe")
    except asyncssh.SFTPError:
        words = f"The account may not write into {folder}. Ask for the right to, or choose another folder."
        raise Refusal(words, "remote_folder") from None
    try:
        if rename:
            await client.rename(there, f"{there}-renamed")
            there = f"{there}-renamed"
    except asyncssh.SFTPError:
        words = f"The account may not rename files in {folder}. Choose “upload directly”, or ask for the right to."
        raise Refusal(words, "upload") from None
    finally:
        await _remove_probe(client, folder, there)


async def _remove_probe(client: asyncssh.SFTPClient, folder: str, there: str) -> None:
    import asyncssh

    try:
        await client.remove(there)
    except asyncssh.SFTPNoSuchFile:
        pass  # somebody who empties the folder was faster
    except asyncssh.SFTPError:
        words = (
            f"The account may not remove files in {folder}, so the probe file stays. Ask for the right to."
        )
        raise Refusal(words, "remote_folder") from None
