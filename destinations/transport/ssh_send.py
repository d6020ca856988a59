"""Sending a file over SFTP, and looking whether one arrived.

Two ways to one final name: under a part name and renamed, or directly where the account may not rename. In both, what
could not be answered is told apart from what was refused: only the former may leave a file behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from django.conf import settings

from destinations.kind import Absent, Confirmed, DeliveryError, DeliveryUnknown, NameTaken, Parcel, Unknown
from destinations.transport.relay import Halted, by_the_deadline
from destinations.transport.ssh import Login, connect, in_time

if TYPE_CHECKING:
    import asyncssh

# Measured against OpenSSH: 104 to 113 MB/s with it, 86 to 105 by default.
BLOCK_SIZE = 261_120


def put_and_rename(login: Login, folder: str, parcel: Parcel) -> Confirmed:
    """Upload under a name that is not picked up, check the size, rename without overwriting."""
    return by_the_deadline(parcel, lambda relayed: _put_and_rename(login, _Place(folder, relayed)))


def put_directly(login: Login, folder: str, parcel: Parcel) -> Confirmed:
    """Upload under the final name, where the account may not rename."""
    return by_the_deadline(parcel, lambda relayed: _put_directly(login, _Place(folder, relayed)))


def look_up(login: Login, folder: str, parcel: Parcel, *, renamed: bool) -> Confirmed | Absent | Unknown:
    """Whether a parcel arrived whose answer was lost. Changes nothing. `renamed`: by the first of the two ways."""
    return by_the_deadline(parcel, lambda relayed: _look_up(login, _Place(folder, relayed), renamed=renamed))


class _Place:
    """The names of one parcel in its folder."""

    def __init__(self, folder: str, parcel: Parcel) -> None:
        self.parcel = parcel
        self.folder = folder
        self.final = self.of(parcel.name)
        self.part = self.of(self.part_of(parcel.token))

    def of(self, name: str) -> str:
        return f"{self.folder.rstrip('/')}/{name}"

    def part_of(self, token: int) -> str:
        """Does not end in .csv, so that nothing picks it up."""
        return f".{self.parcel.name}.{token}.part"

    def token_of(self, name: str) -> int | None:
        """Whose part a file is; None where it is none of this parcel's."""
        start, end = f".{self.parcel.name}.", ".part"
        middle = name.removeprefix(start).removesuffix(end)
        is_part = len(name) == len(start) + len(middle) + len(end) and middle.isdecimal()
        return int(middle) if is_part else None


@asynccontextmanager
async def _connected(login: Login) -> AsyncIterator[asyncssh.SFTPClient]:
    import asyncssh

    connection = await connect(login)
    try:
        try:
            client = await in_time(connection.start_sftp_client(), settings.CONNECT_SECONDS)
        except (OSError, asyncssh.Error, TimeoutError):
            raise DeliveryError("The server let us in, but offers no file transfer (SFTP).") from None
        yield client
    finally:
        connection.abort()


# The first way --------------------------------------------------------------------------------------------


async def _put_and_rename(login: Login, place: _Place) -> Confirmed:
    import asyncssh

    parcel = place.parcel
    async with _connected(login) as client:
        try:
            await _remove_leftovers(client, place)
            if (there := await _size_if_shown(client, place.final)) is not None:
                return _already_there(parcel, there)
            await _upload(client, place.part, "wb", parcel)
            if await _size(client, place.part) != parcel.size:
                raise DeliveryError("The server did not keep the whole file. It is sent again.")
            parcel.last_look()
        except Halted:
            await _remove_own(client, place.part)
            raise
        except _NotOpened as refused:
            raise DeliveryError(_broken(refused.error)) from None
        except (OSError, asyncssh.Error, TimeoutError) as error:
            raise DeliveryError(_broken(error)) from None
        return await _rename(client, place)


