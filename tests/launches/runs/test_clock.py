"""What the clock makes of due times: launched once, waited for, skipped; also late, killed, doubled and set back."""

from shutil import copytree

import pytest
from django.db import OperationalError

from campaigns.customers.models import CustomerDatabase
from campaigns.customers.place import place
from campaigns.launches import start
from campaigns.launches.here import finish_here
from campaigns.launches.models import Launch
from campaigns.launches.runs import ending, ticking
from campaigns.launches.runs.models import Run
from campaigns.launches.runs.scheduling import schedule, unschedule
from campaigns.launches.start import CannotLaunch, launch_campaign
from campaigns.planning.lists import row_of
from campaigns.planning.models import Campaign
from config import clock
from config.audit.models import Event
from tests.launches.runs.conftest import BEGAN, DAILY, NINE, ONCE, hours, minutes, ticked

pytestmark = pytest.mark.django_db


def states(runs):
    return [run.state for run in runs]


def status(campaign):
    return row_of(campaign).status


def test_a_run_is_launched_when_it_is_due_and_not_before(scheduled):
    campaign = scheduled(ONCE)
    assert status(campaign) == "scheduled"
    assert ticked(NINE - minutes(1)) == []
    (run,) = ticked(NINE)
    assert (run.state, run.launch, run.due_at) == ("launched", Launch.objects.get(), NINE)
    assert status(campaign) == "running"
    assert run.launch.started_by is None


def test_it_is_launched_once_however_often_the_clock_looks(scheduled):
    scheduled(ONCE)
    assert states(ticked(*[NINE + minutes(one) for one in range(5)])) == ["launched"]
    assert Launch.objects.count() == 1


def test_a_recurring_campaign_runs_every_time_and_ends(scheduled):
    campaign = scheduled({"daily": "09:00", "times": 3})
    for day in range(5):
        for run in ticked(NINE + hours(24 * day)):
            if run.launch.ended_at is None:
                finish_here(run.launch)
        assert status(campaign) == ("scheduled" if day < 2 else "delivered")
    assert [run.due_at for run in Run.objects.order_by("due_at")] == [
        NINE + hours(24 * day) for day in range(3)
    ]


def test_as_soon_as_possible_is_launched_at_once(scheduled, django_capture_on_commit_callbacks):
    with clock.stopped_at(BEGAN), django_capture_on_commit_callbacks(execute=True):
        scheduled({"asap": True})
    (run,) = Run.objects.all()
    assert (run.state, run.due_at) == ("launched", BEGAN)
    assert states(ticked(BEGAN + hours(1))) == ["launched"]


def test_in_its_own_time_zone(scheduled):
    scheduled(ONCE, time_zone="America/Chicago")
    assert ticked(NINE) == []
    assert states(ticked(NINE + hours(6))) == ["launched"]


# Late ----------------------------------------------------------------------------------------------------


def test_a_run_due_while_everything_was_down_is_launched_late_within_its_grace(scheduled):
    scheduled(ONCE, grace=90)
    assert states(ticked(NINE + minutes(90))) == ["launched"]


def test_after_its_grace_it_is_skipped_and_says_so(scheduled):
    campaign = scheduled(ONCE, grace=90)
    (run,) = ticked(NINE + minutes(95))
    assert run.state == "skipped"
    assert run.reason.startswith("Nothing was running when it was due, and 1 h 35 min later its grace of 90")
    assert not Launch.objects.exists()
    assert Event.objects.filter(verb="skipped", object_name="Spring Sale").count() == 1
    assert status(campaign) == "draft"


def test_of_many_missed_runs_only_the_last_is_still_in_time(scheduled):
    scheduled(DAILY)
    runs = ticked(NINE + hours(24 * 4) + minutes(10))
    assert states(runs) == ["skipped"] * 4 + ["launched"]
    assert [run.due_at for run in runs] == [NINE + hours(24 * day) for day in range(5)]


def test_after_years_of_standstill_it_catches_up_in_steps(scheduled):
    campaign = scheduled(DAILY)
    later = NINE + hours(24 * 250)
    assert len(ticked(later)) == ticking.MOST_AT_ONCE
    assert states(ticked(later, later))[-1] == "launched"
    campaign.refresh_from_db()
    assert campaign.next_run_at == later + hours(24)


# Another launch ------------------------------------------------------------------------------------------


def test_a_one_time_run_waits_for_an_unfinished_launch_beyond_its_grace(scheduled):
    campaign = scheduled(ONCE, grace=5)
    other = launch_campaign(campaign, None)
    (run,) = ticked(*[NINE + minutes(3 * one) for one in range(10)])
    assert (run.state, run.reason) == ("due", f"Waits until launch {other.pk} of the campaign is finished.")
    finish_here(other)
    (run,) = ticked(NINE + minutes(30))
    assert (run.state, run.reason) == ("launched", "")
    assert run.launch != other


