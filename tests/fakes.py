"""Far sides for tests: a real SFTP server on a free port, with faults to order."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import asyncssh


class SftpFarSide:
    """An SFTP server in a thread. `root` is what accounts see as /; the flags are faults."""

    username, passphrase = "acme", "an invented passphrase"

    def __init__(self, root: Path) -> None:
        self.root = root
        self.read_only = False
        self.refuses_rename = False
        self.refuses_removal = False
        self.loses_the_answer_to_rename = False
        self.takes_in_at_once = False  # removes a file as soon as it has its final name
        self.opened: list[str] = []
        self.port = 0
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> SftpFarSide:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = self._server.get_port()
        return self

    def __exit__(self, *_: object) -> None:
        async def close() -> None:
            self._server.close()
            await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def fingerprint(self) -> str:
        return self.host_key.get_fingerprint()

    @property
    def credential(self) -> dict[str, Any]:
        return {
            "hostname": "127.0.0.1",
            "port": self.port,
            "username": self.username,
            "passphrase": self.passphrase,
        }

    async def _listen(self) -> asyncssh.SSHAcceptor:
        far_side = self

        class Server(asyncssh.SSHServer):
            def begin_auth(self, username: str) -> bool:
                return True

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                return (username, password) == (far_side.username, far_side.passphrase)

        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=Server,
            server_host_keys=[self.host_key],
            sftp_factory=lambda channel: _Files(channel, far_side),
        )


class _Files(asyncssh.SFTPServer):
    def __init__(self, channel: Any, far_side: SftpFarSide) -> None:
        super().__init__(channel, chroot=str(far_side.root).encode())
        self.far_side = far_side

    def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        if self.far_side.read_only:
            raise asyncssh.SFTPPermissionDenied("read-only")
        self.far_side.opened.append(path.decode())
        return super().open(path, pflags, attrs)

    def remove(self, path: bytes) -> Any:
        if self.far_side.refuses_removal:
            raise asyncssh.SFTPPermissionDenied("no removing")
        return super().remove(path)

    def rename(self, oldpath: bytes, newpath: bytes) -> Any:
        if self.far_side.refuses_rename:
            raise asyncssh.SFTPPermissionDenied("no renaming")
        if Path(self.map_path(newpath).decode()).exists():
            raise asyncssh.SFTPFailure("exists")
        result = super().rename(oldpath, newpath)
        if self.far_side.takes_in_at_once:
            Path(self.map_path(newpath).decode()).unlink()
        if self.far_side.loses_the_answer_to_rename:
            self.channel.get_connection().abort()
        return result
