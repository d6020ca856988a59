"""SFTP: the only place that talks SSH. Every step has a deadline; every failure is a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings

from config import clock
from destinations.kind import (
    Absent,
    Confirmed,
    DeliveryError,
    DeliveryUnknown,
    HostKeyChanged,
    NameTaken,
    Parcel,
    Unknown,
)
from destinations.transport.reach import host_problem

if TYPE_CHECKING:
    import asyncssh

Result = TypeVar("Result")
# Measured against OpenSSH: 104 to 113 MB/s with it, 86 to 105 by default.
BLOCK_SIZE = 261_120


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


def put_and_rename(login: Login, folder: str, parcel: Parcel) -> Confirmed:
    """Upload under a name that is not picked up, check the size, rename without overwriting."""
    return _by_the_deadline(parcel, lambda relayed: _put_and_rename(login, folder, relayed))


def put_directly(login: Login, folder: str, parcel: Parcel) -> Confirmed:
    """Upload under the final name, where the account may not rename."""
    return _by_the_deadline(parcel, lambda relayed: _put_directly(login, folder, relayed))


def look_up(login: Login, folder: str, parcel: Parcel) -> Confirmed | Absent | Unknown:
    """Whether a parcel arrived whose answer was lost. Changes nothing."""
    return _by_the_deadline(parcel, lambda relayed: _look_up(login, folder, relayed))


Work = Callable[[Parcel], Coroutine[Any, Any, Result]]
Ask = tuple[Callable[..., None], tuple[Any, ...], "Future[None]"]


def _by_the_deadline(parcel: Parcel, work: Work[Result]) -> Result:
    """Run it in a thread of its own; the parcel's calls are made here, where a database may be asked."""
    asks: SimpleQueue[Ask | None] = SimpleQueue()

    def relay(function: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: Any) -> None:
            answer: Future[None] = Future()
            asks.put((function, arguments, answer))
            answer.result()

        return call

    relayed = replace(parcel, progress=relay(parcel.progress), last_look=relay(parcel.last_look))
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(lambda: asyncio.run(_timed(parcel, work(relayed))))
        done.add_done_callback(lambda _: asks.put(None))
        while (ask := asks.get()) is not None:
            _answer(*ask)
        return done.result()


def _answer(function: Callable[..., None], arguments: tuple[Any, ...], answer: Future[None]) -> None:
    try:
        function(*arguments)
        answer.set_result(None)
    except BaseException as error:  # noqa: BLE001 — raised again in the thread that asked
        answer.set_exception(error)


async def _timed(parcel: Parcel, work: Coroutine[Any, Any, Result]) -> Result:
    left = (parcel.deadline - clock.now()).total_seconds()
    try:
        async with asyncio.timeout(max(left, 0.0)):
            return await work
    except TimeoutError:
        raise DeliveryError("Sending took longer than it may. It is tried again.") from None


# Connecting -----------------------------------------------------------------------------------------------