def test_one_that_waited_and_then_was_left_alone_too_long_is_skipped(scheduled):
    campaign = scheduled(ONCE, grace=5)
    other = launch_campaign(campaign, None)
    ticked(NINE)
    finish_here(other)
    assert states(ticked(NINE + hours(3))) == ["skipped"]


def test_a_recurring_run_is_skipped_and_reported(scheduled):
    campaign = scheduled(DAILY)
    other = launch_campaign(campaign, None)
    (run,) = ticked(NINE)
    assert run.state == "skipped"
    assert run.reason == f"Launch {other.pk} of the campaign was not finished."
    assert Event.objects.filter(verb="skipped").count() == 1


def test_a_launch_that_only_waits_for_a_person_is_not_in_the_way(scheduled):
    campaign = scheduled(DAILY)
    other = launch_campaign(campaign, None)
    Launch.objects.filter(pk=other.pk).update(state="needs_you")
    assert states(ticked(NINE)) == ["launched"]


# Refused when due ----------------------------------------------------------------------------------------


def test_a_destination_disabled_since_holds_the_run_with_its_sentence(scheduled, destination):
    campaign = scheduled(ONCE)
    destination.disabled_at = BEGAN
    destination.save()
    (run,) = ticked(NINE)
    assert run.state == "held"
    assert run.reason == (
        "Attentive Segments (email) is disabled. Ask an operator to enable it before you launch."
    )
    assert status(campaign) == "needs_you"
    assert Event.objects.filter(verb="held").count() == 1


@pytest.mark.parametrize("used_as", ["include", "exclude", "sub-audience", "suppression"])
def test_a_segment_deleted_since_holds_the_run_with_its_sentence(scheduled, segment, used_as):
    campaign = scheduled(ONCE)
    gone = segment("VIPs", {"attribute": "customer_360.loyalty_tier", "is": "gold"})
    if used_as == "include":
        campaign.includes.update(segment=gone)
    elif used_as == "exclude":
        campaign.excludes.update(segment=gone)
    elif used_as == "suppression":
        CustomerDatabase.objects.update(suppression=gone)
    else:
        campaign.sub_audiences.get().segments.add(gone)
    gone.archived_at = BEGAN
    gone.save()
    (run,) = ticked(NINE)
    assert (run.state, run.reason) == (
        "held",
        "The segment “VIPs” was deleted under this campaign. Edit the campaign and choose another segment, "
        "then schedule it again.",
    )
    unschedule(campaign, None)
    with pytest.raises(CannotLaunch, match="The segment “VIPs” was deleted"):
        schedule(campaign, None)


def test_a_disabled_segment_stays_where_it_is_used(scheduled, chicago):
    scheduled(ONCE)
    chicago.disabled_at = BEGAN
    chicago.save()
    assert states(ticked(NINE)) == ["launched"]


def test_a_segment_of_a_scheduled_campaign_cannot_be_deleted(scheduled, chicago, client_of, marketer):
    scheduled(ONCE)
    answer = client_of(marketer).post(f"/segments/{chicago.pk}/delete/")
    assert ">Spring Sale<" in answer.content.decode()
    chicago.refresh_from_db()
    assert chicago.archived_at is None
    assert states(ticked(NINE)) == ["launched"]


def test_a_customer_database_switched_since_holds_runs_until_a_person_has_looked(
    scheduled, customer_database, marketer, tmp_path
):
    scheduled(DAILY)
    elsewhere = tmp_path / "elsewhere"
    copytree(customer_database.url.partition(":")[2], elsewhere)
    customer_database.url = f"files:{elsewhere}"
    customer_database.save()
    (run,) = ticked(NINE)
    assert run.state == "held"
    assert run.reason.startswith(
        f"{customer_database} reads its customers from another place since this campaign was scheduled."
    )
    finish_here(ending.launch(run, since=("held",), by=marketer))
    assert states(ticked(NINE + hours(24))) == ["launched", "launched"]


def test_another_password_or_a_refreshed_catalogue_is_no_other_database(scheduled, customer_database):
    customer_database.url = "postgres://reader:one@db.example.com/shop"
    first = place(customer_database)
    customer_database.url = "postgres://loader:two@db.example.com/shop"
    assert place(customer_database) == first
    customer_database.url = "postgres://reader:one@db.example.com/other"
    assert place(customer_database) != first


def test_a_customer_database_that_is_gone_holds_the_run(scheduled, customer_database):
    campaign = scheduled(ONCE)
    customer_database.archived_at = BEGAN
    customer_database.save()
    (run,) = ticked(NINE)
    assert run.state == "held"
    assert run.reason == f"The customer database of “{campaign}” was deleted. Choose another one."


