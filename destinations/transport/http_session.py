"""A session of requests for one request: nothing of this machine's environment in it, and over when its time is."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class Scissors:
    """Cuts the connection when the time is over, whatever is being waited for; `have_cut` tells afterwards."""

    def __init__(self, seconds: float) -> None:
        self.have_cut = False
        self._lines: list[socket.socket] = []
        self._timer = threading.Timer(max(seconds, 0.0), self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Scissors:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        for line in self._lines:
            line.close()

    def watch(self, line: socket.socket) -> None:
        # A copy: TLS takes the original for itself, and ending one end of a copy ends them all.
        self._lines.append(line.dup())
        if self.have_cut:
            self._cut()

    def _cut(self) -> None:
        self.have_cut = True
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


@contextmanager
def one_request(seconds: float) -> Iterator[tuple[requests.Session, Scissors]]:
    """Certificates are checked, redirects up to the caller; no proxy and no .netrc is looked for."""
    with requests.Session() as session, Scissors(seconds) as scissors:
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Adapter(scissors))
        yield session, scissors


class _Adapter(HTTPAdapter):
    def __init__(self, scissors: Scissors) -> None:
        self._scissors = scissors
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self._scissors)


def _pools(scissors: Scissors) -> dict[str, type[HTTPConnectionPool]]:
    class Watched(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            line = super()._new_conn()
            scissors.watch(line)
            return line

        def connect(self) -> None:
            super().connect()
            # Until here the time to connect counted; from here on each block has to be taken within this.
            if self.sock is not None:
                self.sock.settimeout(settings.STALL_SECONDS)

    class WatchedSecurely(Watched, HTTPSConnection):
        pass

    class Pool(HTTPConnectionPool):
        ConnectionCls = Watched

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = WatchedSecurely

    return {"http": Pool, "https": SecurePool}