@asynccontextmanager
async def _connected(login: Login) -> AsyncIterator[asyncssh.SFTPClient]:
    connection = await connect(login)
    try:
        client = await _in_time(connection.start_sftp_client(), settings.CONNECT_SECONDS)
        yield client
    finally:
        connection.abort()


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
        return await _in_time(
            asyncssh.connect(
                login.host,
                login.port,
                username=login.username,
                client_factory=Client,
                # Empty, and not None: None would accept any key without asking the client.
                known_hosts=([], [], []),
                agent_path=None,
                config=None,
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


async def _in_time(work: Awaitable[Result], seconds: float) -> Result:
    async with asyncio.timeout(seconds):
        return await work


# Sending --------------------------------------------------------------------------------------------------


def _part_name(folder: str, parcel: Parcel) -> str:
    """Does not end in .csv, so that nothing picks it up."""
    return f"{folder}/.{parcel.name}.{parcel.token}.part"


async def _put_and_rename(login: Login, folder: str, parcel: Parcel) -> Confirmed:
    import asyncssh

    final, part = f"{folder}/{parcel.name}", _part_name(folder, parcel)
    async with _connected(login) as client:
        try:
            await _remove_leftovers(client, folder, parcel)
            if (there := await _size(client, final)) is not None:
                return _already_there(parcel, there)
            await _upload(client, part, parcel)
            if await _size(client, part) != parcel.size:
                raise DeliveryError("The server did not keep the whole file. It is sent again.")
        except (OSError, asyncssh.Error, TimeoutError) as error:
            raise DeliveryError(_broken(error)) from None
        parcel.last_look()
        try:
            await _in_time(client.rename(part, final), settings.STALL_SECONDS)
        except asyncssh.SFTPError as error:
            return await _after_a_refused_rename(client, final, part, parcel, error)
        except (OSError, asyncssh.Error, TimeoutError):
            raise DeliveryUnknown("The connection broke while the file got its final name.") from None
        return await _confirm(client, final, parcel)


async def _after_a_refused_rename(
    client: asyncssh.SFTPClient, final: str, part: str, parcel: Parcel, error: Exception
) -> Confirmed:
    if await _size(client, part) is None:
        raise DeliveryUnknown("The server answered the renaming with an error, and the file is gone.")
    if await _size(client, final) is not None:
        await client.remove(part)
        raise NameTaken(f"Another file has the name {parcel.name} already.")
    raise DeliveryError(f"The server refused to give the file its final name ({type(error).__name__}).")


async def _confirm(client: asyncssh.SFTPClient, final: str, parcel: Parcel) -> Confirmed:
    """The rename was answered: our size is there, or it was taken in already, or may not be looked at."""
    import asyncssh

    try:
        size = await _in_time(_size(client, final), settings.STALL_SECONDS)
    except (OSError, asyncssh.Error, TimeoutError):
        return Confirmed("it may not be looked at")
    if size is None:
        return Confirmed("taken in already")
    if size != parcel.size:
        raise DeliveryUnknown(f"{parcel.name} has another size there than here.")
    return Confirmed("same size there")


async def _put_directly(login: Login, folder: str, parcel: Parcel) -> Confirmed:
    import asyncssh

    final = f"{folder}/{parcel.name}"
    async with _connected(login) as client:
        try:
            there = await _size(client, final)
        except (OSError, asyncssh.Error, TimeoutError) as error:
            raise DeliveryError(_broken(error)) from None
        if parcel.first_attempt and there is not None:
            raise NameTaken(f"Another file has the name {parcel.name} already.")
        if not parcel.first_attempt and there is None:
            raise DeliveryUnknown(
                "An earlier attempt broke, and nothing is under the name: it may be taken in."
            )
        parcel.last_look()
        try:
            await _upload(client, final, parcel)
        except (OSError, asyncssh.Error, TimeoutError) as error:
            raise DeliveryError(_broken(error)) from None
        return await _confirm(client, final, parcel)


async def _look_up(login: Login, folder: str, parcel: Parcel) -> Confirmed | Absent | Unknown:
    import asyncssh

    async with _connected(login) as client:
        try:
            there = await _size(client, f"{folder}/{parcel.name}")
            parts = await _parts(client, folder, parcel)
        except (OSError, asyncssh.Error, TimeoutError) as error:
            raise DeliveryError(_broken(error)) from None
    if there == parcel.size:
        return Confirmed("same size there")
    if there is None and parts:
        return Absent()
    return Unknown("nothing of ours is there" if there is None else "another size is there")


async def _upload(client: asyncssh.SFTPClient, name: str, parcel: Parcel) -> None:
    """Write the file block by block; each has to be taken within STALL_SECONDS."""
    sent = 0
    async with client.open(name, "wb", block_size=BLOCK_SIZE) as file:
        with parcel.path.open("rb") as source:
            while block := source.read(BLOCK_SIZE * 16):
                await _in_time(file.write(block), settings.STALL_SECONDS)
                sent += len(block)
                parcel.progress(sent)


async def _size(client: asyncssh.SFTPClient, name: str) -> int | None:
    import asyncssh

    try:
        return (await client.stat(name)).size
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
        return None


async def _parts(client: asyncssh.SFTPClient, folder: str, parcel: Parcel) -> list[str]:
    start = f".{parcel.name}."
    names = [str(name) for name in await client.listdir(folder)]
    return [name for name in names if name.startswith(start) and name.endswith(".part")]


async def _remove_leftovers(client: asyncssh.SFTPClient, folder: str, parcel: Parcel) -> None:
    """What attempts with older tokens left behind."""
    for name in await _parts(client, folder, parcel):
        token = name.removeprefix(f".{parcel.name}.").removesuffix(".part")
        if token.isdecimal() and int(token) < parcel.token:
            await client.remove(f"{folder}/{name}")


def _already_there(parcel: Parcel, size: int) -> Confirmed:
    """A file stands under our name before we sent one in this attempt."""
    if parcel.first_attempt:
        raise NameTaken(f"Another file has the name {parcel.name} already.")
    if size != parcel.size:
        raise DeliveryUnknown(f"{parcel.name} has another size there than here.")
    return Confirmed("same size there")


def _broken(error: Exception) -> str:
    """A sentence for what happened on the way; the server's own words may hold paths, so they stay out."""
    import asyncssh

    if isinstance(error, TimeoutError):
        return f"The server stopped answering for {settings.STALL_SECONDS:.0f} s. The file is sent again."
    if isinstance(error, asyncssh.SFTPPermissionDenied):
        return "The account may not write into the remote folder."
    if isinstance(error, asyncssh.SFTPNoSuchFile | asyncssh.SFTPNoSuchPath):
        return "The remote folder is missing on the server."
    return "The connection broke while the file was sent. It is sent again."
