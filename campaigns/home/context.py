"""The side bar: where a person can go, and which of it is the present page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from campaigns.launches.models import LAUNCH_UNFINISHED, Launch
from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
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
    """`navigation`: the groups of links this person may follow; nothing for who is not signed in.

    Worked out when a template asks for it, so that fragments, which draw no side bar, cost no query.
    """
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    return {"navigation": partial(_groups, request, user)}


def _groups(request: HttpRequest, user: User) -> list[LinkGroup]:
    work = [
        _link(request, "Home", "house", "home"),
        _link(request, "Campaigns", "megaphone", "campaign_list", _campaigns),
        _link(request, "Segments", "list-filter", "segment_list", _segments),
        _link(request, "Launches", "send", "launch_list", _running),
        _link(request, "Calendar", "calendar-days", "calendar"),
    ]
    connections = [_link(request, "Destinations", "server", "destination_list")]
    if user.may_operate:
        connections.append(_link(request, "Credentials", "key-round", "credential_list"))
    connections.append(_link(request, "Customer databases", "database", "customer_database_list"))
    if settings.SANDBOX:
        connections.append(_link(request, "Sandbox", "flask-conical", "sandbox_segments"))
    people = [_link(request, "People", "users", "people")] if user.may_administer else []
    groups = {"": work, "Connections": connections, "Administration": people}
    return [LinkGroup(title, links) for title, links in groups.items() if links]


def _link(
    request: HttpRequest, label: str, icon: str, name: str, count: Callable[[], str] = lambda: ""
) -> Link:
    url = reverse(name)
    here = request.path == url if url == "/" else request.path.startswith(url)
    return Link(label, icon, url, here, count())


def _campaigns() -> str:
    return _counted(Campaign.objects.active().count())


def _segments() -> str:
    return _counted(Segment.objects.active().count())


def _running() -> str:
    return _counted(Launch.objects.filter(state__in=LAUNCH_UNFINISHED).count(), " running")


def _counted(count: int, word: str = "") -> str:
    return f"{count:,}{word}" if count else ""
