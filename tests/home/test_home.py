from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from config.accounts.models import User
from destinations.models import Credential, Destination

ClientOf = Callable[[User], Client]


def test_home_says_that_redis_does_not_answer(viewer: User, client_of: ClientOf) -> None:
    page = client_of(viewer).get(reverse("home")).content.decode()
    assert "Redis does not answer" in page
    assert "starts by itself when Redis is back" in page


def test_home_shows_what_a_destination_waits_for(viewer: User, client_of: ClientOf) -> None:
    credential = Credential.objects.create(kind="attentive_segments", name="Login")
    Destination.objects.create(
        kind="attentive_segments",
        name="Outlet <b>",
        credential=credential,
        needs_attention="The host key has changed.",
    )
    page = client_of(viewer).get(reverse("home")).content.decode()
    assert "The host key has changed." in page
    assert "Outlet &lt;b&gt;" in page


def test_pages_carry_a_policy_that_allows_no_inline_code(viewer: User, client_of: ClientOf) -> None:
    policy = client_of(viewer).get(reverse("home"))["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "default-src 'self'" in policy


def test_only_administrators_are_shown_the_way_to_people(
    viewer: User, administrator: User, client_of: ClientOf
) -> None:
    assert "People</a>" not in client_of(viewer).get("/").content.decode()
    assert "People</a>" in client_of(administrator).get("/").content.decode()
