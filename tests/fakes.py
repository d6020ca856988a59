"""Far sides for tests: a real SFTP server on a free port, with faults to order."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import asyncssh

from destinations.sandbox.sftp import HOST, Account, Files, SftpServer


class SftpFarSide(SftpServer):
    """The sandbox's own server with faults: the flags. `root` is what accounts see as /."""

    username, passphrase = "acme", "an invented passphrase"

    def __init__(self, root: Path) -> None:
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        super().__init__(Account(root, self.username, self.passphrase, self.host_key))
        self.root = root
        self.read_only = False
        self.is_full = False  # opens files, and takes nothing
        self.refuses_rename = False
        self.refuses_removal = False
        self.refuses_listing = False
        self.refuses_stat = False
        self.loses_the_answer_to_rename = False
        self.ends_the_session_at_rename = False  # politely, as a server that is shut down
        self.takes_in_at_once = False  # removes a file as soon as it has its final name
        self.hangs_at = ""  # "rename", "stat" or "close": never answers it
        self.opened: list[str] = []

    def __enter__(self) -> SftpFarSide:
        super().__enter__()
        return self

    def files(self, channel: Any) -> asyncssh.SFTPServer:
        return _Files(channel, self)

    @property
    def fingerprint(self) -> str:
        return self.host_key.get_fingerprint()

    @property
    def credential(self) -> dict[str, Any]:
        return {
            "hostname": HOST,
            "port": self.port,
            "username": self.username,
            "passphrase": self.passphrase,
        }


class _Files(Files):
    def __init__(self, channel: Any, far_side: SftpFarSide) -> None:
        super().__init__(channel, far_side.root)
        self.far_side = far_side

    def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        if self.far_side.read_only:
            raise asyncssh.SFTPPermissionDenied("read-only")
        self.far_side.opened.append(path.decode())
        return super().open(path, pflags, attrs)

    def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        if self.far_side.is_full:
            raise asyncssh.SFTPFailure("no space")
        return super().write(file_obj, offset, data)

    async def close(self, file_obj: object) -> None:
        super().close(file_obj)
        await self._hang("close")

    async def stat(self, path: bytes) -> Any:
        await self._hang("stat")
        if self.far_side.refuses_stat and not self.local(path).is_dir():
            raise asyncssh.SFTPPermissionDenied("no looking")
        return super().stat(path)

    def scandir(self, path: bytes) -> Any:
        if self.far_side.refuses_listing:
            raise asyncssh.SFTPPermissionDenied("no listing")
        return super().scandir(path)

    def remove(self, path: bytes) -> Any:
        if self.far_side.refuses_removal:
            raise asyncssh.SFTPPermissionDenied("no removing")
        return super().remove(path)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        if self.far_side.refuses_rename:
            raise asyncssh.SFTPPermissionDenied("no renaming")
        super().rename(oldpath, newpath)
        if self.far_side.takes_in_at_once:
            self.local(newpath).unlink()
        if self.far_side.loses_the_answer_to_rename:
            self.channel.get_connection().abort()
        if self.far_side.ends_the_session_at_rename:
            self.channel.exit(1)
        await self._hang("rename")

    async def _hang(self, step: str) -> None:
        if self.far_side.hangs_at == step:
            await asyncio.Event().wait()
