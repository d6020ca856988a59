"""Logging in over SSH. Every step has a deadline; every failure is a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings

from destinations.kind import DeliveryError, HostKeyChanged
from destinations.transport.reach import host_problem

if TYPE_CHECKING:
    import asyncssh

Result = TypeVar("Result")
# Processors have instructions for AES: half the time of the default, on both ends. The others stay on offer.
CIPHERS_FIRST = "^aes256-gcm@openssh.com,aes128-gcm@openssh.com"


@dataclass(frozen=True)
class Login:
    """How to get in. An empty `host_key` accepts what the server shows."""

    host: str
    port: int
    username: str
    passphrase: str = ""
    private_key: str = ""
    host_key: str = ""


class Refusal(DeliveryError):
    """A failure of a check, and the form's field that can mend it."""

    def __init__(self, message: str, field: str, *, permanent: bool = False) -> None:
        super().__init__(message, permanent=permanent)
        self.field = field


def key_problem(private_key: str) -> str:
    """Why a private key cannot be used, as a sentence; empty when it can."""
    import asyncssh

    try:
        asyncssh.import_private_key(private_key)
    except asyncssh.KeyImportError:
        return "The private key cannot be read. Paste it whole, in OpenSSH’s format, without a passphrase of its own."
    return ""


# Connecting -----------------------------------------------------------------------------------------------


async def connect(login: Login) -> asyncssh.SSHClientConnection:
    """Logged in. HostKeyChanged, or a Refusal that says why not."""
    import asyncssh

    seen: list[str] = []

    class Client(asyncssh.SSHClient):
        def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
            seen.append(key.get_fingerprint())
            return not login.host_key or seen[-1] == login.host_key

    if problem := host_problem(login.host):
        raise Refusal(problem, "hostname", permanent=True)
    options: dict[str, Any] = {"password": login.passphrase} if login.passphrase else {}
    try:
        options["client_keys"] = (
            [asyncssh.import_private_key(login.private_key)] if login.private_key else None
        )
        return await in_time(
            asyncssh.connect(
                login.host,
                login.port,
                username=login.username,
                client_factory=Client,
                # Empty, and not None: None would accept any key without asking the client.
                known_hosts=([], [], []),
                agent_path=None,
                config=None,
                encryption_algs=CIPHERS_FIRST,
                **options,
            ),
            settings.CONNECT_SECONDS,
        )
    except asyncssh.KeyImportError:
        raise Refusal(key_problem(login.private_key), "private_key", permanent=True) from None
    except asyncssh.HostKeyNotVerifiable:
        raise HostKeyChanged(
            "The server shows another host key than the accepted one. An operator has to compare it and accept it "
            "on the destination’s page.",
            seen=seen[-1] if seen else "",
        ) from None
    # A name that no look-up takes (a label of over 63 characters) is a UnicodeError.
    except (OSError, asyncssh.Error, TimeoutError, UnicodeError) as error:
        raise _why_not(login, error) from None


def _why_not(login: Login, error: Exception) -> Refusal:
    import socket

    import asyncssh

    place = f"{login.host}, port {login.port}"
    if isinstance(error, asyncssh.PermissionDenied):
        words = "The server refused this user name and passphrase or key. Correct them in the credential."
        return Refusal(words, "private_key" if _key_alone(login) else "passphrase", permanent=True)
    if isinstance(error, socket.gaierror | UnicodeError):
        return Refusal(f"There is no host {login.host}. Correct the hostname.", "hostname")
    if isinstance(error, ConnectionRefusedError):
        return Refusal(f"The server refused the connection ({place}). Look at host and port.", "port")
    if isinstance(error, TimeoutError):
        seconds = f"{settings.CONNECT_SECONDS:.0f} s"
        return Refusal(
            f"The server did not answer in {seconds} ({place}). Look at host and port.", "hostname"
        )
    return Refusal(
        f"The connection broke before the login was done ({place}). Look at host and port.", "port"
    )


def _key_alone(login: Login) -> bool:
    return bool(login.private_key) and not login.passphrase


async def in_time(work: Awaitable[Result], seconds: float) -> Result:
    async with asyncio.timeout(seconds):
        return await work
