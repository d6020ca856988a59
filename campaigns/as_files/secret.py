"""A secret in exported data: told apart from other values, compared, and never shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Secret:
    """`proposal`: the environment variable that an exported file names for it."""

    value: str = field(repr=False)
    proposal: str = field(compare=False)

    def __str__(self) -> str:
        return "(secret)"


def proposed_name(*words: str) -> str:
    """The name of an environment variable: ATTENTIVE_LOGIN_PASSPHRASE."""
    joined = re.sub(r"[^A-Z0-9]+", "_", "_".join(words).upper()).strip("_")
    return joined if joined and not joined[0].isdigit() else f"MUSTER_{joined}".rstrip("_")
