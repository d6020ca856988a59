"""The editor's part about time: read from the form, drawn with its next runs, and read-only once scheduled."""

from datetime import UTC, datetime

import pytest
from django.http import QueryDict
from django.urls import reverse

from campaigns.planning.draft import draft_of, save, validate
from campaigns.planning.models import Campaign
from campaigns.planning.when import next_words, parsed, when
from config import clock

NOW = datetime(2027, 3, 12, 12, tzinfo=UTC)


@pytest.fixture
def campaign(draft, marketer):
    return save(draft(), None, marketer, None)


@pytest.fixture
def client(client_of, marketer):
    return client_of(marketer)


def page(response):
    return " ".join(response.content.decode().split())


def read(**fields):
    post = QueryDict(mutable=True)
    post.update({name.replace("_", "-", 1) if name.startswith("when") else name: value
                 for name, value in fields.items()})  # fmt: skip
    with clock.stopped_at(NOW):
        return parsed(post, None)


@pytest.mark.parametrize(
    ("fields", "schedule"),
    [
        ({"when_cadence": "asap"}, {}),
        ({"when_cadence": "at", "when_at": "2027-04-01T08:30"}, {"at": "2027-04-01T08:30"}),
        ({"when_cadence": "at"}, {"at": "2027-03-13T09:00"}),
        ({"when_cadence": "daily"}, {"daily": "09:00"}),
        ({"when_cadence": "daily", "when_time": "17:45", "when_end": "never"}, {"daily": "17:45"}),
        ({"when_cadence": "weekly"}, {"weekly": ["mon"], "time": "09:00"}),
        ({"when_cadence": "weekly", "when_days": "1", "when_fri": "on", "when_tue": "on"},
         {"weekly": ["tue", "fri"], "time": "09:00"}),
        ({"when_cadence": "monthly", "when_day": "31", "when_end": "times", "when_times": "6"},
         {"monthly": 31, "time": "09:00", "times": 6}),
        ({"when_cadence": "daily", "when_end": "until", "when_until": "2027-06-01"},
         {"daily": "09:00", "until": "2027-06-01"}),
    ],
)  # fmt: skip
def test_every_cadence_is_read(fields, schedule):
    assert read(**fields)["schedule"] == schedule


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"when_cadence": "weekly", "when_days": "1"}, "Choose the days of the week"),
        ({"when_cadence": "monthly", "when_day": "32"}, "Say the day of the month"),
        ({"when_cadence": "monthly", "when_day": "first"}, "Say the day of the month"),
        ({"when_cadence": "daily", "when_end": "times", "when_times": "0"}, "Say after how many runs it ends"),
        ({"when_cadence": "daily", "when_end": "until", "when_until": ""}, "Say the last day"),
        ({"when_cadence": "at", "when_at": ""}, "Enter a date and a time"),
        ({"when_cadence": "daily", "grace": "4"}, "Say how late a run may start: 5 to 10,080 minutes."),
        ({"when_cadence": "daily", "grace": "an hour"}, "Say how late a run may start"),
        ({"when_cadence": "daily", "brake-smallest": "few"}, "Say the smallest audience"),
        ({"when_cadence": "daily", "brake-smallest": "9", "brake-largest": "8"}, "larger than the largest"),
        ({"when_cadence": "daily", "brake-change-on": "on", "brake-change": "0"}, "Say the change against"),
        ({"when_cadence": "daily", "brake-data_age-on": "on", "brake-data_by": "customer_360.city"},
         "customer_360.city is no date or time of Demo customers"),
    ],
)  # fmt: skip
def test_what_is_wrong_says_what_to_do(draft, marketer, fields, problem):
    errors = validate(draft(**read(**fields)), marketer).errors
    assert [one.text for one in errors if problem in one.text]


def test_brakes_are_off_until_set_and_a_tick_takes_what_is_proposed():
    assert read(when_cadence="daily")["brakes"] == {}
    fields = {"brake-smallest": "1,000", "brake-change-on": "on", "brake-data_age-on": "on"}
    found = read(when_cadence="daily", **fields, **{"brake-data_by": "files"})["brakes"]
    assert found == {"smallest": 1000, "change": 25, "data_age": 24, "data_by": "files"}


