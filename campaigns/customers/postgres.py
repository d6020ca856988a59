"""What PostgreSQL needs beside Ibis: a connection that ends, which options a URL may have, how a query is stopped."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from socket import SHUT_RDWR, socket
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote_plus

from django.conf import settings

from campaigns.customers.watching import watched

logger = logging.getLogger(__name__)

CANCEL_SECONDS = 2.0
READ_ONLY = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
# What a host that is gone from the network is noticed by, also while it is waited for in silence: after 60 seconds.
KEPT_ALIVE = {
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
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


def connect(url: SplitResult) -> Any:
    """An Ibis backend of the server that the URL names; whatever psycopg raises.

    Ibis would ask its first question where nobody can interrupt it, of a server that may be frozen, or frozen behind a
    pooler that lets people in.
    """
    import ibis
    import psycopg

    given = _given(url)
    schema = given.pop("schema", "")
    driver = psycopg.connect(**{**KEPT_ALIVE, "connect_timeout": int(settings.CONNECT_SECONDS), **given})
    try:
        with watched(lambda: cancel(driver), settings.CONNECT_SECONDS):
            driver.autocommit = True
            if schema:
                driver.execute("SELECT set_config('search_path', %s, false)", (schema,))
            return ibis.postgres.from_connection(driver)
    except BaseException:
        driver.close()
        raise


def _given(url: SplitResult) -> dict[str, Any]:
    """The parts of a URL and its options, as Ibis reads them."""
    database, _, schema = url.path[1:].partition("/")
    parts = {
        "user": url.username,
        "password": unquote_plus(url.password or ""),
        "host": url.hostname,
        "port": url.port or 5432,
        "dbname": database,
        "schema": schema,
    }
    options = dict(parse_qsl(url.query))
    if "database" in options:
        options["dbname"] = options.pop("database")
    return {name: value for name, value in {**parts, **options}.items() if value}


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
