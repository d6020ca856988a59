"""From schedules to instants: across changes of the clock, ends of months and leap days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.planning.occurrences import instant_of, next_five, next_run, runs, runs_after

CHICAGO, BERLIN, LORD_HOWE = "America/Chicago", "Europe/Berlin", "Australia/Lord_Howe"


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


TABLE = [
    # Clocks go forward on 14 March 2027 at 02:00 in Chicago, from UTC-6 to UTC-5.
    ("daily before, within and after the gap", {"daily": "02:30"}, CHICAGO, "2027-03-12T12:00",
     ["2027-03-13T08:30", "2027-03-14T08:00", "2027-03-15T07:30"]),
    ("the hour stays across the change", {"daily": "09:00"}, CHICAGO, "2027-03-13T00:00",
     ["2027-03-13T15:00", "2027-03-14T14:00", "2027-03-15T14:00"]),
    ("the last minute before the gap", {"daily": "01:59"}, CHICAGO, "2027-03-14T00:00", ["2027-03-14T07:59"]),
    ("the first minute after the gap", {"daily": "03:00"}, CHICAGO, "2027-03-14T00:00", ["2027-03-14T08:00"]),
    # Back on 7 November 2027 at 02:00: 01:30 comes twice, at 06:30 and 07:30 UTC.
    ("a doubled time is the first", {"daily": "01:30"}, CHICAGO, "2027-11-06T12:00",
     ["2027-11-07T06:30", "2027-11-08T07:30"]),
    ("a doubled time runs once though asked between the two", {"daily": "01:30"}, CHICAGO, "2027-11-07T07:00",
     ["2027-11-08T07:30"]),
    ("once, in the gap", {"at": "2027-03-14T02:15"}, CHICAGO, "2027-01-01T00:00", ["2027-03-14T08:00"]),
    ("once, doubled", {"at": "2027-11-07T01:00"}, CHICAGO, "2027-01-01T00:00", ["2027-11-07T06:00"]),
    ("once, and over", {"at": "2027-03-01T09:00"}, CHICAGO, "2027-03-01T15:00", []),
    # Berlin: forward on 28 March 2027 at 02:00, back on 31 October at 03:00.
    ("weekly across both changes", {"weekly": ["sun"], "time": "02:30"}, BERLIN, "2027-03-20T00:00",
     ["2027-03-21T01:30", "2027-03-28T01:00", "2027-04-04T00:30"]),
    ("weekly, doubled", {"weekly": ["sun"], "time": "02:30"}, BERLIN, "2027-10-25T00:00",
     ["2027-10-31T00:30", "2027-11-07T01:30"]),
    ("several days of a week, in the order of the week", {"weekly": ["thu", "mon"], "time": "09:00"}, "UTC",
     "2027-03-01T09:00", ["2027-03-04T09:00", "2027-03-08T09:00", "2027-03-11T09:00"]),
    # Lord Howe changes by half an hour: forward on 3 October 2027 at 02:00 from UTC+10:30 to UTC+11.
    ("half an hour's gap", {"daily": "02:15"}, LORD_HOWE, "2027-10-01T20:00",
     ["2027-10-02T15:30", "2027-10-03T15:15"]),
    ("a quarter-hour zone", {"daily": "00:00"}, "Asia/Kathmandu", "2027-01-01T00:00", ["2027-01-01T18:15"]),
    # Cairo changes at midnight: 30 April 2027 begins at 01:00.
    ("midnight that is skipped", {"daily": "00:00"}, "Africa/Cairo", "2027-04-29T00:00",
     ["2027-04-29T22:00", "2027-04-30T21:00"]),
    # Samoa left out the whole of 30 December 2011: 00:00 of that day and of the next are one moment.
    ("a day that a zone left out", {"daily": "00:00"}, "Pacific/Apia", "2011-12-28T12:00",
     ["2011-12-29T10:00", "2011-12-30T10:00", "2011-12-31T10:00"]),
    ("no changes at all", {"daily": "09:00"}, "Asia/Tokyo", "2027-03-13T00:00",
     ["2027-03-14T00:00", "2027-03-15T00:00"]),
    ("the last of a month that lacks the day", {"monthly": 31, "time": "09:00"}, "UTC", "2027-01-31T09:00",
     ["2027-02-28T09:00", "2027-03-31T09:00", "2027-04-30T09:00", "2027-05-31T09:00"]),
    ("29 February of a leap year", {"monthly": 30, "time": "09:00"}, "UTC", "2028-01-31T00:00",
     ["2028-02-29T09:00", "2028-03-30T09:00"]),
    ("no leap year by the centuries", {"monthly": 29, "time": "09:00"}, "UTC", "2100-02-01T00:00",
     ["2100-02-28T09:00", "2100-03-29T09:00"]),
    ("the turn of the year", {"monthly": 1, "time": "00:00"}, BERLIN, "2027-12-15T00:00",
     ["2027-12-31T23:00", "2028-01-31T23:00"]),
    ("a month's last day in a gap", {"monthly": 31, "time": "02:30"}, "Europe/Lisbon", "2030-03-01T00:00",
     ["2030-03-31T01:30"]),
    ("daily over a leap day", {"daily": "12:00"}, "UTC", "2028-02-28T00:00",
     ["2028-02-28T12:00", "2028-02-29T12:00", "2028-03-01T12:00"]),
    ("until a date, its day included", {"daily": "09:00", "until": "2027-03-02"}, CHICAGO, "2027-03-01T00:00",
     ["2027-03-01T15:00", "2027-03-02T15:00"]),
    ("until a date that is over", {"daily": "09:00", "until": "2027-02-01"}, CHICAGO, "2027-03-01T00:00", []),
    ("a number of times", {"weekly": ["mon"], "time": "09:00", "times": 2}, "UTC", "2027-03-01T08:00",
     ["2027-03-01T09:00", "2027-03-08T09:00"]),
    ("as soon as possible", {"asap": True}, CHICAGO, "2027-03-01T08:12", ["2027-03-01T08:12"]),
    ("nothing chosen is as soon as possible", {}, CHICAGO, "2027-03-01T08:12", ["2027-03-01T08:12"]),
]  # fmt: skip
ENDLESS = 3


@pytest.mark.parametrize(("schedule", "zone", "since", "expected"), [row[1:] for row in TABLE],
                         ids=[row[0] for row in TABLE])  # fmt: skip
def test_a_schedule_runs_when_it_should(schedule, zone, since, expected):
    found = list(islice(runs(schedule, zone, utc(since)), max(ENDLESS, len(expected))))
    ends = (
        "at" in schedule or "until" in schedule or "times" in schedule or not schedule or "asap" in schedule
    )
    assert (found if ends else found[: len(expected)]) == [utc(text) for text in expected]


def test_times_are_counted_from_where_it_began_whenever_it_is_asked():
    schedule, began = {"daily": "09:00", "times": 3}, utc("2027-03-01T00:00")
    assert next_run(schedule, "UTC", began, utc("2027-03-02T10:00")) == utc("2027-03-03T09:00")
    assert next_run(schedule, "UTC", began, utc("2027-03-03T09:00")) is None


def test_what_lies_years_back_is_not_walked_through():
    schedule, began = {"daily": "09:00"}, utc("1000-01-01T00:00")
    assert next_run(schedule, "UTC", began, utc("2027-03-01T09:00")) == utc("2027-03-02T09:00")


def test_the_next_five_are_local():
    found = next_five({"daily": "09:00"}, CHICAGO, utc("2027-03-12T00:00"))
    assert [f"{one:%d %H:%M %Z}" for one in found] == [
        "12 09:00 CST", "13 09:00 CST", "14 09:00 CDT", "15 09:00 CDT", "16 09:00 CDT"
    ]  # fmt: skip


def test_it_ends_before_the_calendar_does():
    assert list(runs({"monthly": 31, "time": "23:59"}, CHICAGO, utc("9989-11-15T00:00")))[-1].year == 9990


zones = st.sampled_from(
    [CHICAGO, BERLIN, LORD_HOWE, "UTC", "Africa/Cairo", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia",
     "America/Santiago", "Africa/Casablanca", "Asia/Tehran", "Pacific/Kiritimati"]
)  # fmt: skip
times = st.times().map(lambda at: f"{at:%H:%M}")
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
schedules = st.one_of(
    times.map(lambda at: {"daily": at}),
    st.builds(lambda days, at: {"weekly": days, "time": at},
              st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True), times),
    st.builds(lambda day, at: {"monthly": day, "time": at}, st.integers(1, 31), times),
)  # fmt: skip
instants = st.datetimes(datetime(1995, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))


@settings(max_examples=300, deadline=None)
@given(schedules, zones, instants)
def test_runs_rise_and_leave_out_no_day_and_are_at_their_hour(schedule, name, since):
    zone = ZoneInfo(name)
    found = list(islice(runs(schedule, name, since), 20))
    assert found == sorted(set(found))
    assert found[0] > since
    at = schedule.get("daily") or schedule["time"]
    longest = 32 if "monthly" in schedule else 7 if "weekly" in schedule else 1
    for before, after in pairwise([since, *found]):
        assert after - before <= timedelta(days=longest + 1)
    for instant in found:
        local = instant.astimezone(zone)
        second = instant - timedelta(seconds=1)
        after_gap = local.utcoffset() > second.astimezone(zone).utcoffset()
        assert f"{local:%H:%M}" == at or after_gap
        assert local.fold == 0 or after_gap


@settings(max_examples=300, deadline=None)
@given(schedules, zones, instants, st.integers(1, 30), st.integers(0, 40))
def test_asked_anew_after_any_run_it_goes_on_with_the_next(schedule, name, since, number, times):
    schedule = {**schedule, "times": times} if times else schedule
    found = list(islice(runs(schedule, name, since), number + 1))
    for before, after in pairwise(found):
        assert next_run(schedule, name, since, before) == after
        assert next_run(schedule, name, since, after - timedelta(seconds=1)) == after
    assert len(found) <= (times or number + 1)


@settings(max_examples=300, deadline=None)
@given(zones, st.datetimes(datetime(1995, 1, 1), datetime(2060, 1, 1)))
def test_every_local_time_is_the_first_instant_that_the_clock_shows_it_or_something_later(name, local):
    zone, local = ZoneInfo(name), local.replace(second=0, microsecond=0)
    instant = instant_of(local, zone)
    shown = instant.astimezone(zone).replace(tzinfo=None, fold=0)
    before = (instant - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None, fold=0)
    assert shown >= local
    assert before < local
    assert len(list(islice(runs_after({"daily": "00:00"}, name, instant, instant), 2))) == 2