def test_files_cannot_tell_the_age_of_data_behind_a_server(draft, marketer, database):
    braked = draft(brakes={"data_age": 24, "data_by": "files"})
    assert not validate(braked, marketer).errors
    database.url = "postgres://customers.example.com/shop"
    database.save()
    (error,) = validate(braked, marketer).errors
    assert error.path == ("brakes",)
    assert error.text == (
        "Demo customers is not read from files, so they cannot tell how old it is. Choose a column."
    )
    assert when(draft()).tellers == []


def test_the_next_five_runs_are_told_in_the_campaigns_time_zone():
    assert next_words({"weekly": ["sun"], "time": "02:30", "times": 2}, "America/Chicago", NOW) == [
        "Sun 14 Mar 2027 03:00 CDT", "Sun 21 Mar 2027 02:30 CDT"
    ]  # fmt: skip
    assert next_words({"daily": "nine"}, "UTC", NOW) == []
    assert next_words({"daily": "09:00"}, "Mars", NOW) == []


def test_the_editor_shows_them_while_one_chooses(client, campaign):
    fields = {"name": "Spring Sale", "when-cadence": "daily", "when-time": "10:15", "action": "refresh"}
    with clock.stopped_at(NOW):
        text = page(client.post(f"/campaigns/{campaign.pk}/", fields))
    assert "<li>Sat 13 Mar 2027 10:15 UTC</li>" in text
    assert "<li>Wed 17 Mar 2027 10:15 UTC</li>" in text
    assert "Smallest audience" in text


def test_a_time_that_is_over_is_told(client, campaign):
    fields = {"when-cadence": "at", "when-at": "2027-03-01T09:00", "action": "refresh"}
    with clock.stopped_at(NOW):
        text = page(client.post(f"/campaigns/{campaign.pk}/", fields))
    assert "<strong>No run is to come.</strong> This time is over; choose a later one." in text


def test_what_is_stored_is_drawn_and_read_back_the_same(draft, marketer):
    schedule = {"weekly": ["mon", "thu"], "time": "07:05", "times": 4}
    brakes = {"largest": 5000, "change": 10}
    stored = save(draft(schedule=schedule, brakes=brakes, grace=15), None, marketer, None)
    drawn = when(draft_of(stored))
    post = QueryDict(mutable=True)
    post.update({
        "when-cadence": drawn.cadence, "when-time": drawn.time, "when-days": "1", "when-end": drawn.end,
        "when-times": str(drawn.times), "grace": str(drawn.grace), "brake-largest": "5000",
        "brake-change-on": "on", "brake-change": str(drawn.change), "time_zone": "UTC",
        **{f"when-{day}": "on" for day, _, ticked in drawn.days if ticked},
    })  # fmt: skip
    found = parsed(post, draft_of(stored))
    assert (found["schedule"], found["brakes"], found["grace"]) == (schedule, brakes, 15)


def scheduled(campaign):
    Campaign.objects.update(schedule={"daily": "09:00"}, scheduled_at=NOW, next_run_at=NOW)


def test_a_scheduled_campaign_is_only_read_and_says_so(client, campaign):
    scheduled(campaign)
    text = page(client.get(f"/campaigns/{campaign.pk}/"))
    assert "It is not edited while it is scheduled." in text
    assert "Scheduled every day at 09:00, UTC, next on 12 March 2027 at 12:00." in text
    assert "Unschedule and edit" in text
    assert 'name="name"' not in text


def test_one_scheduled_while_it_is_edited_is_not_overwritten(client, campaign):
    scheduled(campaign)
    form = {"name": "Other", "customer_database": campaign.customer_database_id, "version": campaign.version,
            "include": campaign.includes.first().segment_id}  # fmt: skip
    for item in draft_of(campaign).sub_audiences:
        form |= {"sub-0-id": item.id, "sub-0-name": item.name}
        for number, group in enumerate(item.groups):
            form |= {f"sub-0-group-{number}-{key}": value for key, value in
                     (("id", group.id), ("name", group.name), ("percent", group.percent))}  # fmt: skip
            form |= {f"sub-0-group-{number}-to": group.destinations} if group.destinations else {}
            form |= {f"sub-0-group-{number}-control": "on"} if group.is_control else {}
    for action in ("save", f"overwrite:{campaign.version}"):
        text = page(client.post(f"/campaigns/{campaign.pk}/", form | {"action": action}))
        assert "“Spring Sale” is scheduled. Nothing of yours is stored; unschedule it, then save." in text
    campaign.refresh_from_db()
    assert (campaign.name, campaign.version) == ("Spring Sale", 1)


