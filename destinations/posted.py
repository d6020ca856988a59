"""What a form says about itself rather than about the thing that it edits."""

from __future__ import annotations

from django.http import QueryDict


def version(post: QueryDict) -> int:
    """What was stored when the form was opened; 0, older than anything, where the form does not say."""
    text = post.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def version_to_post(post: QueryDict, stored: int, *, told: bool) -> int:
    """What the form carries next: who was told of a newer version and saves again replaces it knowingly."""
    return version(post) if post and not told else stored