def test_a_person_who_lost_the_destination_does_not_send_by_schedule(campaign, destination, marketer):
    Campaign.objects.update(schedule=ONCE)
    with clock.stopped_at(BEGAN):
        schedule(campaign, marketer)
    destination.operators_only = True
    destination.save()
    (run,) = ticked(NINE)
    assert run.state == "held"
    assert run.reason.startswith(
        "Mara, who scheduled this campaign, may no longer send to a destination of it."
    )


def test_a_held_run_is_skipped_when_the_next_one_is_due(scheduled, destination):
    scheduled(DAILY)
    destination.disabled_at = BEGAN
    destination.save()
    ticked(NINE)
    destination.disabled_at = None
    destination.save()
    first, second = ticked(NINE + hours(24))
    assert (first.state, first.reason) == ("skipped", "Nobody decided before the next run was due.")
    assert second.state == "launched"


# Broken clocks -------------------------------------------------------------------------------------------


def test_a_clock_set_back_an_hour_launches_nothing_twice(scheduled):
    scheduled({"daily": "09:00", "times": 2})
    at = [NINE + minutes(1), NINE - minutes(59), NINE - minutes(30), NINE, NINE + minutes(2)]
    assert states(ticked(*at)) == ["launched"]
    assert Launch.objects.count() == 1


def test_killed_after_the_run_was_made_it_is_launched_by_the_next_clock(scheduled, monkeypatch):
    scheduled(DAILY)
    with monkeypatch.context() as broken:
        broken.setattr(ticking, "_step", lambda pk: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            ticked(NINE)
    assert states(Run.objects.all()) == ["due"]
    assert states(ticked(NINE + minutes(1))) == ["launched"]


def test_killed_within_the_launch_nothing_of_it_stays_and_the_next_clock_launches(scheduled, monkeypatch):
    scheduled(DAILY)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(start, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            ticked(NINE)
    assert not Launch.objects.exists()
    assert states(ticked(NINE + minutes(1), NINE + minutes(2))) == ["launched"]
    assert Launch.objects.count() == 1


def test_a_database_that_fails_is_asked_again_and_an_error_of_ours_holds_the_run(scheduled, monkeypatch):
    scheduled(ONCE)
    raised = OperationalError("gone")

    def fail(*_):
        raise raised

    with monkeypatch.context() as broken:
        broken.setattr(ticking, "recurs", fail)
        broken.setattr(ticking.ending, "unfinished_launch", fail)
        with pytest.raises(OperationalError):
            ticked(NINE)
        assert states(Run.objects.all()) == ["due"]
        raised = ZeroDivisionError("secret")
        (run,) = ticked(NINE)
    assert run.state == "held"
    assert run.reason.startswith("An error in Muster itself (ZeroDivisionError) stopped this run.")


# Scheduling ----------------------------------------------------------------------------------------------


def test_what_cannot_be_launched_cannot_be_scheduled(campaign, destination):
    destination.disabled_at = BEGAN
    destination.save()
    with pytest.raises(CannotLaunch, match="is disabled"):
        schedule(campaign, None)


def test_a_schedule_that_is_over_is_refused(scheduled):
    with pytest.raises(CannotLaunch, match="is over"):
        scheduled(ONCE, at=NINE)


def test_a_campaign_edited_since_one_looked_is_not_scheduled(campaign):
    with pytest.raises(CannotLaunch, match="was edited since you looked"):
        schedule(campaign, None, version=campaign.version + 1)


def test_it_is_scheduled_once(scheduled, campaign):
    scheduled(DAILY)
    with pytest.raises(CannotLaunch, match="is scheduled already"):
        schedule(campaign, None)


def test_unscheduled_it_runs_no_more_and_can_be_scheduled_again(scheduled, campaign, marketer):
    scheduled(DAILY)
    other = launch_campaign(campaign, None)
    ticked(NINE)
    finish_here(other)
    unschedule(campaign, marketer)
    assert states(ticked(NINE + hours(24))) == ["skipped"]
    campaign.refresh_from_db()
    assert not campaign.is_scheduled
    with clock.stopped_at(NINE + hours(25)):
        schedule(campaign, marketer)
    assert states(ticked(NINE + hours(48))) == ["skipped", "launched"]


def test_unscheduling_skips_a_run_that_is_held(scheduled, destination, campaign, marketer):
    scheduled(ONCE)
    destination.disabled_at = BEGAN
    destination.save()
    ticked(NINE)
    unschedule(campaign, marketer)
    (run,) = ticked(NINE + hours(1))
    assert (run.state, run.decided_by) == ("skipped", marketer)
    assert run.reason == "The campaign was unscheduled by Mara before this run was launched."


def test_an_archived_campaign_does_not_run(scheduled, campaign):
    scheduled(DAILY)
    Campaign.objects.update(archived_at=BEGAN)
    assert ticked(NINE) == []
