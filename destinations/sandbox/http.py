"""Where HTTPS uploads go in the sandbox: PUT and POST of CSV files with a bearer token, on loopback alone."""

from __future__ import annotations

import hmac
import os
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from destinations.sandbox.sftp import HOST

BLOCK = 1024 * 1024
MOST_BYTES = 4 * 1024 * BLOCK
# With the ending of a part the name stays within what file systems take.
LONGEST_NAME = 230
SILENT_SECONDS = 60.0


class UploadServer(ThreadingHTTPServer):
    """Stores `<path>/<name>.csv` as `folder/<name>.csv`. OSError where the port is busy."""

    daemon_threads = True

    def __init__(self, folder: Path, path: str, token: str, port: int = 0) -> None:
        super().__init__((HOST, port), _Lists)
        self.folder, self.path, self.token = folder, path, token
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True)

    def __enter__(self) -> UploadServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Lists(BaseHTTPRequestHandler):
    """Answers 2xx only after the file is stored whole."""

    server: UploadServer
    protocol_version = "HTTP/1.1"
    timeout = SILENT_SECONDS

    def do_HEAD(self) -> None:
        is_here = urlsplit(self.path).path.rstrip("/") == self.server.path or self._name()
        self._answer(self._refusal() or (HTTPStatus.NO_CONTENT if is_here else HTTPStatus.NOT_FOUND))

    def do_PUT(self) -> None:
        length = self._length()
        if length is None:
            self.close_connection = True
            self._answer(HTTPStatus.LENGTH_REQUIRED)
        elif length > MOST_BYTES:
            self.close_connection = True
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif refusal := self._refusal() or (None if self._name() else HTTPStatus.NOT_FOUND):
            # Read all the same: who is still sending would not hear the answer.
            if self._take(length, Path(os.devnull)):
                self._answer(refusal)
        else:
            self._store(self.server.folder / self._name(), length)

    do_POST = do_PUT

    def _refusal(self) -> HTTPStatus | None:
        given = self.headers.get("Authorization", "").encode()
        may_enter = hmac.compare_digest(given, f"Bearer {self.server.token}".encode())
        return None if may_enter else HTTPStatus.UNAUTHORIZED

    def _name(self) -> str:
        """The file's; empty where the URL names none that is taken here."""
        start, _, last = urlsplit(self.path).path.rpartition("/")
        name = unquote(last)
        is_plain = not name.startswith(".") and "/" not in name and name.isprintable()
        is_short = len(name.encode()) <= LONGEST_NAME + len(".csv")
        return name if start == self.server.path and is_plain and is_short and name.endswith(".csv") else ""

    def _length(self) -> int | None:
        text = self.headers.get("Content-Length", "")
        is_number = text.isascii() and text.isdecimal() and len(text) < 20
        return int(text) if is_number and "Transfer-Encoding" not in self.headers else None

    def _store(self, target: Path, length: int) -> None:
        part = target.with_name(f".{threading.get_ident()}.part")
        try:
            if self._take(length, part):
                part.replace(target)
                self._answer(HTTPStatus.CREATED)
        finally:
            part.unlink(missing_ok=True)

    def _take(self, length: int, target: Path) -> bool:
        """Whether all of the body came."""
        with target.open("wb") as file:
            while length and (block := self.rfile.read(min(length, BLOCK))):
                file.write(block)
                length -= len(block)
        self.close_connection = self.close_connection or length > 0
        return length == 0

    def _answer(self, status: HTTPStatus) -> None:
        self.send_response(status)
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Names of files are nobody's business in a log."""
