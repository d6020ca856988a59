"""Campaign tests have a history of their own, apart from launches."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.launches.compare import newest_built
from campaigns.launches.freeze import freeze
from campaigns.launches.here import finish_here
from campaigns.launches.jobs import nobody_woken
from campaigns.launches.left_behind import left_behind
from campaigns.launches.models import Launch
from campaigns.launches.start import test_campaign
from campaigns.planning.lists import row_of
from tests.launches.on_page import make_campaign, make_destination, make_launch


def history(client, campaign) -> str:
    """The card below the form."""
    text: str = client.get(f"/campaigns/{campaign.pk}/test/").content.decode()
    return text.partition("Earlier tests")[2].partition("</section>")[0]


@pytest.fixture
def plain(customer_database):
    return make_campaign(customer_database, make_destination(customer_database), name="Plain")


def test_a_campaign_without_tests_says_so(plain, client_of, marketer):
    assert "This campaign was not tested yet." in history(client_of(marketer), plain)


def test_its_tests_stand_there_the_newest_first_and_no_launch(plain, client_of, marketer):
    filed = make_launch(plain, purpose="test", test_size=5, started_by=marketer)
    sent = make_launch(plain, "failed", purpose="test", test_size=1200, test_to_destination=True)
    launch = make_launch(plain)
    text = history(client_of(marketer), plain)
    assert text.index(f"Test {sent.pk}") < text.index(f"Test {filed.pk}")
    for words in ("files kept here", "destinations, as …_TEST", "Mara", "Failed", ">1,200<"):
        assert words in text
    assert f"/launches/{launch.pk}/" not in text
    assert f"?campaign={plain.pk}&amp;purpose=test" in text


def test_only_the_latest_are_shown_and_more_cost_no_more_queries(plain, client_of, marketer):
    mara = client_of(marketer)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            history(mara, plain)
        return len(captured)

    oldest = make_launch(plain, purpose="test", test_size=5)
    few = queries()
    for _ in range(10):
        make_launch(plain, purpose="test", test_size=5)
    assert queries() == few
    assert f"/launches/{oldest.pk}/" not in history(mara, plain)


def test_a_test_changes_nothing_of_the_history_of_launches(campaign, launched, uploads):
    launch = launched()
    before, row, stays = freeze(campaign), row_of(campaign), left_behind(campaign)
    for to_destination in (True, False):
        with nobody_woken():
            test = test_campaign(campaign, None, 3, to_destination=to_destination)
        finish_here(test)
        test.refresh_from_db()
        assert (test.state, test.history_path, test.people_sha256) == ("delivered", "", {})
    assert replace(freeze(campaign), now=before.now) == before
    assert newest_built(campaign) == launch
    after = row_of(campaign)
    assert (after.launches, after.last_launch, after.status) == (row.launches, row.last_launch, row.status)
    assert left_behind(campaign) == stays
    assert launched().counts["entered"] == 0
    assert Launch.objects.filter(purpose="test").count() == 2
