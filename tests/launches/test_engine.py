"""From Launch to confirmed files, on a real SFTP server."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

from campaigns.launches import deliver as delivering
from campaigns.launches.building import build_launch
from campaigns.launches.control import (
    CannotDo,
    cancel,
    it_arrived,
    retriable,
    retry,
    send_it_again,
)
from campaigns.launches.deliver import deliver
from campaigns.launches.jobs import nobody_woken
from campaigns.launches.left_behind import left_behind
from campaigns.launches.models import Launch, SentSegment
from campaigns.launches.preflight import count, is_stale, start_preflight
from campaigns.launches.reconcile import due, reconcile
from campaigns.launches.report import as_json
from campaigns.launches.start import CannotLaunch, launch_campaign, test_campaign
from campaigns.launches.summary import launch_summary, preflight_summary
from campaigns.planning.draft import draft_of, save
from config import clock
from destinations.models import Destination, FileNumber

pytestmark = pytest.mark.django_db


def fresh(row):
    row.refresh_from_db()
    return row


def built(campaign):
    launch = launch_campaign(campaign, None)
    build_launch(launch.pk)
    return fresh(launch)


def in_an_hour(monkeypatch, hours=1.0):
    now = clock.now() + timedelta(hours=hours)
    monkeypatch.setattr(clock, "now", lambda: now)


# The road -------------------------------------------------------------------------------------------------


def test_a_launch_brings_every_list_whole_under_its_name(launched, uploads):
    launch = launched()
    assert launch.state == "delivered"
    files = list(launch.files.all())
    assert [file.state for file in files] == ["delivered", "delivered"]
    for file in files:
        arrived = (uploads / file.name).read_bytes()
        assert hashlib.sha256(arrived).hexdigest() == file.sha256
        assert len(arrived) == file.size
        assert arrived.count(b"\n") == file.rows
        assert file.attempts.get().error == ""
    assert sorted(path.name for path in uploads.iterdir()) == sorted(file.name for file in files)
    day = files[0].day
    assert [file.name for file in files] == [
        f"acme_subscriber_segment_{day:%Y%m%d}_{number}.csv" for number in (1, 2)
    ]


def test_what_is_stored_is_for_the_owner_alone(launched):
    launch = launched()
    for path in (launch.history_path, launch.files.first().path):
        with delivering.fetch(path) as local:
            assert local.stat().st_mode & 0o077 == 0


def test_its_numbers_add_up(launched):
    data = as_json(launched())
    assert data["considered"] == sum(data["excluded"].values()) + data["audience"]
    assert data["audience"] == sum(group["customers"] for group in data["groups"])
    sizes = {group["treatment_group"]: group["customers"] for group in data["groups"]}
    for delivery in data["deliveries"]:
        assert sum(delivery["outcomes"].values()) == sizes[delivery["treatment_group"]]
        assert delivery["rows"] == sum(file["rows"] for file in delivery["files"])
    assert {delivery["status"] for delivery in data["deliveries"]} == {"delivered"}


def test_who_was_in_a_group_is_there_in_the_next_launch(launched):
    first, second = launched(), launched()
    lists = [
        {file.sections[0]["segment_name"]: file.sha256 for file in one.files.all()} for one in (first, second)
    ]
    assert lists[0] == lists[1]
    assert launch_summary(second).entered == 0
    assert [group.returned for group in launch_summary(second).groups] == [
        group.customers for group in launch_summary(second).groups
    ]


def test_a_launch_uses_what_was_frozen_whatever_is_edited_later(campaign, uploads):
    launch = launch_campaign(campaign, None)
    draft = draft_of(campaign)
    save(type(draft)(**{**vars(draft), "name": "Autumn Sale"}), campaign, None, None)
    build_launch(launch.pk)
    assert {part["segment_name"] for file in launch.files.all() for part in file.sections} == {
        "SpringSale_Offer",
        "SpringSale_Reminder",
    }


def test_an_empty_audience_is_nothing_to_send(campaign, chicago, launched, uploads):
    chicago.rules["rules"]["all"][0]["is"] = "Atlantis"
    chicago.save()
    launch = launched()
    assert (launch.state, launch.error) == ("nothing_to_send", "")
    assert {one.state for one in launch.deliveries.all()} == {"nothing_to_send"}
    assert not list(uploads.iterdir())


def test_a_customer_database_that_is_gone_is_told_and_the_launch_kept(campaign, customer_database, launched):
    customer_database.url = "files:/nowhere/at/all"
    customer_database.save()
    launch = launched()
    assert launch.state == "failed"
    assert "The folder of the customer database is not there" in launch.error


# Starting -------------------------------------------------------------------------------------------------


def test_the_same_form_posted_twice_launches_once(campaign, marketer):
    import uuid

    token = uuid.uuid4()
    launches = {launch_campaign(campaign, marketer, form_token=token).pk for _ in range(2)}
    assert len(launches) == 1


def test_a_second_launch_is_refused_while_one_is_under_way(campaign):
    launch = launch_campaign(campaign, None)
    with pytest.raises(CannotLaunch, match=f"Launch {launch.pk} of “Spring Sale” is not finished yet"):
        launch_campaign(campaign, None)


def test_an_archived_campaign_is_not_launched(campaign):
    campaign.archived_at = clock.now()
    campaign.save()
    with pytest.raises(CannotLaunch, match="is archived"):
        launch_campaign(campaign, None)


def test_a_campaign_over_a_deleted_customer_database_is_not_launched(campaign, customer_database):
    customer_database.archived_at = clock.now()
    customer_database.save()
    for start in (
        launch_campaign,
        lambda *who: test_campaign(*who, 3, to_destination=False),
        start_preflight,
    ):
        with pytest.raises(CannotLaunch, match=r"The customer database of “Spring Sale” was deleted"):
            start(campaign, None)
    assert not Launch.objects.exists()


def test_a_disabled_destination_is_not_sent_to(campaign, destination):
    destination.disabled_at = clock.now()
    destination.save()
    with pytest.raises(CannotLaunch, match="is disabled"):
        launch_campaign(campaign, None)


def test_who_may_not_use_a_destination_cannot_launch_to_it(campaign, destination, marketer):
    destination.operators_only = True
    destination.save()
    with pytest.raises(CannotLaunch, match="may not send"):
        launch_campaign(campaign, marketer)


def test_without_redis_a_launch_is_stored_and_found_due(campaign, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        launch = launch_campaign(campaign, None)
    assert launch in list(due())


# Trouble on the way ---------------------------------------------------------------------------------------


def test_a_broken_connection_is_tried_again_under_the_same_name(campaign, sandbox, uploads, monkeypatch):
    launch = built(campaign)
    file = launch.files.first()
    sandbox.read_only = True
    deliver(file.pk)
    assert fresh(file).state == "retrying"
    assert "may not write" in file.error
    name = file.name
    assert file not in list(due())
    sandbox.read_only = False
    in_an_hour(monkeypatch)
    assert file in list(due())
    deliver(file.pk)
    assert (fresh(file).state, file.name, file.attempts.count()) == ("delivered", name, 2)
    assert [path.name for path in uploads.iterdir()] == [name]


def test_a_refused_login_is_not_tried_again_by_itself(campaign, destination):
    launch = built(campaign)
    credential = destination.credential
    credential.fields = {**credential.fields, "passphrase": "another one"}
    credential.save()
    for file in launch.files.all():
        deliver(file.pk)
    assert fresh(launch).state == "failed"
    assert "refused this user name" in launch.deliveries.first().error


def test_after_24_hours_it_is_given_up(campaign, sandbox, monkeypatch):
    launch = built(campaign)
    file = launch.files.first()
    sandbox.read_only = True
    deliver(file.pk)
    in_an_hour(monkeypatch, 25)
    deliver(file.pk)
    assert fresh(file).state == "failed"
    assert "tried for 24 hours" in file.error
    assert not retriable(file.launch, [file])


def test_a_changed_host_key_stops_the_delivery_and_asks_for_a_look(campaign, destination):
    launch = built(campaign)
    Destination.objects.filter(pk=destination.pk).update(host_key="SHA256:another")
    deliver(launch.files.first().pk)
    assert launch.files.first().state == "failed"
    assert "another host key" in fresh(destination).needs_attention


def test_a_foreign_file_under_our_name_makes_us_take_the_next_number(campaign, uploads):
    launch = built(campaign)
    file = launch.files.first()
    foreign = uploads / f"acme_subscriber_segment_{clock.now():%Y%m%d}_1.csv"
    foreign.write_text("theirs")
    deliver(file.pk)
    assert fresh(file).state == "delivered"
    assert file.number == 2
    assert foreign.read_text() == "theirs"
    assert "Another file has the name" in file.attempts.first().error


def test_a_lost_answer_to_the_rename_is_looked_up_and_not_sent_twice(campaign, sandbox, uploads):
    launch = built(campaign)
    file = launch.files.first()
    sandbox.loses_the_answer_to_rename = True
    deliver(file.pk)
    assert fresh(file).state == "delivered"
    assert [path.name for path in uploads.iterdir()] == [file.name]
    assert len([name for name in sandbox.opened if name.endswith(".part")]) == 1


def unknown(campaign, sandbox, uploads):
    """A file whose rename was answered by nobody, taken in before it could be looked up."""
    file = built(campaign).files.first()
    sandbox.loses_the_answer_to_rename = True
    sandbox.takes_in_at_once = True
    deliver(file.pk)
    sandbox.loses_the_answer_to_rename = sandbox.takes_in_at_once = False
    return fresh(file)


def test_what_nobody_can_tell_is_unknown_until_a_person_says(campaign, sandbox, uploads, marketer):
    file = unknown(campaign, sandbox, uploads)
    assert file.state == "unknown"
    deliver(file.launch.files.last().pk)
    assert fresh(file.launch).state == "needs_you"
    assert file not in list(due())
    it_arrived(file, marketer)
    assert fresh(file.launch).state == "delivered"
    assert file.confirmation == "said by Mara"
    with pytest.raises(CannotDo):
        send_it_again(fresh(file), marketer)


def test_an_unknown_file_is_sent_again_when_a_person_says_so(campaign, sandbox, uploads, marketer):
    file = unknown(campaign, sandbox, uploads)
    send_it_again(file, marketer)
    deliver(file.pk)
    assert fresh(file).state == "delivered"
    assert (uploads / file.name).exists()


def test_a_worker_killed_while_uploading_is_followed_by_another(campaign, uploads, monkeypatch):
    launch = built(campaign)
    file = launch.files.first()
    killed(file, monkeypatch, stage="upload")
    (uploads / f".{file.name}.1.part").write_text("half")
    assert fresh(file) not in list(due())
    in_an_hour(monkeypatch)
    assert file in list(due())
    deliver(file.pk)
    assert fresh(file).state == "delivered"
    assert [path.name for path in uploads.iterdir()] == [file.name]
    assert "ended in the middle" in file.attempts.first().error


def test_a_worker_killed_after_the_rename_sent_nothing_twice(campaign, sandbox, uploads, monkeypatch):
    launch = built(campaign)
    file = launch.files.first()
    killed(file, monkeypatch, stage="confirm")
    with delivering.fetch(file.path) as path:
        (uploads / file.name).write_bytes(path.read_bytes())
    opened = len(sandbox.opened)
    in_an_hour(monkeypatch)
    deliver(file.pk)
    assert fresh(file).state == "delivered"
    assert len(sandbox.opened) == opened


def test_a_delivery_says_that_it_is_sending(campaign, monkeypatch):
    launch = built(campaign)
    file = launch.files.first()
    killed(file, monkeypatch, stage="upload")
    assert file.deliveries.get().state == "sending"


def killed(file, monkeypatch, *, stage):
    """As a SIGKILL leaves it: lease held, attempt open, the stage as far as it had come."""

    class Killed(BaseException):
        pass

    def dies(self, parcel):
        delivering.Attempt.objects.filter(pk=self.attempt.pk).update(stage=stage, sent_bytes=5)
        self._write(stage=stage, sent_bytes=5)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(delivering._Sending, "_sent", dies)
        with pytest.raises(Killed):
            deliver(file.pk)
    fresh(file)


@pytest.fixture
def directly(destination):
    destination.settings["upload"] = "directly"
    destination.save()


def test_a_direct_upload_that_was_never_opened_is_tried_again(
    directly, campaign, sandbox, uploads, monkeypatch
):
    file = built(campaign).files.first()
    sandbox.read_only = True
    deliver(file.pk)
    assert fresh(file).state == "retrying"
    sandbox.read_only = False
    in_an_hour(monkeypatch)
    deliver(file.pk)
    assert fresh(file).state == "delivered"


def test_a_direct_upload_is_not_cut_short_by_who_cancels(directly, campaign, uploads, marketer, monkeypatch):
    launch = built(campaign)
    file = launch.files.first()
    last_look = delivering._Sending._last_look

    def cancelled_right_after(self):
        last_look(self)
        cancel(launch, marketer)

    monkeypatch.setattr(delivering._Sending, "_last_look", cancelled_right_after)
    deliver(file.pk)
    assert fresh(file).state == "delivered"
    assert (uploads / file.name).stat().st_size == file.size


@pytest.mark.parametrize(("left", "state"), [("half", "delivered"), ("", "unknown")])
def test_a_worker_killed_while_uploading_directly(directly, campaign, uploads, monkeypatch, left, state):
    file = built(campaign).files.first()
    killed(file, monkeypatch, stage="confirm")
    if left:
        (uploads / file.name).write_text(left)
    in_an_hour(monkeypatch)
    deliver(file.pk)
    if state == "delivered":  # found cut short, then written again
        in_an_hour(monkeypatch, 2)
        deliver(file.pk)
    assert fresh(file).state == state


def test_a_worker_killed_before_the_renaming_does_not_take_a_foreign_file_for_its_own(
    campaign, uploads, monkeypatch
):
    file = built(campaign).files.first()
    killed(file, monkeypatch, stage="upload")
    (uploads / file.name).write_text("theirs")
    in_an_hour(monkeypatch)
    deliver(file.pk)
    assert (fresh(file).state, file.number) == ("delivered", 2)


def test_two_workers_never_send_one_file_at_once(campaign, sandbox, monkeypatch):
    launch = built(campaign)
    file = launch.files.first()
    killed(file, monkeypatch, stage="connect")
    deliver(file.pk)
    assert fresh(file).attempts.count() == 1
    assert not sandbox.opened


def test_an_older_list_never_overtakes_a_newer_one(campaign, sandbox, launched, monkeypatch):
    old = built(campaign)
    sandbox.read_only = True
    for file in old.files.all():
        deliver(file.pk)
    Launch.objects.filter(pk=old.pk).update(state="failed")
    sandbox.read_only = False
    new = launched()
    in_an_hour(monkeypatch)
    for file in old.files.all():
        deliver(file.pk)
    assert {file.state for file in old.files.all()} == {"superseded"}
    assert {file.state for file in new.files.all()} == {"delivered"}
    assert not retriable(old, old.files.all())


def test_a_failed_file_is_tried_again_by_a_person_with_the_same_bytes(campaign, destination, marketer):
    launch = built(campaign)
    credential = destination.credential
    right = credential.fields
    credential.fields = {**right, "passphrase": "another one"}
    credential.save()
    for file in launch.files.all():
        deliver(file.pk)
    credential.fields = right
    credential.save()
    for file in launch.files.all():
        name = file.name
        retry(file, marketer)
        deliver(file.pk)
        assert (fresh(file).state, file.name) == ("delivered", name)
    assert fresh(launch).state == "delivered"


def test_a_file_that_waits_for_its_next_attempt_can_be_tried_now(campaign, sandbox, marketer):
    launch = built(campaign)
    file = launch.files.first()
    sandbox.read_only = True
    deliver(file.pk)
    sandbox.read_only = False
    assert retriable(file.launch, [fresh(file)])
    retry(file, marketer)
    deliver(file.pk)
    assert fresh(file).state == "delivered"


def test_a_login_that_leads_elsewhere_by_now_sends_nothing(campaign, destination, uploads):
    launch = built(campaign)
    Destination.objects.filter(pk=destination.pk).update(account_key="sftp:somebody@else:22")
    deliver(launch.files.first().pk)
    assert launch.files.first().state == "failed"
    assert "another account" in launch.files.first().error
    assert not list(uploads.iterdir())


def test_an_unforeseen_error_is_tried_again_and_tells_no_values(campaign, monkeypatch, caplog):
    launch = built(campaign)
    file = launch.files.first()

    def breaks(*_):
        raise ZeroDivisionError("jordan@example.com")

    with monkeypatch.context() as patch:
        patch.setattr(type(file.destination.the_kind), "send", breaks)
        deliver(file.pk)
    assert fresh(file).state == "retrying"
    assert "error in Muster itself (ZeroDivisionError)" in file.error
    assert "jordan" not in caplog.text
    in_an_hour(monkeypatch)
    deliver(file.pk)
    assert fresh(file).state == "delivered"


def test_an_unforeseen_error_while_building_fails_the_launch_and_tells_no_values(
    campaign, monkeypatch, caplog
):
    from campaigns.launches import building

    def breaks(*_, **__):
        raise ZeroDivisionError("jordan@example.com")

    monkeypatch.setattr(building, "build", breaks)
    launch = launch_campaign(campaign, None)
    build_launch(launch.pk)
    assert fresh(launch).state == "failed"
    assert "jordan" not in launch.error + caplog.text


def test_a_launch_whose_worker_died_before_it_noted_the_end_is_settled(campaign, monkeypatch):
    from campaigns.launches.reconcile import reconcile

    launch = built(campaign)
    with monkeypatch.context() as patch:
        patch.setattr(delivering, "settle", lambda pk: None)
        for file in launch.files.all():
            deliver(file.pk)
    assert fresh(launch).state == "sending"
    reconcile()
    assert fresh(launch).state == "delivered"


# Cancelling -----------------------------------------------------------------------------------------------


def test_a_waiting_launch_is_cancelled_at_once(campaign, marketer):
    launch = launch_campaign(campaign, marketer)
    cancel(launch, marketer)
    assert launch.state == "cancelled"
    build_launch(launch.pk)
    assert fresh(launch).state == "cancelled"
    launch_campaign(campaign, marketer)


def test_a_launch_is_cancelled_while_it_is_built(campaign, marketer, monkeypatch):
    from campaigns.launches import building

    launch = launch_campaign(campaign, marketer)
    real = building.build

    def cancelled_meanwhile(*args, **more):
        cancel(Launch.objects.get(pk=launch.pk), marketer)
        return real(*args, **more)

    monkeypatch.setattr(building, "build", cancelled_meanwhile)
    build_launch(launch.pk)
    assert fresh(launch).state == "cancelled"
    assert not launch.files.exists()
    assert not list((django_settings.DATA_DIR / "building").glob(f"launch-{launch.pk}-*"))


def test_files_that_wait_are_cancelled_and_what_arrived_stays(campaign, marketer, uploads):
    launch = built(campaign)
    first, second = launch.files.all()
    deliver(first.pk)
    cancel(fresh(launch), marketer)
    assert (fresh(first).state, fresh(second).state) == ("delivered", "cancelled")
    assert launch.state == "partly_delivered"
    with pytest.raises(CannotDo, match="over already"):
        cancel(launch, marketer)


def test_a_file_is_cancelled_while_it_is_sent(campaign, marketer, uploads, monkeypatch):
    launch = built(campaign)
    file = launch.files.first()
    real = delivering._Sending._last_look

    def cancelled_meanwhile(self):
        cancel(Launch.objects.get(pk=launch.pk), marketer)
        real(self)

    monkeypatch.setattr(delivering._Sending, "_last_look", cancelled_meanwhile)
    deliver(file.pk)
    assert fresh(file).state == "cancelled"
    assert not (uploads / file.name).exists()


def test_what_may_have_arrived_is_looked_up_before_it_is_cancelled(
    campaign, sandbox, marketer, uploads, monkeypatch
):
    launch = built(campaign)
    first, second = launch.files.all()
    for file in (first, second):
        killed(file, monkeypatch, stage="confirm")
    with delivering.fetch(first.path) as path:
        (uploads / first.name).write_bytes(path.read_bytes())
    (uploads / f".{second.name}.1.part").write_text("half")
    in_an_hour(monkeypatch)
    cancel(fresh(launch), marketer)
    for file in (first, second):
        deliver(file.pk)
    assert (fresh(first).state, fresh(second).state) == ("delivered", "cancelled")


# Tests, pre-flights, what stays -----------------------------------------------------------------------------


def test_a_test_sends_a_few_under_a_name_of_its_own_and_leaves_no_history(campaign, uploads):
    launch = test_campaign(campaign, None, 3, to_destination=True)
    build_launch(launch.pk)
    for file in launch.files.all():
        deliver(file.pk)
    assert fresh(launch).state == "delivered"
    assert launch.history_path == ""
    assert {line.split(",")[1] for path in uploads.iterdir() for line in path.read_text().splitlines()} == {
        "SpringSale_Offer_TEST",
        "SpringSale_Reminder_TEST",
    }
    assert {file.rows for file in launch.files.all()} == {3}


def test_a_test_to_a_file_is_sent_to_nobody(campaign, uploads):
    launch = test_campaign(campaign, None, 3, to_destination=False)
    build_launch(launch.pk)
    assert fresh(launch).state == "delivered"
    assert not list(uploads.iterdir())
    assert not list(due())


def test_a_preflight_says_what_a_launch_then_does(campaign, launched):
    preflight = start_preflight(campaign, None)
    count(preflight.pk)
    before = preflight_summary(fresh(preflight))
    launch = launched()
    after = launch_summary(launch)
    assert (before.considered, before.audience, before.control) == (
        after.considered,
        after.audience,
        after.control,
    )
    assert [(file.name, file.rows, file.segment_names) for file in before.files] == [
        (file.name, file.rows, file.segment_names) for file in after.files
    ]


def test_a_preflight_holds_until_something_below_it_changes(campaign, chicago):
    preflight = start_preflight(campaign, None)
    count(preflight.pk)
    assert start_preflight(campaign, None) == preflight
    assert not is_stale(fresh(preflight))
    chicago.rules["rules"]["all"][0]["is"] = "Seattle"
    chicago.save()
    assert is_stale(fresh(preflight))
    assert start_preflight(campaign, None) != preflight


def test_a_preflight_writes_no_history(campaign, launched):
    preflight = start_preflight(campaign, None)
    count(preflight.pk)
    launch = launched()
    assert [group.returned for group in launch_summary(launch).groups] == [0, 0, 0]
    assert not SentSegment.objects.exclude(launch=launch).exists()


def test_a_renamed_group_leaves_its_old_segment_behind(campaign, launched):
    launched()
    assert left_behind(campaign) == []
    draft = draft_of(campaign)
    part = draft.sub_audiences[0]
    groups = [type(g)(**{**vars(g), "name": "Better"}) if g.name == "Offer" else g for g in part.groups]
    changed = type(part)(**{**vars(part), "groups": tuple(groups)})
    save(type(draft)(**{**vars(draft), "sub_audiences": (changed,)}), campaign, None, None)
    (left,) = left_behind(campaign)
    assert (left.segment_name, left.platform) == ("SpringSale_Offer", "Attentive")
    assert left.people > 0


# The command ------------------------------------------------------------------------------------------------


def run(*arguments):
    out, err = StringIO(), StringIO()
    try:
        call_command("launch", *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        return ended.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_command_does_a_whole_launch_here(campaign, uploads):
    code, out, _ = run("Spring Sale", "--here", "--json")
    data = json.loads(out)
    assert (code, data["status"]) == (0, "delivered")
    assert sorted(file["name"] for one in data["deliveries"] for file in one["files"]) == sorted(
        path.name for path in uploads.iterdir()
    )


@pytest.mark.django_db(transaction=True)
def test_the_command_alone_stores_the_launch(campaign):
    code, out, _ = run("Spring Sale", "--json")
    assert (code, json.loads(out)["status"]) == (0, "waiting")
    code, _, err = run("Spring Sale")
    assert code == 1
    assert "is not finished yet" in err
    assert err.count("\n") == 1


@pytest.mark.django_db(transaction=True)
def test_here_goes_on_with_a_launch_that_nobody_works_on(campaign, uploads):
    launch = launch_campaign(campaign, None)
    code, out, _ = run("Spring Sale", "--here", "--json")
    assert (code, json.loads(out)["launch"]) == (0, launch.pk)


@pytest.mark.django_db(transaction=True)
def test_a_test_by_command(campaign, uploads):
    code, out, _ = run("Spring Sale", "--here", "--test", "2", "--json")
    assert code == 0
    assert {file["rows"] for one in json.loads(out)["deliveries"] for file in one["files"]} == {2}


def test_the_command_names_a_campaign_it_does_not_know(db):
    code, _, err = run("Nobody knows")
    assert (code, err) == (1, "There is no campaign “Nobody knows”. Look at its name under Campaigns.\n")


# Where files are numbered ---------------------------------------------------------------------------------


def _into(destination, folder):
    destination.settings = {**destination.settings, "remote_folder": folder}
    destination.drop_point = f"{folder}#acme"
    destination.save()


def test_numbers_begin_anew_in_another_folder(campaign, destination, launched, uploads):
    first = launched()
    (uploads / "more").mkdir()
    _into(destination, "/uploads/more")
    second = launched()
    assert second.state == "delivered"
    assert sorted(file.name for file in second.files.all()) == sorted(file.name for file in first.files.all())
    assert {file.attempts.count() for file in second.files.all()} == {1}


def test_a_file_is_numbered_where_it_was_launched_to(campaign, destination, uploads):
    launch = built(campaign)
    (uploads / "more").mkdir()
    before = destination.drop_point
    _into(destination, "/uploads/more")
    for file in launch.files.all():
        deliver(file.pk)
    assert {file.drop_point for file in launch.files.all()} == {before}
    assert FileNumber.objects.get().drop_point == before
    assert len([path for path in uploads.iterdir() if path.is_file()]) == 2


# Errors in Muster itself ----------------------------------------------------------------------------------


def test_an_error_in_muster_itself_ends_after_24_hours(campaign, monkeypatch):
    launch = built(campaign)
    file = launch.files.first()
    monkeypatch.setattr(delivering._Sending, "_parcel", lambda *_: 1 / 0)
    deliver(file.pk)
    assert fresh(file).state == "retrying"
    in_an_hour(monkeypatch, 25)
    deliver(file.pk)
    assert fresh(file).state == "failed"
    assert "error in Muster itself" in file.error


def test_what_was_frozen_and_cannot_be_read_fails_at_once(campaign):
    launch = built(campaign)
    del launch.frozen["destinations"]
    launch.save(update_fields=["frozen"])
    file = launch.files.first()
    deliver(file.pk)
    assert fresh(file).state == "failed"
    assert "Launch again." in file.error


# Starts side by side --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_launch_started_eight_times_at_once_is_one(campaign, marketer):
    import uuid
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    token = uuid.uuid4()

    def start(_):
        try:
            return launch_campaign(campaign, marketer, form_token=token).pk
        finally:
            connection.close()

    with nobody_woken(), ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, range(8)))) == 1
    assert Launch.objects.count() == 1


def test_the_history_is_frozen_after_the_look_for_another_launch(campaign, monkeypatch):
    from campaigns.launches import start

    launch = built(campaign)
    real = start.refuse_a_second

    def ended_just_now(asked):
        Launch.objects.filter(pk=launch.pk).update(state="delivered")
        real(asked)

    monkeypatch.setattr(start, "refuse_a_second", ended_just_now)
    second = launch_campaign(campaign, None)
    assert second.frozen["history_path"] == fresh(launch).history_path != ""


def test_what_a_killed_builder_left_behind_is_removed(campaign):
    launch = launch_campaign(campaign, None)
    building = django_settings.DATA_DIR / "building"
    dead, alive = building / f"launch-{launch.pk}-1", building / f"launch-{launch.pk}-2"
    for folder in (dead, alive):
        (folder / "files").mkdir(parents=True)
    Launch.objects.filter(pk=launch.pk).update(state="building", token=2)
    with nobody_woken():
        reconcile()
    assert (dead.exists(), alive.exists()) == (False, True)
