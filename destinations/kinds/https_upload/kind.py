"""A CSV by PUT or POST to a URL. README.md beside this file says what it is for people."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import ClassVar
from urllib.parse import quote, urlsplit

from config import clock
from destinations import segment_names
from destinations.kind import (
    CheckResult,
    CheckStep,
    Confirmed,
    CredentialFields,
    DeliveryError,
    DeliveryUnknown,
    FileSpec,
    Group,
    Identifier,
    Kind,
    Parcel,
    Section,
    Settings,
    Unknown,
)
from destinations.kinds.https_upload.forms import CredentialForm, SettingsForm
from destinations.transport import http

# Sent again by itself after these; every other refusal waits for a person.
PASSING = frozenset({408, 425, 429})
# With date, number and ".csv" the file's name stays within the 255 bytes that most file systems take.
LONGEST_BYTES = 230


class HttpsUpload(Kind):
    name = "https_upload"
    label = "HTTPS upload"
    icon = "cloud-upload"
    suggested_name = "HTTPS Upload"
    secret_fields: ClassVar[frozenset[str]] = frozenset({"bearer_token", "hmac_key"})
    credential_form = CredentialForm
    settings_form = SettingsForm

    def check(self, settings: Settings, credential: CredentialFields, host_key: str = "") -> CheckResult:
        """Asks with HEAD and the secret, and sends nothing: a refused login and a wrong path are told."""
        url = str(settings["url"])
        started = time.monotonic()
        try:
            answer = http.ask("HEAD", url, _headers("HEAD", url, _EMPTY, credential))
        except DeliveryError as error:
            return CheckResult((CheckStep("Connection", error.message, False),), field="url")
        seconds = time.monotonic() - started
        reached = CheckStep("Connection", f"{urlsplit(url).hostname} answers.", True, seconds)
        if answer.status in (401, 403):
            text = f"The server refused the credential ({answer.status}). Correct the token or key."
            return CheckResult((reached, CheckStep("Login", text, False)), field=_secret_of(credential))
        if answer.status >= 500 or 300 <= answer.status < 400 or answer.status in (404, 410):
            text = f"The server answered {answer.status} at this URL. Correct the URL, or ask its owner."
            return CheckResult((reached, CheckStep("Address", text, False)), field="url")
        return CheckResult((reached, CheckStep("Login", "is not refused.", True)))

    def account_key(self, settings: Settings, credential: CredentialFields) -> str:
        return f"https:{http.as_sent(settings['url'])}"

    def identifier(self, settings: Settings) -> Identifier:
        return "phone" if settings["identifier"] == "phone" else "email"

    def segment_name(self, settings: Settings, campaign_name: str, group_name: str) -> str:
        template = settings.get("segment_name_template", "")
        return segment_names.segment_name(template, campaign_name, group_name)

    def name_problem(self, name: str) -> str:
        if problem := segment_names.name_problem(name, "in a URL"):
            return problem
        if len(name.encode()) > LONGEST_BYTES:
            return (
                f"A segment name in a URL has {LONGEST_BYTES} bytes at most, and letters with accents take more than "
                f"one; this one has {len(name.encode())}. Shorten it."
            )
        return ""

    def plan(self, settings: Settings, groups: Sequence[Group]) -> list[FileSpec]:
        header = (self.identifier(settings), "segment_name")
        return [
            FileSpec((Section(one.id, one.segment_name, one.rows),), header) for one in groups if one.rows
        ]

    def day(self, settings: Settings, now: datetime) -> date:
        return now.astimezone(UTC).date()

    def file_name(self, settings: Settings, spec: FileSpec, day: date, number: int) -> str:
        return f"{spec.sections[0].segment_name}_{day:%Y%m%d}_{number}.csv"

    def send(self, parcel: Parcel) -> Confirmed:
        """One request with the whole file; any 2xx is the confirmation."""
        url, method = self._url(parcel), str(parcel.settings.get("method", "PUT"))
        headers = {
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Length": str(parcel.size),
            **_headers(method, url, parcel.sha256, parcel.credential),
        }
        answer = http.upload(method, url, headers, parcel)
        if 200 <= answer.status < 300:
            return Confirmed(f"answered {answer.status}")
        if answer.status in (502, 504):
            raise DeliveryUnknown(f"A server in between answered {answer.status}: the file may have arrived.")
        permanent = answer.status < 500 and answer.status not in PASSING
        raise DeliveryError(_refusal(answer), permanent=permanent, retry_after=answer.retry_after)

    def look_up(self, parcel: Parcel, handle: str = "") -> Unknown:
        return Unknown("an upload cannot be looked up there")

    def _url(self, parcel: Parcel) -> str:
        return f"{parcel.settings['url']}/{quote(parcel.name, safe='')}"


def _secret_of(credential: CredentialFields) -> str:
    return "bearer_token" if credential.get("bearer_token") else "hmac_key"


_EMPTY = hashlib.sha256(b"").hexdigest()


def _headers(method: str, url: str, sha256: str, credential: CredentialFields) -> dict[str, str]:
    """What proves who sends; README.md has a verifying example."""
    if token := credential.get("bearer_token"):
        return {"Authorization": f"Bearer {token}"}
    date_ = clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = "\n".join((method, urlsplit(http.as_sent(url)).path, date_, sha256))
    signature = hmac.new(str(credential.get("hmac_key", "")).encode(), text.encode(), hashlib.sha256)
    return {
        "X-Muster-Date": date_,
        "X-Muster-Content-SHA256": sha256,
        "X-Muster-Signature": f"sha256={signature.hexdigest()}",
    }


def _refusal(answer: http.Answer) -> str:
    words = {
        401: "The server refused the credential",
        403: "The server refused the credential",
        404: "There is nothing at this URL",
        405: "The server does not take this method here; choose PUT or POST",
        409: "The server has a file of this name already",
        413: "The file is too large for the server",
        429: "The server asks to wait",
    }
    default = "The server refused the file"
    if answer.status >= 500:
        default = "The server had trouble"
    elif 300 <= answer.status < 400:
        default = "The server sends uploads to another address; have its final URL entered here"
    return f"{words.get(answer.status, default)} ({answer.status})."
