"""Send the previous list again: what stood before a launch goes out once more, to a real SFTP server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from campaigns.launches.compare import newest_built
from campaigns.launches.freeze import freeze
from campaigns.launches.here import finish_here
from campaigns.launches.jobs import nobody_woken
from campaigns.launches.models import Launch, LaunchFile, SentSegment
from campaigns.launches.report import as_json
from campaigns.launches.sending_again import previous_list, send_previous_again
from campaigns.launches.start import CannotLaunch
from campaigns.launches.why.words import explain
from campaigns.planning.models import TreatmentGroup
from campaigns.segments.rules import dump, parse
from config import clock
from config.audit.models import Event
from destinations.models import Destination


def include(campaign, city: str) -> None:
    """From now on the campaign is for another city."""
    segment = campaign.include.get()
    segment.rules = dump(parse({"all": [{"attribute": "customer_360.city", "is": city}]}))
    segment.save()


@pytest.fixture
def twice(campaign, launched) -> tuple[Launch, Launch]:
    """To Chicago, then by mistake to Seattle."""
    first = launched()
    include(campaign, "Seattle")
    return first, launched()


def again(launch: Launch, **more: Any) -> Launch:
    with nobody_woken():
        made = send_previous_again(launch, None, **more)
    finish_here(made)
    made.refresh_from_db()
    return made


def sent(launch: Launch, uploads: Path) -> dict[str, bytes]:
    """{segment name: the file that arrived}"""
    files = launch.files.order_by("position")
    return {file.sections[0]["segment_name"]: (uploads / file.name).read_bytes() for file in files}


def problem(launch: Launch, user: Any = None) -> str:
    with pytest.raises(CannotLaunch) as refused:
        send_previous_again(launch, user)
    return refused.value.message


def test_the_very_rows_arrive_again_under_new_file_names(twice, uploads):
    first, second = twice
    made = again(second)
    assert made.state == "delivered"
    assert sent(made, uploads) == sent(first, uploads) != sent(second, uploads)
    names = [file.name for launch in (first, second, made) for file in launch.files.all()]
    assert len(set(names)) == len(names) == 6
    assert [delivery.state for delivery in made.deliveries.all()] == ["delivered", "delivered"]


def test_the_ledger_says_whose_rows_stand_there(twice):
    first, second = twice
    made = again(second)
    rows = SentSegment.objects.filter(launch=made)
    assert {one.rows_of_id for one in rows} == {first.pk}
    assert all(one.confirmed_at for one in rows)
    assert not SentSegment.objects.filter(launch=second, rows_of__isnull=False).exists()


def test_nobody_is_assigned_by_it(twice, campaign):
    _, second = twice
    before = freeze(campaign)
    again(second)
    assert replace(freeze(campaign), now=before.now) == before
    assert before.history_path == second.history_path


def test_the_next_launch_goes_on_from_the_one_that_assigned_and_is_compared_with_it(
    twice, campaign, launched, client_of, marketer
):
    _, second = twice
    again(second)
    assert newest_built(campaign) == second
    third = launched()
    assert (third.counts["entered"], third.counts["left"]) == (0, 0)
    page = client_of(marketer).get(f"/launches/{third.pk}/").content.decode()
    assert f'href="/launches/{second.pk}/">Launch {second.pk}</a>' in page


def test_what_a_launch_put_back_can_be_put_back_in_turn(twice, uploads):
    _, second = twice
    made = again(again(second))
    assert sent(made, uploads) == sent(second, uploads)
    assert {file.rows_of.launch_id for file in made.files.all()} == {second.pk}


def test_each_list_is_the_one_that_stood_there(twice, campaign, launched, uploads):
    first, second = twice
    one, other = SentSegment.objects.filter(launch=second).order_by("segment_name")
    SentSegment.objects.filter(pk=one.pk).update(confirmed_at=None)  # it never arrived
    include(campaign, "Chicago")
    made = again(launched())
    assert sent(made, uploads) == {
        one.segment_name: sent(first, uploads)[one.segment_name],
        other.segment_name: sent(second, uploads)[other.segment_name],
    }


def test_a_list_that_is_new_keeps_its_rows_and_is_named(campaign, launched, uploads):
    first = launched()
    TreatmentGroup.objects.filter(name="Offer").update(name="Better offer")
    second = launched()
    found = previous_list(second, None)
    assert [one.segment_name for one in found.lists] == ["SpringSale_Reminder"]
    assert found.stay == ("SpringSale_Betteroffer",)
    made = again(second)
    assert sent(made, uploads) == {"SpringSale_Reminder": sent(first, uploads)["SpringSale_Reminder"]}
    left = {one["segment_name"] for one in as_json(made)["left_behind"]}
    assert left == {"SpringSale_Betteroffer", "SpringSale_Offer"}


def test_a_file_of_several_lists_goes_whole(campaign, destination, launched, uploads):
    destination.settings["files"] = "single"
    destination.save()
    first = launched()
    include(campaign, "Seattle")
    made = again(launched())
    assert sent(made, uploads) == sent(first, uploads)
    assert len(made.files.get().sections) == 2
    assert made.files.get().deliveries.count() == 2


def test_a_file_that_holds_a_list_sent_anew_since_is_refused(campaign, destination, launched):
    destination.settings["files"] = "single"
    destination.save()
    launched()
    destination.settings["files"] = "separate"
    destination.save()
    second = launched()
    offer = SentSegment.objects.filter(launch=second).order_by("segment_name").first()
    third = launched()
    SentSegment.objects.filter(launch=third, name_key=offer.name_key).delete()
    SentSegment.objects.filter(launch=second).exclude(pk=offer.pk).update(confirmed_at=None)
    assert problem(third) == (
        f"The file that holds the previous list also holds {offer.segment_name}, which was sent anew since."
        " Launch the campaign again instead."
    )


def test_the_same_form_sends_once(twice):
    _, second = twice
    token = uuid4()
    assert again(second, form_token=token) == again(second, form_token=token)
    assert Launch.objects.count() == 3


def test_a_newer_launch_supersedes_it(twice, launched):
    _, second = twice
    with nobody_woken():
        waiting = send_previous_again(second, None)
    Launch.objects.filter(pk=waiting.pk).update(state="needs_you")  # so that another may start
    launched()
    Launch.objects.filter(pk=waiting.pk).update(state="sending")
    finish_here(waiting)
    assert {file.state for file in waiting.files.all()} == {"superseded"}


# What is refused --------------------------------------------------------------------------------------------


def test_it_refuses_where_no_list_stood_before(launched):
    first = launched()
    assert problem(first) == (
        f"No list of “Spring Sale” stood under these names before launch {first.pk}, so there is none to send again."
    )


def test_it_refuses_where_the_launch_replaced_nothing(campaign, launched):
    launched()
    include(campaign, "Nowhere")
    empty = launched()
    assert empty.state == "nothing_to_send"
    assert problem(empty) == f"Launch {empty.pk} has replaced no list, so there is none to put back."


def test_it_refuses_where_the_rows_are_gone_or_changed(twice):
    first, second = twice
    path = Path(settings.STORAGES["launches"]["OPTIONS"]["location"]) / first.files.first().path
    kept = path.read_bytes()
    for change in (lambda: path.write_bytes(kept + b"more"), path.unlink):
        change()
        assert problem(second) == (
            f"The rows of launch {first.pk} are no longer stored, or were changed since, so they cannot be sent"
            " again. Launch the campaign again instead."
        )
    assert Launch.objects.count() == 2


def test_it_refuses_while_a_launch_is_unfinished(twice):
    _, second = twice
    Launch.objects.filter(pk=second.pk).update(state="sending")
    assert problem(second) == (
        f"Launch {second.pk} of “Spring Sale” is not finished yet. Wait for it, or cancel it first."
    )


def test_it_refuses_for_an_archived_campaign(twice, campaign):
    campaign.archived_at = clock.now()
    campaign.save()
    _, second = twice
    assert problem(Launch.objects.get(pk=second.pk)) == (
        "“Spring Sale” is archived, so nothing of it is sent any more."
    )


def test_it_refuses_a_destination_that_is_disabled_closed_or_leads_elsewhere(twice, destination, marketer):
    _, second = twice
    rows = Destination.objects.filter(pk=destination.pk)
    rows.update(disabled_at=clock.now())
    assert "is disabled" in problem(second)
    rows.update(disabled_at=None, operators_only=True)
    assert "You may not send to a destination of this campaign" in problem(second, marketer)
    rows.update(operators_only=False, account_key="another account")
    assert "leads to another account" in problem(second)


# The pages --------------------------------------------------------------------------------------------------


def test_the_page_asks_with_names_and_numbers_and_sends_when_it_is_posted(twice, client_of, marketer):
    first, second = twice
    mara = client_of(marketer)
    page = mara.get(f"/launches/{second.pk}/").content.decode()
    assert f'href="/launches/{second.pk}/previous-list/"' in page
    page = mara.get(f"/launches/{second.pk}/previous-list/").content.decode()
    for list_ in SentSegment.objects.filter(launch=first):
        assert list_.segment_name in page
        assert f">{list_.rows}<" in page
    assert "Send 2 files again" in page
    answer = mara.post(f"/launches/{second.pk}/previous-list/", {"form_token": str(uuid4())})
    made = Launch.objects.get(instead_of=second)
    assert answer.url == f"/launches/{made.pk}/"
    assert (made.started_by, made.state) == (marketer, "sending")
    assert Event.objects.filter(verb="sent the previous list again by", object_id=str(made.pk)).count() == 1


def test_the_launch_says_what_it_is_on_its_page_in_the_list_and_in_json(twice, client_of, marketer):
    first, second = twice
    made = again(second)
    mara = client_of(marketer)
    page = mara.get(f"/launches/{made.pk}/").content.decode()
    assert "This launch sends the previous list again." in page
    assert f'the rows of <a href="/launches/{first.pk}/">' in page
    assert "not counted yet" not in page
    assert (
        f"Launch {made.pk} sent the list from before" in mara.get(f"/launches/{second.pk}/").content.decode()
    )
    assert f"the list from before launch {second.pk} again" in mara.get("/launches/").content.decode()
    told = as_json(made)
    assert told["previous_list"] == {"instead_of": second.pk, "rows_of": [first.pk]}
    assert (told["status"], told["audience"]) == ("delivered", 0)
    assert [one["rows"] for one in told["deliveries"]] == [
        one["rows"] for one in as_json(first)["deliveries"]
    ]
    assert "previous_list" not in as_json(second)


def test_who_asks_it_why_is_sent_to_the_launch_whose_rows_it_sent(twice, marketer):
    first, second = twice
    assert explain(again(second), "C02", marketer).problem == (
        f"This launch sent the rows of launch {first.pk} again, and considered nobody itself. Ask that launch."
    )


def test_a_refusal_stands_on_the_page_and_sends_nothing(twice, client_of, marketer):
    first, second = twice
    LaunchFile.objects.filter(launch=first).update(path="gone")
    for answer in (
        client_of(marketer).get(f"/launches/{second.pk}/previous-list/"),
        client_of(marketer).post(f"/launches/{second.pk}/previous-list/"),
    ):
        assert "are no longer stored" in answer.content.decode()
        assert "Nothing was sent." in answer.content.decode()
    assert Launch.objects.count() == 2


def test_only_marketers_are_offered_it_and_not_on_a_first_launch(launched, client_of, viewer, marketer):
    first = launched()
    assert "previous-list" not in client_of(marketer).get(f"/launches/{first.pk}/").content.decode()
    second = launched()
    assert "previous-list" not in client_of(viewer).get(f"/launches/{second.pk}/").content.decode()
    assert client_of(viewer).get(f"/launches/{second.pk}/previous-list/").status_code == 403
    assert client_of(viewer).post(f"/launches/{second.pk}/previous-list/").status_code == 403


def test_a_test_has_no_previous_list(launched, client_of, marketer):
    first = launched()
    Launch.objects.filter(pk=first.pk).update(purpose="test")
    assert client_of(marketer).get(f"/launches/{first.pk}/previous-list/").status_code == 404
