"""A kind's README, as its form shows it."""

from __future__ import annotations

import inspect
from functools import cache
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe

from destinations.kind import Kind


@cache
def readme(kind: Kind) -> SafeString:
    """README.md beside the kind's code, as HTML; our own text."""
    import markdown

    return mark_safe(markdown.markdown(_text(kind)))  # noqa: S308


def about(kind: Kind) -> str:
    """What the README says first: one sentence on what the kind does."""
    return " ".join(_text(kind).partition("\n\n")[0].split())


def _text(kind: Kind) -> str:
    return Path(inspect.getfile(type(kind))).with_name("README.md").read_text(encoding="utf-8")
