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

    path = Path(inspect.getfile(type(kind))).with_name("README.md")
    return mark_safe(markdown.markdown(path.read_text(encoding="utf-8")))  # noqa: S308
