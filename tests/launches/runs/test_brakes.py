"""Brakes: a run outside of one of them is counted by the launch's own code, and held with its numbers."""

import os
from pathlib import Path

import duckdb
import pytest

from campaigns.launches.models import Launch, Preflight
from campaigns.launches.preflight import count
from campaigns.launches.runs.models import Run
from campaigns.launches.start import launch_campaign
from campaigns.planning.models import Campaign
from config import clock
from tests.launches.runs.conftest import DAILY, NINE, ONCE, hours, minutes, ticked

pytestmark = pytest.mark.django_db
AUDIENCE = 20


@pytest.fixture
def decided(scheduled):
    """The run of 09:00 of a campaign with these brakes, after a worker has counted its people."""

    def make(plan=ONCE, **brakes):
        scheduled(plan, brakes=brakes)
        assert [run.state for run in ticked(NINE)] == ["counting"]
        with clock.stopped_at(NINE + minutes(1)):
            count(Preflight.objects.get().pk)
        return ticked(NINE + minutes(2))[0]

    return make


@pytest.fixture
def folder(customer_database):
    return Path(customer_database.url.partition(":")[2])


def test_without_brakes_nothing_is_counted_first(scheduled):
    scheduled(ONCE)
    assert [run.state for run in ticked(NINE)] == ["launched"]
    assert not Preflight.objects.exists()


def test_within_its_brakes_it_is_launched_and_the_limits_themselves_pass(decided):
    run = decided(smallest=AUDIENCE, largest=AUDIENCE, change=1)
    assert (run.state, run.preflight.result["counts"]["audience"]) == ("launched", AUDIENCE)
    assert Launch.objects.get() == run.launch


@pytest.mark.parametrize(
    ("brakes", "reason"),
    [
        ({"smallest": AUDIENCE + 1}, "The audience is 20, and 21 is the smallest that goes by itself."),
        ({"largest": AUDIENCE - 1}, "The audience is 20, and 19 is the largest that goes by itself."),
    ],
)
def test_too_small_or_too_large_an_audience_is_held(decided, brakes, reason):
    run = decided(**brakes)
    assert (run.state, run.reason) == ("held", reason)
    assert not Launch.objects.exists()


@pytest.mark.parametrize(
    ("before", "change", "told"),
    [
        (16, 25, ""),
        (16, 24, "20, 25.0 % more than the 16 of launch"),
        (40, 50, ""),
        (40, 49, "20, 50.0 % less than the 40 of launch"),
        (0, 1000, "20, more than the 0 of launch"),
    ],
)
def test_a_change_against_the_last_launch_is_held_beyond_its_percent(decided, launched, before, change, told):
    with clock.stopped_at(NINE - hours(24)):
        last = launched()
    Launch.objects.update(counts=last.counts | {"audience": before})
    run = decided(change=change)
    if not told:
        assert run.state == "launched"
        return
    assert run.state == "held"
    assert run.reason == (
        f"The audience is {told} {last.pk}, and {change} % is the most that goes by itself."
    )


def test_all_that_is_outside_is_told(decided):
    run = decided(smallest=30, largest=40, data_age=1, data_by="files")
    assert run.reason.startswith("The audience is 20, and 30 is the smallest that goes by itself. ")
    assert "The customer data is" in run.reason


def touch(folder, instant):
    for path in folder.iterdir():
        os.utime(path, (instant.timestamp(), instant.timestamp()))


def test_data_as_old_as_allowed_goes_and_older_data_is_held(decided, folder):
    touch(folder, NINE - hours(23))
    assert decided(data_age=24, data_by="files").state == "launched"


def test_older_data_is_held_with_its_age(decided, folder):
    touch(folder, NINE - hours(30))
    run = decided(data_age=24, data_by="files")
    assert (run.state, run.reason) == (
        "held",
        "The customer data is 30 hours old (newest: 2027-02-28 03:00 UTC), and 24 hours is the oldest that "
        "goes by itself.",
    )


