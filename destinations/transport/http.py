"""HTTP: one request, streamed. No redirects, certificates always checked, a deadline for the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from config import clock
from destinations.kind import DeliveryError, DeliveryUnknown, Parcel
from destinations.transport.reach import host_problem
from destinations.transport.relay import Halted

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
    if parts.username is not None or parts.password is not None:
        return "Leave user name and password out of the URL; the credential holds the secret."
    if "?" in url or "#" in url:
        return "Leave ? and # out of the URL: the file's name is appended to it."
    if any(not 32 < ord(character) < 127 or character == "\\" for character in url):
        return "Write the URL as it is sent: a space as %20, and no accents or line breaks."
    return ""


def as_sent(url: str) -> str:
    """The URL as it goes over the line: percent-encoding, dots and the host's case made one."""
    import requests

    return str(requests.Request("GET", url).prepare().url)


def ask(method: str, url: str, headers: Mapping[str, str]) -> Answer:
    """A request without a body. DeliveryError where there is no answer."""
    import requests

    from destinations.transport.http_session import one_request

    _refuse_unreachable(url)
    try:
        with one_request(2 * settings.CONNECT_SECONDS) as (session, _):
            return _request(session, method, url, headers, None, settings.CONNECT_SECONDS)
    except requests.RequestException as error:
        raise _no_connection(url, error) from None


def upload(method: str, url: str, headers: Mapping[str, str], parcel: Parcel) -> Answer:
    """Stream the parcel's file as the body, its last look right before the last block.

    DeliveryError where the far side certainly lacks a part, DeliveryUnknown where it may have all of it.
    """
    import requests

    from destinations.transport.http_session import one_request

    _refuse_unreachable(url)
    seconds = (parcel.deadline - clock.now()).total_seconds()
    if seconds <= 0:
        raise DeliveryError(_TOO_LONG)
    body = _Body(parcel)
    try:
        with one_request(seconds) as (session, scissors):
            try:
                answer = _request(session, method, url, headers, body, settings.STALL_SECONDS)
            except requests.RequestException as error:
                raise _broken(url, error, body, too_late=scissors.have_cut) from None
    except Halted as halted:
        raise halted.reason from None
    if 200 <= answer.status < 300 and not body.is_whole:
        raise DeliveryError("The server answered before it had the whole file. It is sent again.")
    return answer


def _request(
    session: requests.Session,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: _Body | None,
    seconds: float,
) -> Answer:
    """The body of the answer is never read: it may be of any size."""
    with session.request(
        method,
        url,
        data=body,
        headers=dict(headers),
        timeout=(settings.CONNECT_SECONDS, seconds),
        allow_redirects=False,
        stream=True,
    ) as answer:
        return Answer(answer.status_code, _seconds(answer.headers.get("Retry-After", "")))


def _refuse_unreachable(url: str) -> None:
    if problem := url_problem(url) or host_problem(urlsplit(url).hostname or ""):
        raise DeliveryError(problem, permanent=True)


class _Body:
    """A file as requests streams it. The parcel's own calls come out as Halted, apart from what the line does."""

    def __init__(self, parcel: Parcel) -> None:
        self._parcel = parcel
        self.sent = 0

    def __len__(self) -> int:
        return self._parcel.size

    @property
    def is_whole(self) -> bool:
        return self.sent >= self._parcel.size

    def __iter__(self) -> Iterator[bytes]:
        with self._parcel.path.open("rb") as file:
            while block := file.read(BLOCK):
                if self.sent + len(block) >= self._parcel.size:
                    _call(self._parcel.last_look)
                yield block
                self.sent += len(block)
                # Of a whole file nothing can be taken back, so nobody is asked whether to stop.
                if not self.is_whole:
                    _call(self._parcel.progress, self.sent)


def _call(function: Callable[..., None], *arguments: int) -> None:
    try:
        function(*arguments)
    except BaseException as error:
        raise Halted(error) from error


# Answers and their absence --------------------------------------------------------------------------------

_TOO_LONG = "Sending took longer than it may. It is tried again."


def _seconds(wait: str) -> float | None:
    """Retry-After as seconds or as a date; None where it is neither."""
    if wait.isdecimal() and wait.isascii():
        return float(wait[:7])
    try:
        at = parsedate_to_datetime(wait)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - clock.now()).total_seconds(), 0.0)


def _broken(url: str, error: Exception, body: _Body, *, too_late: bool) -> DeliveryError:
    if body.is_whole:
        return DeliveryUnknown("The connection broke after the whole file was sent.")
    if too_late:
        return DeliveryError(_TOO_LONG)
    if body.sent:
        return DeliveryError("The connection broke while the file was sent. It is sent again.")
    return _no_connection(url, error)


def _no_connection(url: str, error: Exception) -> DeliveryError:
    import requests
    from urllib3.exceptions import NameResolutionError, NewConnectionError

    parts = urlsplit(url)
    place = f"{parts.hostname}, port {parts.port or (443 if parts.scheme == 'https' else 80)}"
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, requests.exceptions.SSLError):
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            words = f"The certificate of {parts.hostname} is not trusted. Nothing was sent."
        else:
            words = f"No secure connection came about ({place}). Nothing was sent."
        return DeliveryError(words, permanent=True)
    if isinstance(reason, NameResolutionError) or isinstance(error, requests.exceptions.InvalidURL):
        return DeliveryError(f"There is no host {parts.hostname}. Correct the URL.")
    if isinstance(error, requests.Timeout):
        return DeliveryError(f"The server did not answer in {settings.CONNECT_SECONDS:.0f} s ({place}).")
    if isinstance(reason, NewConnectionError):
        return DeliveryError(f"The server refused the connection ({place}). Look at host and port.")
    return DeliveryError(f"The server closed the connection without an answer ({place}).")
