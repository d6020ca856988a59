"""What every view may take for granted, and what a form says about itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpRequest, QueryDict

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from config.accounts.models import User


class Request(HttpRequest):
    """Of somebody who is signed in."""

    user: User
    htmx: HtmxDetails


def asked(request: HttpRequest, name: str) -> str:
    """A word of the address, such as what is searched for; PostgreSQL takes no NUL."""
    return request.GET.get(name, "").replace("\0", "").strip()[:100]


def number(text: str | None) -> int | None:
    """A positive number that a database can hold, else None."""
    return int(text) if text and re.fullmatch(r"\d{1,18}", text, re.ASCII) else None


def form_token(post: QueryDict, name: str = "form_token") -> UUID | None:
    """Made with the empty form, so that one posted twice makes one thing."""
    try:
        return UUID(post.get(name, ""))
    except ValueError:
        return None
