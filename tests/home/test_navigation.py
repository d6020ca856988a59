"""The side bar: each person sees where they can go."""

import pytest
from django.urls import reverse


@pytest.fixture
def side_bar(client_of):
    return lambda person: client_of(person).get("/").content.decode().split("</nav>")[0]


def test_only_administrators_are_shown_the_way_to_people(side_bar, viewer, administrator):
    assert "People</a>" not in side_bar(viewer)
    assert "People</a>" in side_bar(administrator)


def test_only_operators_are_shown_credentials(side_bar, marketer, operator):
    assert "Credentials</a>" not in side_bar(marketer)
    assert "Credentials</a>" in side_bar(operator)


def test_the_sandbox_is_shown_where_there_is_one(side_bar, viewer, settings):
    assert "Sandbox</a>" in side_bar(viewer)
    settings.SANDBOX = False
    assert "Sandbox</a>" not in side_bar(viewer)


def test_it_counts_campaigns_and_what_runs(side_bar, viewer, launched):
    assert "running" not in side_bar(viewer)
    launched(state="sending")
    assert 'Campaigns<span class="nav-count">1</span>' in side_bar(viewer)
    assert "1 running" in side_bar(viewer)


def test_it_marks_where_one_is(client_of, administrator):
    text = client_of(administrator).get(reverse("person_new")).content.decode()
    assert f'href="{reverse("people")}" aria-current="page"' in text
    assert 'href="/" aria-current' not in text
