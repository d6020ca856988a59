"""Schedules in the words of the file format."""

import pytest

from campaigns.planning.schedule import in_words, local_time_problem, schedule_problem
from campaigns.segments.times import time_zone_problem


@pytest.mark.parametrize(
    "schedule",
    [
        {},
        {"asap": True},
        {"at": "2027-03-01T09:00"},
        {"daily": "09:00"},
        {"weekly": ["mon", "thu"], "time": "09:00", "until": "2027-06-01"},
        {"monthly": 31, "time": "00:00", "times": 12},
    ],
)
def test_it_takes_every_form(schedule):
    assert schedule_problem(schedule) == ""


@pytest.mark.parametrize(
    "schedule",
    [
        {"asap": False},
        {"asap": True, "at": "2027-03-01T09:00"},
        {"at": "2027-03-01"},
        {"at": "2027-02-30T09:00"},
        {"daily": "9:00"},
        {"daily": "24:00"},
        {"daily": 9},
        {"weekly": [], "time": "09:00"},
        {"weekly": "mon", "time": "09:00"},
        {"weekly": ["monday"], "time": "09:00"},
        {"weekly": ["mon", "mon"], "time": "09:00"},
        {"weekly": ["mon"]},
        {"weekly": [["mon"]], "time": "09:00"},
        {"monthly": 32, "time": "09:00"},
        {"monthly": True, "time": "09:00"},
        {"daily": "09:00", "until": "2027-13-01"},
        {"daily": "09:00", "times": 0},
        {"daily": "09:00", "times": 2, "until": "2027-06-01"},
        {"daily": "09:00", "time": "09:00"},
        {"hourly": 1},
    ],
)
def test_it_says_what_is_wrong_with_anything_else(schedule):
    assert schedule_problem(schedule).endswith(".")


@pytest.mark.parametrize(
    "name", ["", "Chicago", "../etc/passwd", "/etc/passwd", "America/Nowhere", "x\0y", "America"]
)
def test_it_refuses_what_is_no_time_zone(name):
    assert time_zone_problem(name)


def test_it_knows_time_zones():
    assert time_zone_problem("America/Chicago") == ""


def test_a_launch_date_is_a_local_time():
    assert local_time_problem("2027-03-02T09:00") == ""
    assert local_time_problem("2027-03-02T09:00Z")


def test_it_says_a_schedule_in_words():
    assert in_words({}, "UTC") == "as soon as possible"
    assert (
        in_words({"at": "2027-03-01T09:00"}, "America/Chicago") == "on 1 March 2027 at 09:00, America/Chicago"
    )
    weekly = {"weekly": ["mon", "thu"], "time": "09:00", "times": 12}
    assert in_words(weekly, "UTC") == "every week on Monday and Thursday at 09:00, 12 times, UTC"