def test_a_column_tells_the_age_by_its_latest_value(decided):
    run = decided(data_age=24, data_by="orders.ordered_at")
    assert run.state == "held"
    assert "hours old (newest: 20" in run.reason


def test_what_tells_the_age_and_is_gone_holds_the_run(decided, folder):
    orders = folder / "orders.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE old AS SELECT * EXCLUDE (ordered_at) FROM '{orders}'")
        connection.execute(f"COPY old TO '{orders}'")
    run = decided(data_age=24, data_by="orders.ordered_at")
    assert run.state == "held"
    assert run.reason == (
        "How old the customer data is could not be told. The column orders.ordered_at is gone. Choose another one."
    )


def test_people_who_cannot_be_counted_hold_the_run(decided, folder):
    folder.rename(folder.with_name("elsewhere"))
    run = decided(smallest=1)
    assert run.state == "held"
    assert run.reason.startswith(
        "Its people could not be counted. The folder of the customer database is not there."
    )


def test_a_count_that_no_worker_does_holds_the_run(scheduled):
    scheduled(ONCE, brakes={"smallest": 1})
    assert [run.state for run in ticked(NINE, NINE + hours(5.9))] == ["counting"]
    (run,) = ticked(NINE + hours(6.1))
    assert (run.state, run.reason) == (
        "held", "Its people were not counted within 6 hours. Look whether a worker runs, then launch it."
    )  # fmt: skip


def test_the_clock_killed_while_people_are_counted_goes_on_with_the_same_count(scheduled):
    scheduled(ONCE, brakes={"smallest": 1})
    ticked(NINE)
    ticked(NINE + minutes(1), NINE + minutes(2))
    assert Preflight.objects.count() == 1
    with clock.stopped_at(NINE + minutes(3)):
        count(Preflight.objects.get().pk)
    assert [run.state for run in ticked(NINE + minutes(4), NINE + minutes(5))] == ["launched"]
    assert Launch.objects.count() == 1


@pytest.mark.parametrize("plan", [ONCE, DAILY])
def test_the_clock_killed_while_people_are_counted_and_back_after_the_grace_skips_the_run(scheduled, plan):
    scheduled(plan, brakes={"smallest": 1})
    ticked(NINE)
    with clock.stopped_at(NINE + minutes(1)):
        count(Preflight.objects.get().pk)
    runs = ticked(NINE + hours(72) + minutes(30))
    assert [run.state for run in runs[:1]] == ["skipped"]
    assert "72 h 30 min later its grace of 60 minutes was over" in runs[0].reason
    assert not Launch.objects.exists()
    assert [run.state for run in runs[1:]] == ([] if plan == ONCE else ["skipped", "skipped", "counting"])


def test_a_run_that_waited_for_another_launch_is_counted_anew(scheduled, campaign):
    scheduled(ONCE, brakes={"smallest": 1})
    ticked(NINE)
    with clock.stopped_at(NINE + minutes(1)):
        count(Preflight.objects.get().pk)
        other = launch_campaign(campaign, None)
    assert (
        ticked(NINE + minutes(2))[0].reason == f"Waits until launch {other.pk} of the campaign is finished."
    )
    Launch.objects.update(state="delivered")
    (run,) = ticked(NINE + minutes(50), NINE + minutes(51))
    assert (run.state, Preflight.objects.count()) == ("counting", 2)


def test_a_launch_started_while_people_are_counted_skips_a_recurring_run(scheduled):
    campaign = scheduled(DAILY, brakes={"smallest": 1})
    ticked(NINE)
    with clock.stopped_at(NINE + minutes(1)):
        other = launch_campaign(campaign, None)
        count(Preflight.objects.get().pk)
    (run,) = ticked(NINE + minutes(2))
    assert run.state == "skipped"
    assert run.reason == f"Launch {other.pk} of the campaign was not finished."


def test_a_brake_set_while_a_run_is_held_changes_nothing_of_it(decided, marketer):
    run = decided(smallest=30)
    Campaign.objects.update(brakes={})
    ticked(NINE + minutes(10))
    run.refresh_from_db()
    assert (run.state, Run.objects.count()) == ("held", 1)
