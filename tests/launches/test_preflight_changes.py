"""What the delivery summary makes of the launch before, and when it counts anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.launches.compare import Comparison
from campaigns.launches.freeze import freeze
from campaigns.launches.models import Launch, Preflight
from campaigns.launches.preflight import count
from campaigns.launches.summary import summary_of
from campaigns.planning.copying import copy
from campaigns.planning.draft import draft_of, save
from campaigns.planning.models import Campaign
from campaigns.planning.warning import warn_past
from campaigns.segments.models import Segment
from campaigns.segments.rules import dump, parse
from config import clock
from destinations.models import Destination
from tests.launches.on_page import counts_of, make_campaign, make_destination, make_launch


@pytest.fixture
def campaign(customer_database):
    return make_campaign(customer_database, make_destination(customer_database))


@pytest.fixture
def page(client_of, marketer):
    def get(campaign, person=marketer):
        return client_of(person).get(f"/campaigns/{campaign.pk}/delivery-summary/").content.decode()

    return get


def counted(page, campaign) -> Preflight:
    """What a marketer who opens the page sees once a worker has counted."""
    page(campaign)
    preflight = Preflight.objects.order_by("-pk").first()
    assert preflight is not None
    count(preflight.pk)
    preflight.refresh_from_db()
    assert preflight.state == "done", preflight.error
    return preflight


# Warnings ---------------------------------------------------------------------------------------------------


def compared(campaign, percent: int = 25, **now: int) -> tuple[str, ...]:
    """Against a launch to an audience of 1,200."""
    frozen = freeze(campaign)
    groups = {name: now.pop(name) for name in ("changed_sub_audience", "moved_by_edit") if name in now}
    counts = counts_of(frozen, **({"audience": 1200, "entered": 0, "left": 0} | now))
    counts = replace(counts, groups=(replace(counts.groups[0], **groups), *counts.groups[1:]))
    previous = make_launch(campaign)
    told = Comparison.of(summary_of(frozen, counts, []), previous).warnings(percent)
    return tuple(text.replace(f"launch {previous.pk}", "launch N") for text in told)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({"audience": 1500, "entered": 300}, ()),
        (
            {"audience": 1501, "entered": 301},
            ("The audience is 1,501, 25.1 % more than the 1,200 of launch N.",),
        ),
        ({"audience": 900, "left": 300}, ()),
        ({"audience": 899, "left": 301}, ("The audience is 899, 25.1 % less than the 1,200 of launch N.",)),
        ({"audience": 0, "left": 1200}, ("The audience is 0, 100.0 % less than the 1,200 of launch N.",)),
        (
            {"entered": 301, "left": 301},
            (
                "301 customers entered, 25.1 % of the 1,200 in the audience of launch N.",
                "301 customers left, 25.1 % of the 1,200 in the audience of launch N.",
            ),
        ),
        (
            {"changed_sub_audience": 600},
            ("600 customers changed sub-audience, 50.0 % of the 1,200 in the audience of launch N.",),
        ),
        (
            {"moved_by_edit": 480},
            (
                "480 customers would be moved to another treatment group by an edit, 40.0 % of the 1,200 in the"
                " audience of launch N.",
            ),
        ),
    ],
)
def test_it_warns_past_a_quarter_where_nobody_chose(campaign, now, told):
    assert campaign.warn_past_change == 25
    assert compared(campaign, **now) == told


def test_it_warns_past_what_was_chosen(campaign):
    assert compared(campaign, 50, audience=1501, entered=301) == ()
    assert len(compared(campaign, 1, audience=1213, entered=13)) == 1


def test_after_an_empty_launch_everybody_is_more(campaign):
    frozen = freeze(campaign)
    previous = make_launch(campaign, counts=counts_of(frozen, audience=0))
    assert Comparison.of(summary_of(frozen, counts_of(frozen), []), previous).warnings(25)[0] == (
        f"The audience is 1,200, 100 % more than the 0 of launch {previous.pk}."
    )


def test_the_page_and_the_question_before_a_launch_warn(page, campaign, client_of, marketer):
    previous = make_launch(campaign)
    counted(page, campaign)
    Launch.objects.filter(pk=previous.pk).update(built_at=clock.now() - timedelta(days=1))
    words = f"The audience is 20, 98.3 % less than the 1,200 of launch {previous.pk}."
    text = page(campaign)
    assert words in text
    assert "past which this campaign warns" in text
    assert '−1,180 <span class="d-block small muted">−98.3 %</span>' in text
    assert words in client_of(marketer).get(f"/campaigns/{campaign.pk}/launch/").content.decode()


def test_a_first_launch_warns_of_nothing(page, campaign):
    counted(page, campaign)
    assert "past which this campaign warns" not in page(campaign)


def test_who_chooses_another_number_need_not_count_again(page, campaign, client_of, marketer):
    previous = make_launch(campaign)
    counted(page, campaign)
    Launch.objects.filter(pk=previous.pk).update(built_at=clock.now() - timedelta(days=1))
    address = f"/campaigns/{campaign.pk}/warn-past-change/"
    answer = client_of(marketer).post(address, {"percent": "99"}, follow=True).content.decode()
    assert "The summary warns of changes of more than 99 %." in answer
    assert "past which this campaign warns" not in answer
    assert Preflight.objects.count() == 1
    version = campaign.version
    campaign.refresh_from_db()
    assert (campaign.warn_past_change, campaign.version) == (99, version)


@pytest.mark.parametrize("typed", ["", "0", "1001", "-5", "2.5", "many", "9" * 30, "٢"])
def test_no_number_is_refused_and_changes_nothing(campaign, client_of, marketer, typed):
    answer = client_of(marketer).post(
        f"/campaigns/{campaign.pk}/warn-past-change/", {"percent": typed}, follow=True
    )
    assert "Say past how many percent to warn: 1 to 1,000." in answer.content.decode()
    assert Campaign.objects.get().warn_past_change == 25


def test_only_marketers_choose(campaign, client_of, viewer):
    answer = client_of(viewer).post(f"/campaigns/{campaign.pk}/warn-past-change/", {"percent": "50"})
    assert answer.status_code == 403


def test_a_save_in_the_editor_keeps_it_and_a_copy_takes_it_along(campaign, marketer):
    warn_past(campaign, 40, marketer)
    saved = save(replace(draft_of(campaign), name="Summer Sale"), campaign, marketer, None)
    assert Campaign.objects.get(pk=saved.pk).warn_past_change == 40
    made, _ = copy(saved, marketer, None)
    assert Campaign.objects.get(pk=made.pk).warn_past_change == 40


# Counted anew -----------------------------------------------------------------------------------------------


def other_rules() -> dict[str, object]:
    return dump(parse({"all": [{"attribute": "customer_360.city", "is": "Seattle"}]}))


def put_segment_below(campaign) -> None:
    """The include segment names another one, which changes afterwards."""
    below = Segment.objects.create(
        customer_database=campaign.customer_database, name="Below", rules=campaign.include.get().rules
    )
    segment = campaign.include.get()
    segment.rules = dump(parse({"all": [{"segment": below.pk}]}))
    segment.save()


CHANGES = {
    "the campaign": lambda campaign: save(
        replace(draft_of(campaign), name="Summer Sale"), campaign, None, None
    ),
    "an include segment": lambda campaign: campaign.include.update(rules=other_rules()),
    "an exclude segment": lambda campaign: campaign.exclude.update(rules=other_rules()),
    "a segment that another one names": lambda campaign: Segment.objects.filter(name="Below").update(
        rules=other_rules()
    ),
    "the suppression list": lambda campaign: type(campaign.customer_database).objects.update(
        suppression=campaign.include.get()
    ),
    "the country of phone numbers": lambda campaign: type(campaign.customer_database).objects.update(
        default_country="GB"
    ),
    "the tables": lambda campaign: type(campaign.customer_database).objects.update(
        catalogue_read_at=clock.now()
    ),
    "a destination": lambda campaign: Destination.objects.update(
        settings={**Destination.objects.get().settings, "client_domain": "other"}
    ),
    "the column that feeds it": lambda campaign: Destination.objects.get().default_attributes.update(
        column="customer_360.city"
    ),
    "the launch before": lambda campaign: make_launch(campaign, history_path="history/1.parquet"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_it_counts_anew_for_a_marketer_when_what_is_below_it_changed(page, campaign, what, viewer):
    put_segment_below(campaign)
    first = counted(page, campaign)
    page(campaign)
    assert Preflight.objects.get() == first
    CHANGES[what](campaign)
    assert "since this was counted.</strong>" in page(campaign, viewer)
    assert Preflight.objects.get() == first
    assert "Counting what will arrive" in page(campaign)
    assert Preflight.objects.count() == 2
    page(campaign)
    assert Preflight.objects.count() == 2


def test_it_counts_anew_on_another_day_and_says_when_it_counted(page, campaign):
    first = counted(page, campaign)
    assert f'datetime="{first.counted_at:%Y-%m-%dT%H:%M}' in page(campaign)
    with clock.stopped_at(clock.now() + timedelta(days=1)):
        page(campaign)
    assert Preflight.objects.count() == 2


def test_one_that_failed_is_counted_anew_when_what_is_below_it_changed(page, campaign):
    page(campaign)
    Preflight.objects.update(state="failed", error="The table is gone.")
    assert "The table is gone." in page(campaign)
    assert Preflight.objects.count() == 1
    campaign.include.update(rules=other_rules())
    page(campaign)
    assert Preflight.objects.count() == 2
