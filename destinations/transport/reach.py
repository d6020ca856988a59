"""Which hosts Muster may connect to: those that ALLOWED_DESTINATION_HOSTS names, and no others."""

from __future__ import annotations

from django.conf import settings


def host_problem(host: str) -> str:
    """Why this host may not be connected to, as a sentence; empty where the setting names it, in any spelling."""
    allowed = {name.strip("[]").lower().rstrip(".") for name in settings.ALLOWED_DESTINATION_HOSTS}
    if host.strip("[]").lower().rstrip(".") in allowed:
        return ""
    return (
        f"The host {host[:100]} is not among ALLOWED_DESTINATION_HOSTS. Correct the host, or have it added "
        "to that setting."
    )
