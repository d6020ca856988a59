"""What is wrong with the URL of a customer database before anybody connects to it, by its cause. Pure."""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qsl, urlsplit

UNSEEN = "The URL has a character that cannot be seen. Type it anew."
HOST = (
    "The host of the URL cannot be read. "
    "Write a name such as db.example.com, or an address in brackets such as [::1]."
)
PORT = "The port of the URL is no number from 1 to 65535. Correct it, or leave it out."


def url_problem(url: str) -> str:
    """One sentence without any part of the URL; empty where nothing is wrong with how it is written."""
    if "\0" in url or "%00" in url:
        return UNSEEN
    if url.lower().startswith("files:"):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return HOST
    return "" if _has_port(parts) else PORT


def _has_port(parts: SplitResult) -> bool:
    """Whether what it says of a port is one; it need not say anything."""
    given = [value for name, value in parse_qsl(parts.query) if name == "port"]
    try:
        given += [] if parts.port is None else [str(parts.port)]
    except ValueError:
        return False
    return all(port.isascii() and port.isdigit() and 1 <= int(port) <= 65535 for port in given)
