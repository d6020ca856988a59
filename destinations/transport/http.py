"""HTTP: the only user of requests. No redirects, certificates always checked, a deadline for the whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from config import clock
from destinations.kind import DeliveryError, DeliveryUnknown, Parcel
from destinations.transport.reach import host_problem

if TYPE_CHECKING:
    import requests

LOOPBACK = ("localhost", "127.0.0.1", "::1")
BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    status: int
    retry_after: float | None  # seconds, where it asks to wait


def url_problem(url: str) -> str:
    """Why nothing may be sent to this URL; empty when it may."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return "This is no URL. Write one such as https://lists.example.com/in."
    if parts.scheme not in ("http", "https") or not host:
        return "Write a URL that begins with https:// and names a host."
    if parts.scheme == "http" and host not in LOOPBACK:
        return "Use https://: over http:// everybody on the way could read the list."
    if parts.username or parts.password:
        return "Leave user name and password out of the URL; the credential holds the secret."
    if parts.query or parts.fragment:
        return "Leave ? and # out of the URL: the file's name is appended to it."
    return ""


def ask(method: str, url: str, headers: Mapping[str, str]) -> Answer:
    """A request without a body. DeliveryError where there is no answer."""
    import requests

    _refuse_unreachable(url)
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                method,
                url,
                headers=dict(headers),
                timeout=settings.CONNECT_SECONDS,
                allow_redirects=False,
                stream=True,
            )
            return _read(answer)
    except requests.RequestException as error:
        raise _no_connection(url, error) from None


def upload(method: str, url: str, headers: Mapping[str, str], parcel: Parcel) -> Answer:
    """Stream the parcel's file as the body.

    DeliveryError where certainly nothing arrived, DeliveryUnknown where the far side may have all of it.
    """
    import requests

    _refuse_unreachable(url)
    body = _Body(parcel.path, parcel.size, parcel.progress, (parcel.deadline - clock.now()).total_seconds())
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                method,
                url,
                data=body,
                headers=dict(headers),
                timeout=(settings.CONNECT_SECONDS, settings.STALL_SECONDS),
                allow_redirects=False,
                stream=True,
            )
            return _read(answer)
    except requests.RequestException as error:
        if body.raised is not None:
            raise body.raised from None
        if body.is_whole:
            raise DeliveryUnknown("The connection broke after the whole file was sent.") from None
        if body.sent:
            raise DeliveryError("The connection broke while the file was sent. It is sent again.") from None
        raise _no_connection(url, error) from None


def _refuse_unreachable(url: str) -> None:
    if problem := host_problem(urlsplit(url).hostname or ""):
        raise DeliveryError(problem, permanent=True)


class _Body:
    """A file as requests streams it, told of as it goes."""

    def __init__(self, path: Path, size: int, tell: Callable[[int], None], seconds: float) -> None:
        self._path, self._size, self._tell = path, size, tell
        self._until = time.monotonic() + seconds
        self.sent = 0
        self.raised: Exception | None = None

    def __len__(self) -> int:
        return self._size

    @property
    def is_whole(self) -> bool:
        return self.sent >= self._size

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while block := file.read(BLOCK):
                yield block
                self.sent += len(block)
                self._told()

    def _told(self) -> None:
        try:
            if time.monotonic() > self._until:
                raise DeliveryError("Sending took longer than it may. It is tried again.")
            self._tell(self.sent)
        except Exception as error:
            self.raised = error
            raise


def _read(answer: requests.Response) -> Answer:
    wait = answer.headers.get("Retry-After", "")
    return Answer(answer.status_code, float(wait) if wait.isdecimal() and len(wait) < 7 else None)


def _no_connection(url: str, error: Exception) -> DeliveryError:
    import requests

    host = urlsplit(url).hostname
    words = str(error)
    if isinstance(error, requests.exceptions.SSLError):
        return DeliveryError(f"The certificate of {host} is not trusted. Nothing was sent.", permanent=True)
    if "Name or service not known" in words or "NameResolutionError" in words:
        return DeliveryError(f"There is no host {host}. Correct the URL.")
    if isinstance(error, requests.Timeout):
        return DeliveryError(f"{host} did not answer in {settings.CONNECT_SECONDS:.0f} s.")
    return DeliveryError(f"{host} refused the connection. Look at host and port of the URL.")