async def _rename(client: asyncssh.SFTPClient, place: _Place) -> Confirmed:
    import asyncssh

    try:
        await in_time(client.rename(place.part, place.final), settings.STALL_SECONDS)
    except (OSError, asyncssh.Error, TimeoutError, asyncio.CancelledError) as error:
        if not _is_answer(error):
            raise DeliveryUnknown("The connection broke while the file got its final name.") from None
        return await _after_a_refused_rename(client, place, error)
    try:
        return await _confirm(client, place)
    except (OSError, asyncssh.Error, TimeoutError, asyncio.CancelledError):
        return Confirmed("the renaming was answered")


async def _after_a_refused_rename(
    client: asyncssh.SFTPClient, place: _Place, refusal: BaseException
) -> Confirmed:
    """The server said no. Where our part is gone all the same, it said so of a repeat, or it is not to be believed."""
    import asyncssh

    words = "The server refused to give the file its final name"
    try:
        if await _size(client, place.part) is None:
            raise DeliveryUnknown(f"{words}, and the uploaded file is gone.")
        if await _size_if_shown(client, place.final) is not None:
            await _remove_own(client, place.part)
            raise NameTaken(f"Another file has the name {place.parcel.name} already.")
    except (OSError, asyncssh.Error, TimeoutError):
        raise DeliveryError(f"{words}, then the connection broke. It is sent again.") from None
    raise DeliveryError(f"{words} ({type(refusal).__name__}).")


# The other way --------------------------------------------------------------------------------------------


async def _put_directly(login: Login, place: _Place) -> Confirmed:
    import asyncssh

    parcel = place.parcel
    async with _connected(login) as client:
        try:
            there = await _size_if_shown(client, place.final)
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
            # The first attempt never opens what is there: somebody else may have been faster.
            await _upload(client, place.final, "xb" if parcel.first_attempt else "wb", parcel)
        except _NotOpened as refused:
            if parcel.first_attempt and await _is_there(client, place.final):
                raise NameTaken(f"Another file has the name {parcel.name} already.") from None
            raise DeliveryError(_broken(refused.error), untouched=True) from None
        except (OSError, asyncssh.Error, TimeoutError) as error:
            raise DeliveryError(_broken(error)) from None
        try:
            return await _confirm(client, place)
        except (OSError, asyncssh.Error, TimeoutError):
            raise DeliveryUnknown("The connection broke after the file was closed.") from None


# Looking --------------------------------------------------------------------------------------------------


async def _look_up(login: Login, place: _Place, *, renamed: bool) -> Confirmed | Absent | Unknown:
    import asyncssh

    async with _connected(login) as client:
        try:
            there = await _size(client, place.final)
            parts = await _parts(client, place) if renamed else {}
        except (OSError, asyncssh.Error, TimeoutError) as error:
            if isinstance(error, asyncssh.SFTPPermissionDenied):
                return Unknown("the account may not look into the remote folder")
            raise DeliveryError(_broken(error)) from None
    if there == place.parcel.size:
        return Confirmed("same size there")
    if not renamed:
        # Cut short and still there: nobody has taken it in, so it may be written again.
        return Unknown("nothing of ours is there") if there is None else Absent()
    if there is None and parts:
        return Absent()
    return Unknown("nothing of ours is there" if there is None else "another size is there")


async def _confirm(client: asyncssh.SFTPClient, place: _Place) -> Confirmed:
    """The far side has answered: our size is there, or it was taken in already, or may not be looked at."""
    import asyncssh

    try:
        size = await _size(client, place.final)
    except asyncssh.SFTPError as error:
        if not _is_answer(error):
            raise
        return Confirmed("it may not be looked at")
    if size is None:
        return Confirmed("taken in already")
    if size != place.parcel.size:
        raise DeliveryUnknown(f"{place.parcel.name} has another size there than here.")
    return Confirmed("same size there")


def _already_there(parcel: Parcel, size: int) -> Confirmed:
    """A file stands under our name before we sent one in this attempt."""
    if parcel.first_attempt:
        raise NameTaken(f"Another file has the name {parcel.name} already.")
    if size != parcel.size:
        raise DeliveryUnknown(f"{parcel.name} has another size there than here.")
    return Confirmed("same size there")


