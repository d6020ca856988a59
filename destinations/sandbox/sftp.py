"""An SFTP server for one account, in a thread: password login, chrooted, and no renaming onto a file that is there."""

from __future__ import annotations

import asyncio
import hmac
import os
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import asyncssh

HOST = "127.0.0.1"
READY_SECONDS = 10.0
Result = TypeVar("Result")


@dataclass(frozen=True)
class Account:
    """`root` is what it sees as /."""

    root: Path
    username: str
    passphrase: str
    host_key: asyncssh.SSHKey

    def may_enter(self, username: str, passphrase: str) -> bool:
        is_right = hmac.compare_digest(passphrase.encode(), self.passphrase.encode())
        return is_right and username == self.username


class Files(asyncssh.SFTPServer):
    """What an account may do with its files."""

    def __init__(self, channel: Any, root: Path) -> None:
        super().__init__(channel, chroot=os.fsencode(root))

    def local(self, path: bytes) -> Path:
        return Path(os.fsdecode(self.map_path(path)))

    def rename(self, oldpath: bytes, newpath: bytes) -> Any:
        """Never onto a file that is there, as OpenSSH does it: linking fails where two come at once."""
        try:
            os.link(self.local(oldpath), self.local(newpath))
        except FileExistsError:
            raise asyncssh.SFTPFailure("The name is taken.") from None
        self.local(oldpath).unlink()

    def symlink(self, oldpath: bytes, newpath: bytes) -> Any:
        """A link could lead out of the account's folder."""
        raise asyncssh.SFTPOpUnsupported("no links")


class SftpServer:
    """Listens from `with` on; port 0 takes a free one. OSError where the port is busy."""

    def __init__(self, account: Account, port: int = 0) -> None:
        self.account = account
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def files(self, channel: Any) -> asyncssh.SFTPServer:
        return Files(channel, self.account.root)

    def __enter__(self) -> SftpServer:
        self._thread.start()
        try:
            self._acceptor = self._run(self._listen())
        except BaseException:
            self._stop()
            raise
        self.port = self._acceptor.get_port()
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._stop()

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(READY_SECONDS)

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(READY_SECONDS)
        self._loop.close()

    async def _listen(self) -> asyncssh.SSHAcceptor:
        account = self.account

        class Login(asyncssh.SSHServer):
            def begin_auth(self, username: str) -> bool:
                return True

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                return account.may_enter(username, password)

        return await asyncssh.listen(
            HOST,
            self.port,
            server_factory=Login,
            server_host_keys=[account.host_key],
            sftp_factory=self.files,
        )

    async def _close(self) -> None:
        """Connections under way end too, so that no task is left behind."""
        self._acceptor.close()
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