def test_an_edit_after_the_last_run_makes_it_a_draft_again(draft, marketer, campaign):
    Campaign.objects.update(scheduled_at=NOW)
    save(draft(name="Renamed"), campaign, marketer, None)
    campaign.refresh_from_db()
    assert (campaign.scheduled_at, campaign.name) == (None, "Renamed")


def test_one_that_is_scheduled_is_not_archived_but_can_be_deleted(client, campaign):
    scheduled(campaign)
    answer = client.post(f"/campaigns/{campaign.pk}/archive/", follow=True)
    assert "is scheduled; unschedule it, then archive it." in page(answer)
    client.post(f"/campaigns/{campaign.pk}/delete/")
    assert not Campaign.objects.exists()


def test_a_copy_is_a_draft_with_the_same_schedule(client, campaign):
    scheduled(campaign)
    client.post(f"/campaigns/{campaign.pk}/copy/")
    made = Campaign.objects.exclude(pk=campaign.pk).get()
    assert (made.schedule, made.scheduled_at, made.next_run_at) == ({"daily": "09:00"}, None, None)


# The launch date -----------------------------------------------------------------------------------------


def told_of_launch_date(draft, marketer, **fields):
    with clock.stopped_at(NOW):
        warnings = validate(draft(**fields), marketer).warnings
    return [(one.message, one.advice) for one in warnings if one.path == ("launch_date",)]


@pytest.mark.parametrize(
    ("schedule", "launch_date"),
    [
        ({}, ""),
        ({}, "2027-03-13T12:00"),
        ({"at": "2027-03-20T09:00"}, "2027-03-21T09:00"),
        ({"at": "2027-03-20T25:00"}, "2027-03-20T09:00"),
    ],
)
def test_a_launch_date_a_day_after_the_next_run_is_fine(draft, marketer, schedule, launch_date):
    assert told_of_launch_date(draft, marketer, schedule=schedule, launch_date=launch_date) == []


def test_a_launch_date_within_attentives_24_hours_says_until_when_to_send(draft, marketer):
    at = {"schedule": {"at": "2027-03-20T09:00"}, "time_zone": "America/Chicago"}
    assert told_of_launch_date(draft, marketer, **at, launch_date="2027-03-20T20:30") == [
        (
            "The launch date is 11 hours after the lists are sent, Sat 20 Mar 2027 09:00 CDT, "
            "and Attentive may take 24 hours to have them.",
            "Send them by Fri 19 Mar 2027 20:30 CDT, or choose a later launch date.",
        )
    ]
    ((text, _),) = told_of_launch_date(draft, marketer, launch_date="2027-03-12T13:30")
    assert text.startswith("The launch date is 1 hour after the lists are sent, Fri 12 Mar 2027 12:00 UTC")


def test_a_launch_date_before_the_next_run_is_told(draft, marketer):
    ((text, advice),) = told_of_launch_date(
        draft, marketer, schedule={"daily": "09:00"}, launch_date="2027-03-01T09:00"
    )
    assert text == "The launch date is over when the lists are sent, Sat 13 Mar 2027 09:00 UTC."
    assert advice == "Choose a later launch date."


def test_the_editor_and_the_delivery_summary_show_it(client, draft, marketer):
    stored = save(draft(launch_date="2027-03-12T13:30"), None, marketer, None)
    with clock.stopped_at(NOW):
        for url in (f"/campaigns/{stored.pk}/", reverse("preflight", args=[stored.pk])):
            text = page(client.get(url))
            assert "The launch date is 1 hour after the lists are sent" in text
            assert "Send them by Thu 11 Mar 2027 13:30 UTC" in text
