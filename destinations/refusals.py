"""Why nothing was stored, as a value that a page or a command shows."""

from __future__ import annotations

from collections.abc import Sequence

from destinations.kind import CheckStep


class DestinationRefused(Exception):
    """A credential or destination that was not stored. `message` is a sentence that says what to do.

    `field` names the key it belongs to: one of the form's, one of the kind's, or "host_key"; empty where it is about
    the whole. `steps` tell the connection check as far as it went. `host_key` is the fingerprint that the server
    shows, where accepting it is what is missing.
    """

    def __init__(
        self, field: str, message: str, steps: Sequence[CheckStep] = (), *, host_key: str = ""
    ) -> None:
        super().__init__(message)
        self.field = field
        self.message = message
        self.steps = tuple(steps)
        self.host_key = host_key


class EditedMeanwhile(DestinationRefused):
    """Somebody else stored it while this person edited it."""

    def __init__(self, message: str) -> None:
        super().__init__("", message)
