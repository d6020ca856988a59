"""The page of a launch: what it tells while the launch runs and afterwards, and what a person can do there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.launches.freeze import freeze
from campaigns.launches.models import Launch, LaunchFile
from config import clock
from tests.launches.on_page import (
    counts_of,
    make_attempt,
    make_campaign,
    make_destination,
    make_launch,
)


@pytest.fixture
def campaign(customer_database):
    return make_campaign(customer_database, make_destination(customer_database))


@pytest.fixture
def page(client_of, marketer):
    def get(launch, person=marketer, **more):
        return client_of(person).get(f"/launches/{launch.pk}/", **more).content.decode()

    return get


@pytest.fixture
def progress(client_of, viewer):
    def get(launch, state=""):
        address = f"/launches/{launch.pk}/progress/?state={state}"
        return client_of(viewer).get(address, headers={"HX-Request": "true"}).content.decode()

    return get


def test_how_long_ago_it_was_started_follows_too(page, progress, campaign):
    launch = make_launch(campaign)
    assert 'hx-swap-oob="innerHTML:#launch-started"' in progress(launch, state=launch.state)
    assert "hx-swap-oob" not in page(launch)


def test_a_delivered_launch_tells_what_arrived(page, campaign):
    launch = make_launch(campaign, file__confirmation="same size there")
    text = page(launch)
    file = LaunchFile.objects.get()
    for words in (
        file.name,
        file.sha256,
        "SpringSale_GoldOffer_email",
        "same size there",
        "44.0 kB",
        "1,000",
    ):
        assert words in text
    assert "Attentive processes segment files once a day." in text
    assert "every 1s" not in text
    assert "Cancel launch" not in text


def test_the_numbers_add_up_on_the_page(page, campaign):
    text = page(make_launch(campaign))
    assert "From considered to sent" in text
    assert "Excluded by Unsubscribed" in text
    once = text.partition("Every customer once")[2].partition("</table>")[0]
    for number in ("1,000", "120", "50", "20", "7", "3", "1,200"):
        assert f">{number}<" in once
    assert "is-ok" in once


def test_numbers_that_do_not_add_up_are_not_called_right(page, campaign):
    counts = counts_of(freeze(campaign), audience=1201, considered=1501)
    once = (
        page(make_launch(campaign, counts=counts))
        .partition("Every customer once")[2]
        .partition("</table>")[0]
    )
    assert "is-bad" in once


def test_it_follows_by_itself_until_it_has_ended(page, progress, campaign):
    launch = make_launch(campaign, "sending", file__sent_bytes=11_000, file__stage="upload")
    make_attempt(LaunchFile.objects.get(), 1, started_at=clock.now() - timedelta(seconds=10))
    text = page(launch)
    assert f"/launches/{launch.pk}/progress/?state=sending" in text
    assert "25 %" in text
    assert "250 of 1,000 rows" in text
    assert "left</span>" in text
    LaunchFile.objects.update(state="delivered")
    Launch.objects.update(state="delivered")
    text = progress(launch, "sending")
    assert "hx-get" not in text
    assert "innerHTML:#launch-actions" in text
    assert "launch-actions" not in progress(launch, "delivered")


def test_the_progress_alone_leads_to_the_page(client_of, viewer, campaign):
    launch = make_launch(campaign)
    assert client_of(viewer).get(f"/launches/{launch.pk}/progress/").url == f"/launches/{launch.pk}/"


def test_it_says_that_redis_is_down_and_the_launch_stored(page, campaign):
    launch = Launch.objects.create(campaign=campaign, frozen=freeze(campaign).to_json())
    text = page(launch)
    assert "Redis does not answer." in text
    assert "stored and starts by itself when Redis is back" in text
    assert "Redis does not answer." not in page(make_launch(campaign))


def test_while_it_is_built_it_tells_the_stage(page, campaign):
    launch = Launch.objects.create(
        campaign=campaign, frozen=freeze(campaign).to_json(), state="building", stage="Assigning groups"
    )
    assert "Assigning groups." in page(launch)


def test_every_attempt_stands_there_with_its_error(page, campaign):
    launch = make_launch(campaign, "sending", "retrying", file__error="The server was busy.")
    file = LaunchFile.objects.get()
    for number in range(1, 6):
        make_attempt(file, number, f"The server was busy, time {number}.", ended_at=clock.now())
    text = page(launch)
    for number in range(1, 6):
        assert f"time {number}." in text
    assert "2 earlier attempts" in text


def test_names_are_escaped(page, campaign):
    make_launch(campaign, "failed", error="<script>alert(1)</script>")
    text = page(Launch.objects.get())
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_failed_launch_says_why(page, campaign):
    launch = Launch.objects.create(
        campaign=campaign, frozen=freeze(campaign).to_json(), state="failed", error="The folder is gone."
    )
    assert "The folder is gone." in page(launch)
    assert "Nothing was sent." in page(launch)


def test_nothing_to_send_is_no_error(page, campaign):
    counts = counts_of(freeze(campaign), considered=0, excluded=(), audience=0, deliveries=(), groups=())
    launch = Launch.objects.create(
        campaign=campaign, frozen=freeze(campaign).to_json(), state="nothing_to_send"
    )
    assert "There was nothing to send." in page(launch)
    assert "This is no error." in page(launch)
    assert counts.audience == 0


def test_a_test_says_that_it_is_one(page, campaign):
    sent = page(make_launch(campaign, purpose="test", test_size=10, test_to_destination=True))
    assert "This is a test." in sent
    assert "_TEST" in sent
    filed = page(make_launch(campaign, purpose="test", test_size=10))
    assert "nothing is sent" in filed


def test_an_unknown_file_has_two_buttons_that_ask(page, campaign, client_of, marketer):
    launch = make_launch(campaign, "needs_you", "unknown")
    file = LaunchFile.objects.get()
    text = page(launch)
    for verb, question in (("arrived", "Did "), ("send-again", "Send ")):
        assert f"/files/{file.pk}/{verb}/" in text
        asked = client_of(marketer).get(f"/files/{file.pk}/{verb}/").content.decode()
        assert f"{question}{file.name}" in asked
        assert "1,000 rows" in asked
    file.refresh_from_db()
    assert file.state == "unknown"


def test_cancelling_asks_once_and_says_what_is_lost(client_of, marketer, campaign):
    launch = make_launch(campaign, "sending")
    text = client_of(marketer).get(f"/launches/{launch.pk}/cancel/").content.decode()
    assert "Cancel launch" in text
    assert "cancelling takes nothing back" in text
    launch.refresh_from_db()
    assert launch.cancel_requested_at is None


def test_viewers_read_and_decide_nothing(page, viewer, client_of, campaign):
    launch = make_launch(campaign, "needs_you", "unknown")
    text = page(launch, viewer)
    file = LaunchFile.objects.get()
    looking = client_of(viewer)
    for address in (
        f"/launches/{launch.pk}/cancel/",
        f"/files/{file.pk}/retry/",
        f"/files/{file.pk}/arrived/",
        f"/files/{file.pk}/send-again/",
    ):
        assert address not in text
        assert looking.post(address).status_code == 403


def test_who_may_not_send_there_decides_nothing_of_its_files(client_of, marketer, campaign):
    make_launch(campaign, "needs_you", "unknown")
    file = LaunchFile.objects.get()
    file.destination.operators_only = True
    file.destination.save()
    assert client_of(marketer).post(f"/files/{file.pk}/send-again/").status_code == 404


def test_it_compares_with_the_launch_before(page, campaign):
    first = make_launch(campaign)
    assert "This was the first launch" in page(first)
    counts = counts_of(freeze(campaign), considered=1600, excluded=((freeze(campaign).exclude[0], 400),))
    text = page(make_launch(campaign, counts=counts)).partition("Compared with the previous launch")[2]
    assert f"Launch {first.pk}" in text
    assert ">30<" in text
    assert ">12<" in text


def test_the_configuration_is_the_frozen_one(client_of, viewer, campaign):
    launch = make_launch(campaign)
    campaign.name = "Renamed since"
    campaign.save()
    text = client_of(viewer).get(f"/launches/{launch.pk}/configuration/").content.decode()
    for words in (
        "Spring Sale</h2>",
        "GoldOffer",
        "90.00 %",
        "SpringSale_GoldOffer_email",
        "Chicago regulars",
    ):
        assert words in text
    assert "passphrase" not in text
    assert "&quot;salt" not in text


def test_more_deliveries_cost_no_more_queries(client_of, viewer, campaign, customer_database):
    destinations = [
        make_destination(customer_database, "email", name=f"Mail {number}") for number in range(4)
    ]
    for one in destinations:
        one.account_key = one.name
        one.save()
    wide = make_campaign(customer_database, *destinations, name="Wide Sale")
    client = client_of(viewer)

    def queries(launch):
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/launches/{launch.pk}/")
        return len(captured)

    few, many = make_launch(campaign, "sending"), make_launch(wide, "sending")
    queries(few)
    assert queries(many) == queries(few)
    LaunchFile.objects.update(state="retrying")
    assert queries(many) == queries(few)


def test_the_configuration_tells_a_viewer_no_login_and_nobodys_address(client_of, viewer, operator, campaign):
    launch = make_launch(campaign)
    launch.frozen["destinations"][0]["account_key"] = "sftp:acme@sftp.example.com:22"
    rule = {"attribute": "merged_customers.email", "is": "jordan.secret@example.com"}
    launch.frozen["segments"][0]["rules"] = {"version": 1, "rules": {"all": [rule]}}
    launch.save()
    address = f"/launches/{launch.pk}/configuration/"
    viewer.sees_personal_data = False
    viewer.save()
    text = client_of(viewer).get(address).content.decode()
    assert "acme@sftp" not in text
    assert "jordan" not in text
    assert "j···@example.com" in text
    text = client_of(operator).get(address).content.decode()
    assert "sftp:acme@sftp.example.com:22" in text
    assert "jordan.secret@example.com" in text


def test_the_configuration_tells_nobodys_address_in_a_query(client_of, viewer, operator, campaign):
    launch = make_launch(campaign)
    query = {"sql": "SELECT customer_id FROM merged_customers WHERE email = 'jordan.secret@example.com'"}
    launch.frozen["segments"][0]["rules"] = {"version": 2, "rules": {"all": [query]}}
    launch.save()
    viewer.sees_personal_data = False
    viewer.save()
    address = f"/launches/{launch.pk}/configuration/"
    assert "jordan" not in client_of(viewer).get(address).content.decode()
    assert "jordan.secret@example.com" in client_of(operator).get(address).content.decode()


def test_the_configuration_hides_destinations_one_may_not_know_of(client_of, marketer, operator, campaign):
    launch = make_launch(campaign)
    hidden = launch.deliveries.first().destination
    hidden.operators_only = True
    hidden.save()
    address = f"/launches/{launch.pk}/configuration/"
    assert hidden.name not in client_of(marketer).get(address).content.decode()
    assert hidden.name in client_of(operator).get(address).content.decode()
