"""What PostgreSQL needs beside Ibis: which options a URL may have, and how a query is stopped."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from socket import SHUT_RDWR, socket
from typing import Any
from urllib.parse import parse_qsl

logger = logging.getLogger(__name__)

CANCEL_SECONDS = 2.0
# Others name files of this machine, whose content would go to whatever server the URL names, or settings.
OPTIONS = frozenset(
    [
        *("application_name", "channel_binding", "connect_timeout", "database", "host", "password", "port"),
        *("schema", "sslmode", "user"),
    ]
)


def option_problem(query: str) -> str:
    """What stands against the options behind the question mark of a URL, as a sentence; empty where nothing does."""
    for name, _ in parse_qsl(query, keep_blank_values=True):
        if name not in OPTIONS:
            listed = ", ".join(sorted(OPTIONS))
            return f"“{name[:50]}” may not stand in the URL of a customer database. Remove it; {listed} may."
    return ""


def cancel(driver: Any) -> None:
    """Ask the server to stop the query under way; hang up on one that does not even answer to that.

    psycopg's plain `cancel` waits for the answer without end, and lets no other thread of the process run meanwhile.
    """
    try:
        driver.cancel_safe(timeout=CANCEL_SECONDS)
    except Exception:  # noqa: BLE001 — of whatever kind, nobody is there to be told
        logger.info("The customer database does not answer; the connection is closed.")
        with suppress(Exception), socket(fileno=os.dup(driver.fileno())) as line:
            line.shutdown(SHUT_RDWR)
