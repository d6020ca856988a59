"""Which hosts Muster may connect to: those that ALLOWED_DESTINATION_HOSTS names, and no others."""

from __future__ import annotations

from django.conf import settings

from destinations.kind import DeliveryError


class NotAllowed(DeliveryError):
    """The host is not among those that may be reached; permanent until the setting names it."""


def check_host(host: str) -> None:
    """NotAllowed where the setting does not name the host, in any spelling of it."""
    allowed = {name.strip("[]").lower().rstrip(".") for name in settings.ALLOWED_DESTINATION_HOSTS}
    if host.strip("[]").lower().rstrip(".") not in allowed:
        raise NotAllowed(
            f"The host {host[:100]} is not among ALLOWED_DESTINATION_HOSTS. Correct the host, or have it added "
            "to that setting.",
            permanent=True,
        )
