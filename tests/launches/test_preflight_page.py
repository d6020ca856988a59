"""The delivery summary: what it tells before anything is sent, and what starts from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.launches.models import Launch, Preflight
from campaigns.launches.preflight import count, start_preflight
from campaigns.launches.summary import preflight_summary
from campaigns.planning.draft import draft_of, save
from config import clock
from destinations.models import Destination
from tests.launches.on_page import make_campaign, make_destination, make_launch


@pytest.fixture
def campaign(customer_database):
    return make_campaign(customer_database, make_destination(customer_database))


@pytest.fixture
def page(client_of, marketer):
    def get(campaign, person=marketer):
        """As people read it: where a name may wrap is not seen."""
        answer = client_of(person).get(f"/campaigns/{campaign.pk}/delivery-summary/")
        return answer.content.decode().replace("<wbr>", "")

    return get


def rename(campaign):
    save(replace(draft_of(campaign), name="Summer Sale"), campaign, None, None)
    campaign.refresh_from_db()


@pytest.fixture
def counted(page, campaign):
    """The page once a worker has counted; gives the pre-flight."""
    page(campaign)
    preflight = Preflight.objects.get()
    count(preflight.pk)
    preflight.refresh_from_db()
    assert preflight.state == "done", preflight.error
    return preflight


def test_the_numbers_add_up_before_anything_is_sent(page, counted, campaign):
    text = page(campaign)
    for words in (
        "Adds up",
        "counted",
        "SpringSale_GoldOffer_email",
        "acmeemail_subscriber_segment_",
        "_1.csv",
    ):
        assert words in text
    summary = preflight_summary(counted)
    assert f"Launch {len(summary.files)} file now" in text
    once = text.partition("Every customer once")[2].partition("</table>")[0]
    assert f'data-label="Attentive (email)">{summary.audience}</td>' in once
    assert "is-ok" in once
    assert summary.audience == 20


def test_no_cell_of_what_arrives_is_blank(page, counted, campaign):
    text = page(campaign)
    assert "Control, receives nothing" in text
    assert "<td></td>" not in text
    assert text.count("nothing to send") == 5


def test_rows_are_masked_for_everybody(page, counted, campaign, marketer):
    assert marketer.sees_personal_data
    text = page(campaign).partition("First masked rows")[2]
    assert "p···@example.com,SpringSale_GoldOffer_email" in text
    assert "person" not in text.partition("</table>")[0]


def test_the_head_comes_along_when_it_is_counted(client_of, viewer, counted, campaign):
    address = f"/campaigns/{campaign.pk}/delivery-summary/progress/"

    def progress(state):
        answer = client_of(viewer).get(f"{address}?state={state}", headers={"HX-Request": "true"})
        return answer.content.decode()

    assert "Adds up" in progress("building")
    assert "hx-swap-oob" in progress("building")
    assert "hx-get" not in progress("building")
    assert "hx-swap-oob" not in progress("done")


def test_an_old_count_says_so(page, counted, campaign, viewer):
    rename(campaign)
    assert "Something changed since this was counted." in page(campaign, viewer)


def test_an_old_count_is_not_launched_on(page, counted, campaign, client_of, marketer):
    Destination.objects.update(settings={**Destination.objects.get().settings, "client_domain": "other"})
    answer = client_of(marketer).get(f"/campaigns/{campaign.pk}/launch/")
    assert answer.url == f"/campaigns/{campaign.pk}/delivery-summary/"


def test_memberships_add_up_where_one_can_be_in_several(page, campaign):
    draft = draft_of(campaign)
    rest = draft.sub_audiences[0]

    def part(name):
        groups = tuple(replace(one, id=None, name=f"{one.name}{name}") for one in rest.groups)
        return replace(rest, id=None, name=name, segments=draft.include, groups=groups)

    parts = (part("First"), part("Second"))
    save(replace(draft, assign_to_first_match_only=False, sub_audiences=parts), campaign, None, None)
    page(campaign)
    count(Preflight.objects.get().pk)
    text = page(campaign)
    assert "Adds up" in text
    assert "Every membership once" in text
    assert "An audience of 20 customers" in text


def test_the_launch_is_asked_with_names_and_numbers(client_of, marketer, counted, campaign):
    text = client_of(marketer).get(f"/campaigns/{campaign.pk}/launch/").content.decode()
    rows = preflight_summary(counted).rows
    assert "SpringSale_GoldOffer_email" in text
    assert "Attentive (email)" in text
    assert f'<td class="num" data-label="Rows">{rows}</td>' in text
    assert "2 in control receive nothing." in text


def test_a_marketer_who_may_not_send_there_is_told_without_a_name(
    page, counted, campaign, client_of, marketer
):
    Destination.objects.update(operators_only=True)
    text = page(campaign)
    assert "You may not send to a destination of this campaign." in text
    answer = client_of(marketer).post(f"/campaigns/{campaign.pk}/launch/", {"form_token": uuid4()})
    assert "You may not send to a destination of this campaign." in answer.content.decode()
    assert not Launch.objects.exists()


def test_it_compares_with_the_launch_before(page, counted, campaign):
    assert "This will be the first launch of the campaign." in page(campaign)
    launch = make_launch(campaign)
    launch.built_at = counted.counted_at - timedelta(hours=1)
    launch.save()
    assert f"Launch {launch.pk}</a>" in page(campaign).partition("Compared with the previous launch")[2]


def test_a_count_is_not_compared_with_a_launch_that_ran_since(page, counted, campaign):
    launch = make_launch(campaign)
    launch.built_at = counted.counted_at + timedelta(minutes=1)
    launch.save()
    text = page(campaign)
    assert f"Launch {launch.pk} ran since this was counted." in text
    assert f"Count again to compare with launch {launch.pk}." in text


def test_more_destinations_cost_no_more_queries(client_of, viewer, customer_database):
    client = client_of(viewer)

    def queries(destinations, name):
        campaign = make_campaign(customer_database, *destinations, name=name)
        preflight = start_preflight(campaign, None)
        count(preflight.pk)
        address = f"/campaigns/{campaign.pk}/delivery-summary/"
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    made = [make_destination(customer_database, "email", name=f"Mail {number}") for number in range(4)]
    for one in made:
        one.account_key = one.name
        one.save()
    few = queries(made[:1], "Narrow Sale")
    # The column that feeds each destination is looked up, and the number of its next file.
    assert queries(made, "Wide Sale") <= few + 12


def test_opening_it_starts_one_count_and_says_what_that_waits_for(page, campaign):
    text = page(campaign)
    assert "Counting what will arrive" in text
    assert "every 1s" in text
    assert "Redis does not answer." in text
    page(campaign)
    assert Preflight.objects.count() == 1


def test_an_edited_campaign_is_counted_anew(page, campaign):
    page(campaign)
    rename(campaign)
    page(campaign)
    assert Preflight.objects.count() == 2


def test_viewers_look_without_starting_anything(page, viewer, campaign, client_of):
    text = page(campaign, viewer)
    assert "Not counted yet." in text
    assert "Send a test" not in text
    assert not Preflight.objects.exists()
    for address in ("delivery-summary", "launch", "test"):
        assert client_of(viewer).post(f"/campaigns/{campaign.pk}/{address}/").status_code == 403


def test_a_count_that_failed_says_why_and_is_not_tried_by_looking(page, campaign):
    page(campaign)
    Preflight.objects.update(state="failed", error="The customer database is gone.")
    assert "The customer database is gone." in page(campaign)
    assert Preflight.objects.count() == 1


def test_counting_again_counts_again(client_of, marketer, page, campaign):
    page(campaign)
    Preflight.objects.update(state="failed")
    client_of(marketer).post(f"/campaigns/{campaign.pk}/delivery-summary/")
    assert Preflight.objects.count() == 2


def test_what_is_wrong_with_the_campaign_stands_first(page, campaign):
    group = campaign.live_sub_audiences().get().treatment_groups.get(name="GoldOffer")
    group.percent = 50
    group.save()
    text = page(campaign)
    assert "The percentages sum to 60.00 %." in text
    assert "Cannot be launched yet" in text
    assert "Launch without these numbers" not in text


def test_unclear_names_are_warned_about_again(page, customer_database):
    campaign = make_campaign(customer_database, make_destination(customer_database), name="New campaign")
    text = page(campaign)
    assert "“New campaign” is a default name." in text
    assert "Newcampaign_GoldOffer_email" in text


def test_a_launch_under_way_is_in_the_way(page, campaign):
    launch = make_launch(campaign, "sending")
    text = page(campaign)
    assert f"Launch {launch.pk} of this campaign is under way." in text
    assert f"/campaigns/{campaign.pk}/launch/" not in text


def test_an_archived_campaign_is_neither_counted_nor_launched(page, campaign, client_of, marketer):
    campaign.archived_at = clock.now()
    campaign.save()
    assert "It cannot be launched" in page(campaign)
    assert not Preflight.objects.exists()
    text = client_of(marketer).post(f"/campaigns/{campaign.pk}/launch/", {"form_token": uuid4()}).content
    assert b"archived" in text
    assert not Launch.objects.exists()


def test_the_progress_alone_leads_to_the_page(client_of, viewer, campaign):
    answer = client_of(viewer).get(f"/campaigns/{campaign.pk}/delivery-summary/progress/")
    assert answer.url == f"/campaigns/{campaign.pk}/delivery-summary/"


def test_launching_asks_before_it_is_counted_too(client_of, marketer, campaign):
    text = client_of(marketer).get(f"/campaigns/{campaign.pk}/launch/").content.decode()
    assert "not counted yet" in text
    assert "form_token" in text
    assert not Launch.objects.exists()


def test_the_same_form_again_leads_to_the_launch_it_started(client_of, marketer, campaign):
    token = uuid4()
    launch = make_launch(campaign, "sending", form_token=token)
    answer = client_of(marketer).post(f"/campaigns/{campaign.pk}/launch/", {"form_token": token})
    assert answer.url == f"/launches/{launch.pk}/"


def test_numbers_that_are_no_longer_right_are_shown_again_before_a_launch(
    client_of, marketer, page, campaign
):
    page(campaign)
    shown = Preflight.objects.get().pk
    rename(campaign)
    page(campaign)
    answer = client_of(marketer).post(
        f"/campaigns/{campaign.pk}/launch/", {"form_token": uuid4(), "preflight": shown}, follow=True
    )
    assert "Something changed since you looked." in answer.content.decode()
    assert not Launch.objects.exists()


def test_a_test_needs_a_number_and_keeps_what_was_typed(client_of, marketer, campaign):
    for size, sentence in (("many", "as a whole number"), ("0", "Enter 1 or more."), ("5000", "Enter less.")):
        answer = client_of(marketer).post(
            f"/campaigns/{campaign.pk}/test/", {"size": size, "to": "file", "form_token": uuid4()}
        )
        text = answer.content.decode()
        assert sentence in text
        assert f'value="{size}"' in text
    assert not Launch.objects.exists()