# Single steps, each in its time ---------------------------------------------------------------------------


class _NotOpened(Exception):
    """The server answered the opening with a no: nothing is there that was not there before."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


async def _upload(client: asyncssh.SFTPClient, name: str, mode: str, parcel: Parcel) -> None:
    """Write the file block by block, and close it: the closing is the server's word that it has them all."""
    import asyncssh

    try:
        file = await in_time(client.open(name, mode, block_size=BLOCK_SIZE), settings.STALL_SECONDS)
    except asyncssh.SFTPError as error:
        raise (_NotOpened(error) if _is_answer(error) else error) from None
    sent = 0
    with parcel.path.open("rb") as source:
        while block := source.read(BLOCK_SIZE * 16):
            await in_time(file.write(block), settings.STALL_SECONDS)
            sent += len(block)
            parcel.progress(sent)
    await in_time(file.close(), settings.STALL_SECONDS)


async def _size(client: asyncssh.SFTPClient, name: str) -> int | None:
    import asyncssh

    try:
        return (await in_time(client.stat(name), settings.STALL_SECONDS)).size
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
        return None


async def _size_if_shown(client: asyncssh.SFTPClient, name: str) -> int | None:
    """None also where the account may not look: what follows never overwrites."""
    import asyncssh

    try:
        return await _size(client, name)
    except asyncssh.SFTPPermissionDenied:
        return None


async def _is_there(client: asyncssh.SFTPClient, name: str) -> bool:
    import asyncssh

    with suppress(OSError, asyncssh.Error, TimeoutError):
        return await _size(client, name) is not None
    return False


async def _parts(client: asyncssh.SFTPClient, place: _Place) -> dict[int, str]:
    """{token: path} of this parcel's parts; asked for one by one where the account may not list the folder."""
    import asyncssh

    try:
        names = await in_time(client.listdir(place.folder), settings.STALL_SECONDS)
    except asyncssh.SFTPPermissionDenied:
        ours = {token: place.of(place.part_of(token)) for token in range(1, place.parcel.token + 1)}
        return {token: path for token, path in ours.items() if await _size_if_shown(client, path) is not None}
    found = {place.token_of(str(name)): str(name) for name in names}
    return {token: place.of(name) for token, name in found.items() if token is not None}


async def _remove_leftovers(client: asyncssh.SFTPClient, place: _Place) -> None:
    """What attempts with older tokens left behind."""
    import asyncssh

    for token, path in (await _parts(client, place)).items():
        if token < place.parcel.token:
            with suppress(asyncssh.SFTPNoSuchFile):
                await in_time(client.remove(path), settings.STALL_SECONDS)


async def _remove_own(client: asyncssh.SFTPClient, part: str) -> None:
    """Its name has our token, so nobody else works on it. Where that fails, the next attempt removes it."""
    import asyncssh

    with suppress(OSError, asyncssh.Error, TimeoutError):
        await in_time(client.remove(part), settings.STALL_SECONDS)


# Words ----------------------------------------------------------------------------------------------------


def _is_answer(error: BaseException) -> bool:
    """Whether the server said no, in contrast to a connection that ended before it said anything."""
    import asyncssh

    silent = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.SFTPBadMessage)
    return isinstance(error, asyncssh.SFTPError) and not isinstance(error, silent)


def _broken(error: BaseException) -> str:
    """A sentence for what happened on the way; the server's own words may hold paths, so they stay out."""
    import asyncssh

    if isinstance(error, TimeoutError):
        return f"The server stopped answering for {settings.STALL_SECONDS:.0f} s. The file is sent again."
    if isinstance(error, asyncssh.SFTPPermissionDenied):
        return "The account may not write into the remote folder."
    if isinstance(error, asyncssh.SFTPNoSuchFile | asyncssh.SFTPNoSuchPath):
        return "The remote folder is missing on the server."
    if _is_answer(error):
        return "The server refused to take the file; it may have no room left. It is sent again."
    return "The connection broke while the file was sent. It is sent again."
