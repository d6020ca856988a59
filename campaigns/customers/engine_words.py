"""What an engine says of a query that it cannot run, without data: for the person who wrote the query. Pure."""

from __future__ import annotations

import re

LONGEST = 200
# Of PostgreSQL's errors those about the query itself: syntax and names, values in it, what is not supported.
_ABOUT_THE_QUERY = ("42", "22", "0A")
_DUCKDB = (
    "Binder",
    "Catalog",
    "Parser",
    "Conversion",
    "NotImplemented",
    "InvalidInput",
    "InvalidType",
    "OutOfRange",
)
_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`""")
_PLACE = re.compile(r"\S*://\S+|(?<![\w\"'])(?:[A-Za-z]:)?[/\\][\w.\-]+[/\\]\S*")


def in_own_words(error: BaseException | None, written: str) -> str:
    """One sentence of the engine's own; empty where its error is not about the query.

    What stands in quotation marks stays only where the person wrote it, so that no value of a row is told.
    """
    text = _first_sentence(error)
    if not text:
        return ""
    text = _PLACE.sub("…", _QUOTED.sub(lambda found: _if_written(found[0], written), text))
    text = " ".join(text.split())[:LONGEST].rstrip(" .!:")
    return f"The customer database says: {text[:1].upper()}{text[1:]}."


def _first_sentence(error: BaseException | None) -> str:
    if error is None:
        return ""
    module, name = type(error).__module__.partition(".")[0], type(error).__name__
    if state := getattr(error, "sqlstate", None):
        told = getattr(getattr(error, "diag", None), "message_primary", "") or ""
        return told if state.startswith(_ABOUT_THE_QUERY) else ""
    if module in ("duckdb", "_duckdb"):
        about = name.removesuffix("Exception") in _DUCKDB
        return re.sub(r"^[\w ]+ Error: ", "", _first_line(error)) if about else ""
    if module in ("ibis", "builtins") or issubclass(type(error), OSError):
        return ""
    return _first_line(error)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


def _if_written(quoted: str, written: str) -> str:
    parts = quoted[1:-1].lower().split(".")
    is_written = all(part and part in written.lower() for part in parts)
    return quoted if is_written else f"{quoted[0]}…{quoted[0]}"
