"""Far sides for tests: real SFTP and HTTP servers on free ports, with faults to order."""

from __future__ import annotations

import asyncio
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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
        self.handles: list[Any] = []

    def __enter__(self) -> SftpFarSide:
        super().__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)
        # A connection that broke may have left some open.
        for handle in self.handles:
            handle.close()

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
        handle = super().open(path, pflags, attrs)
        self.far_side.handles.append(handle)
        return handle

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


class HttpFarSide(ThreadingHTTPServer):
    """An HTTP server that answers as it is told, and keeps what it saw."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.scheme = "http"
        self.answer: int | None = 201  # None closes the connection without a word
        self.headers: dict[str, str] = {}
        self.is_early = False  # answers and closes when the first bytes have come
        self.is_silent = False  # reads all, and never answers
        self.drips = False  # sends a letter of its answer at a time, for ever
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def speak_tls(self, certificate: Path, key: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.scheme = "https"

    def __enter__(self) -> HttpFarSide:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.shutdown()
        self.server_close()
        self._thread.join()

    def wait(self, seconds: float | None = None) -> bool:
        """Until the test ends."""
        return self._ended.wait(seconds)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}/in"

    def handle_error(self, request: object, client_address: object) -> None:
        """Who hangs up is what is tested."""


class _Answers(BaseHTTPRequestHandler):
    server: HttpFarSide

    def do_PUT(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, 10) if self.server.is_early else length)
        headers = {key.title(): value for key, value in self.headers.items()}
        self.server.seen.append((self.command, self.path, headers, body))
        self.close_connection = True
        if self.server.is_silent:
            self.server.wait()
        elif self.server.drips:
            while not self.server.wait(0.05):
                self.wfile.write(b"H")
        elif self.server.answer is not None:
            self._answer(self.server.answer)

    do_POST = do_HEAD = do_PUT

    def _answer(self, status: int) -> None:
        self.send_response(status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass
