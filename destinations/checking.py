"""Trying a connection for real, and what follows from it."""

from __future__ import annotations

from config import clock
from destinations.kind import CheckResult
from destinations.models import Destination
from destinations.refusals import DestinationRefused

# Pins what the server shows where nothing is pinned yet; never replaces what is.
ACCEPT = "accept"
FINGERPRINT = "SHA256:"


def wanted_host_key(destination: Destination, accept: str) -> str:
    """The fingerprint the server has to show; empty: any, to be shown to a person.

    `accept`: a fingerprint ("SHA256:…") that a person accepted, ACCEPT, or nothing.
    """
    if accept and accept != ACCEPT and not accept.startswith(FINGERPRINT):
        raise DestinationRefused(
            "host_key", f"A host key is a fingerprint that begins with {FINGERPRINT}, or `{ACCEPT}`."
        )
    return accept if accept.startswith(FINGERPRINT) else destination.host_key


def connect(destination: Destination, accept: str = "") -> CheckResult:
    """Try a destination as it stands, stored or not. DestinationRefused where it fails or its key is not accepted."""
    wanted = wanted_host_key(destination, accept)
    result = _check(destination, wanted)
    if not result.ok and result.field == "host_key":
        raise DestinationRefused(
            "host_key", _differs(result.host_key, wanted), result.steps, host_key=result.host_key
        )
    if not result.ok:
        raise DestinationRefused(result.field, result.message, result.steps)
    if destination.the_kind.has_host_key and not wanted and accept != ACCEPT:
        raise DestinationRefused(
            "host_key",
            _is_new(result.host_key),
            result.steps,
            host_key=result.host_key,
        )
    return result


def check_now(destination: Destination) -> tuple[CheckResult, str]:
    """Try a stored destination and keep what came of it: (the steps, the host key a person has to accept)."""
    result = _check(destination, destination.host_key)
    is_new = result.host_key not in ("", destination.host_key)
    problem = result.message
    if is_new and destination.host_key:
        problem = _differs(result.host_key, destination.host_key)
    elif is_new and result.ok:
        problem = _is_new(result.host_key)
    destination.needs_attention = problem[:500]
    destination.checked_at = clock.now()
    destination.save(update_fields=["needs_attention", "checked_at"])
    return result, result.host_key if is_new else ""


def _check(destination: Destination, host_key: str) -> CheckResult:
    return destination.the_kind.check(destination.settings, destination.credential.fields, host_key)


def _differs(seen: str, wanted: str) -> str:
    return f"The server shows the host key {seen}, not the accepted {wanted}. Nobody logged in."


def _is_new(seen: str) -> str:
    return f"The server shows the host key {seen}, which nobody has accepted yet."
