"""The geometry of the chart and of the line beside a launch."""

from datetime import date, timedelta

import pytest

from campaigns.home.recent import spark
from campaigns.home.rows_chart import FOOT, TOP, draw
from config.scales import short

FIRST = date(2027, 2, 1)


def test_phone_stands_on_email_and_the_highest_stays_inside():
    chart = draw({FIRST: (300, 100), FIRST + timedelta(days=27): (4, 0)}, FIRST)
    email, phone, small = chart.bars
    assert phone.y + phone.height < email.y < FOOT
    assert all(bar.y >= TOP - 1.5 for bar in chart.bars)
    assert small.height >= 1
    assert (chart.email, chart.phone, chart.total, chart.busiest) == (304, 100, 404, FIRST)


@pytest.mark.parametrize(
    ("highest", "top"), [(1, "4"), (9, "20"), (97, "100"), (399, "400"), (401, "800"), (7_000_000, "8M")]
)
def test_the_scale_ends_at_a_round_number(highest, top):
    assert draw({FIRST: (highest, 0)}, FIRST).grid[-1].text == top


def test_short_numbers():
    assert [short(number) for number in (0, 999, 2_500, 100_000, 1_500_000)] == [
        "0",
        "999",
        "2.5k",
        "100k",
        "1.5M",
    ]


def test_a_line_needs_two_points():
    assert spark((5,)) is None
    assert spark((5, 10)).line == "M0.0 21.0 L88.0 4.0"
    assert spark((7, 7)).last == (88.0, 12.5)
