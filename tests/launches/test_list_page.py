"""The list of launches."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.launches import views
from campaigns.launches.models import Launch
from tests.launches.on_page import make_campaign, make_destination, make_launch


@pytest.fixture
def campaign(customer_database):
    return make_campaign(customer_database, make_destination(customer_database))


@pytest.fixture
def page(client_of, viewer):
    return lambda query="": client_of(viewer).get(f"/launches/{query}").content.decode()


def table(text):
    return text.partition("<tbody>")[2].partition("</tbody>")[0]


def test_an_empty_list_teaches(page, db):
    assert "Nothing was launched yet" in page()


def test_it_shows_the_newest_first_with_what_arrived(page, campaign):
    old, new = make_launch(campaign), make_launch(campaign, "failed", purpose="test")
    text = table(page())
    assert text.index(f"Test {new.pk}") < text.index(f"Launch {old.pk}")
    assert "1,200" in text
    assert "1,000" in text
    assert "1 of 1" in text
    assert "0 of 1" in text


def test_it_finds_by_campaign_state_and_purpose(page, campaign, customer_database):
    winter = make_campaign(customer_database, name="Winter Sale")
    make_launch(campaign)
    make_launch(winter, "cancelled", purpose="test")
    for query in ("?q=winter", "?state=cancelled", "?purpose=test", f"?campaign={winter.pk}"):
        assert "Winter Sale" in table(page(query)), query
        assert "Spring Sale" not in table(page(query)), query
    assert "No such launch" in page("?q=<b>")
    assert "Spring Sale" in table(page("?state=nonsense&purpose=nonsense&campaign=nonsense"))


def test_it_goes_on_a_page_later_with_what_was_chosen(page, campaign, monkeypatch):
    monkeypatch.setattr(views, "PER_PAGE", 1)
    launches = [make_launch(campaign) for _ in range(2)]
    assert f"Launch {launches[1].pk}" in table(page("?q=spring"))
    assert "?q=spring&amp;page=2" in page("?q=spring")
    assert f"Launch {launches[0].pk}" in table(page("?q=spring&page=2"))


def test_more_launches_cost_no_more_queries(client_of, viewer, campaign):
    client = client_of(viewer)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get("/launches/")
        return len(captured)

    make_launch(campaign)
    queries()
    few = queries()
    for _ in range(5):
        make_launch(campaign)
    assert queries() == few
    assert Launch.objects.count() == 6


def test_the_campaign_leads_to_its_launches(client_of, viewer, marketer, campaign):
    make_launch(campaign)
    for person in (viewer, marketer):
        text = client_of(person).get(f"/campaigns/{campaign.pk}/").content.decode()
        assert f"/launches/?campaign={campaign.pk}" in text
