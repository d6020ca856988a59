"""The side bar: where a person can go, and which of it is the present page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from config.accounts.models import User


@dataclass(frozen=True)
class Link:
    label: str
    icon: str
    url: str
    is_current: bool
    count: str = ""


@dataclass(frozen=True)
class LinkGroup:
    title: str
    links: list[Link]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """`navigation`: the groups of links this person may follow; nothing for who is not signed in."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    groups = [LinkGroup("", [_link(request, "Home", "house", "home")])]
    if user.may_administer:
        groups.append(LinkGroup("Administration", [_link(request, "People", "users", "people")]))
    return {"navigation": groups}


def _link(request: HttpRequest, label: str, icon: str, name: str) -> Link:
    url = reverse(name)
    here = request.path == url if url == "/" else request.path.startswith(url)
    return Link(label, icon, url, here)
