"""The sandbox's servers: SFTP as Attentive has it, and a place for HTTPS uploads; on loopback alone."""

from __future__ import annotations

import hmac
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

from destinations.sandbox import account
from destinations.sandbox.sftp import READY_SECONDS, SftpServer


@contextmanager
def running() -> Iterator[None]:
    """Both servers, in threads of this process, until the block ends. OSError where a port is taken."""
    account.make_folders()
    with SftpServer(account.sftp_account(), settings.SANDBOX_SFTP_PORT), _http():
        yield


# HTTP -----------------------------------------------------------------------------------------------------


class _Lists(BaseHTTPRequestHandler):
    """Takes PUT and POST of /lists/<name> with the bearer token; answers after the file is stored."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(HTTPStatus.NO_CONTENT if self._may_enter() else HTTPStatus.UNAUTHORIZED)

    def do_PUT(self) -> None:
        name = self._name()
        if not self._may_enter():
            self.close_connection = True
            self._answer(HTTPStatus.UNAUTHORIZED)
        elif not name:
            self.close_connection = True
            self._answer(HTTPStatus.NOT_FOUND)
        else:
            self._store(account.http_uploads() / name)
            self._answer(HTTPStatus.CREATED)

    do_POST = do_PUT

    def _may_enter(self) -> bool:
        given = self.headers.get("Authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {account.bearer_token()}".encode())

    def _name(self) -> str:
        start, _, name = urlsplit(self.path).path.rpartition("/")
        name = unquote(name)
        is_plain = name and not name.startswith(".") and "/" not in name and "\0" not in name
        return name if start == "/lists" and is_plain and self._length() >= 0 else ""

    def _length(self) -> int:
        text = self.headers.get("Content-Length", "")
        return int(text) if text.isdecimal() else -1

    def _store(self, target: Path) -> None:
        part = target.with_name(f".{target.name}.{threading.get_ident()}.part")
        left = self._length()
        with part.open("wb") as file:
            while left and (block := self.rfile.read(min(left, 1024 * 1024))):
                file.write(block)
                left -= len(block)
        if left:
            part.unlink()
            raise ConnectionError("cut short")
        shutil.move(part, target)

    def _answer(self, status: HTTPStatus) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Names of files are nobody's business in a log."""


@contextmanager
def _http() -> Iterator[None]:
    server = ThreadingHTTPServer((account.HOST, settings.SANDBOX_HTTP_PORT), _Lists)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(READY_SECONDS)
