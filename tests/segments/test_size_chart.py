"""Size over time: the line, its scale and marks, and the card."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from campaigns.launches.models import Launch
from campaigns.segments.about.size_chart import FOOT, LEFT, RIGHT, TOP, draw, size_chart
from campaigns.segments.models import SegmentSize
from config import clock

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)


def page(response):
    return " ".join(response.content.decode().split())


def sizes(*customers):
    step = timedelta(days=30) / max(len(customers) - 1, 1)
    return [
        SegmentSize(counted_at=SINCE + step * place, day=(SINCE + step * place).date(), customers=number)
        for place, number in enumerate(customers)
    ]


def points(chart):
    return [tuple(map(float, point.split(","))) for point in chart.points.split()]


def test_the_line_goes_from_the_first_day_to_now_and_up_where_it_grows():
    chart = draw(sizes(10, 20, 40), SINCE, NOW)
    found = points(chart)
    assert [x for x, _ in found] == [LEFT, (LEFT + RIGHT) / 2, RIGHT]
    assert all(earlier > later for (_, earlier), (_, later) in pairwise(found))
    assert [label.text for label in chart.grid] == ["0", "10", "20", "30", "40"]
    assert (chart.smallest.customers, chart.largest.customers) == (10, 40)
    assert chart.area.startswith(f"{LEFT},{FOOT}")


@pytest.mark.parametrize(
    ("customers", "texts"),
    [
        ((0, 0), ["0", "1", "2", "3", "4"]),
        ((3,), ["0", "1", "2", "3", "4"]),
        ((184_320, 186_000), ["184k", "185k", "186k", "187k", "188k"]),
        ((90, 10_000), ["0", "2.5k", "5k", "7.5k", "10k"]),
        ((90, 94), ["0", "25", "50", "75", "100"]),
        ((14_972, 14_975), ["14.95k", "15k", "15.05k", "15.1k", "15.15k"]),
        ((1_000_000, 1_000_000), ["0", "250k", "500k", "750k", "1M"]),
    ],
)
def test_the_scale_begins_at_nought_unless_the_line_would_be_flat(customers, texts):
    chart = draw(sizes(*customers), SINCE, NOW)
    assert [label.text for label in chart.grid] == texts
    assert all(TOP <= y <= FOOT for _, y in points(chart))


@pytest.fixture
def counted(make_segment, make_campaign):
    """A segment counted daily, and once by a launch."""
    segment = make_segment()
    campaign = make_campaign("Spring Sale", include=[segment])
    launch = Launch.objects.create(campaign=campaign, frozen={})
    for days, customers, of in ((0, 184_320, None), (1, 100, None), (200, 7, None), (2, 150, launch)):
        at = NOW - timedelta(days=days)
        SegmentSize.objects.create(
            segment=segment, day=at.date(), counted_at=at, customers=customers, everybody=200_000, launch=of
        )
    return segment


def test_the_card_has_a_sentence_a_table_and_the_launches(client, counted):
    with clock.stopped_at(NOW):
        text = page(client.get(f"/segments/{counted.pk}/"))
    assert "Size over 30 days: 184,320 when last counted, 100 at the least on 28 February" in text
    assert "; 1 launch." in text
    assert "Spring Sale, launch" in text
    assert "92.2 %" in text
    assert ">7<" not in text


def test_a_year_is_another_range_of_the_same_card(client_of, viewer, counted):
    with clock.stopped_at(NOW):
        text = page(client_of(viewer).get(f"/segments/{counted.pk}/history/?days=365"))
        other = page(client_of(viewer).get(f"/segments/{counted.pk}/history/?days=7"))
    assert text.startswith('<section class="card" id="history"')
    assert "Size over 1 year" in text
    assert ">7<" in text
    assert "Size over 30 days" in other


def test_one_that_was_never_counted_says_when_it_will_be(client, make_segment):
    text = page(client.get(f"/segments/{make_segment().pk}/"))
    assert "No size of the last 30 days is kept. One is kept each day, and at each launch" in text


def test_another_segments_numbers_are_not_mixed_in(counted, make_segment):
    with clock.stopped_at(NOW):
        assert size_chart(make_segment("Other"), 365) is None


def test_the_page_costs_the_same_with_three_and_with_thirty(client, make_segment, make_campaign):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(number):
        segment = make_segment(f"Segment {number}")
        for place in range(number):
            campaign = make_campaign(f"Campaign {number} {place}", include=[segment])
            launch = Launch.objects.create(campaign=campaign, frozen={}, state="delivered")
            make_segment(f"Outer {number} {place}", {"segment": segment.pk})
            at = clock.now() - timedelta(hours=place + 1)
            SegmentSize.objects.create(
                segment=segment, day=at.date(), counted_at=at, customers=5, everybody=9, launch=launch
            )
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/segments/{segment.pk}/")
        return len(queries)

    assert cost(3) == cost(30) <= 18
