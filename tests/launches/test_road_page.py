"""The pages along a real launch to a real SFTP server."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import uuid4

import pytest

from campaigns.launches.here import finish_here
from campaigns.launches.jobs import nobody_woken
from campaigns.launches.models import Launch, LaunchFile
from campaigns.launches.preflight import count
from campaigns.planning.draft import draft_of, save


@pytest.fixture
def client(client_of, marketer):
    return client_of(marketer)


def page(client, launch):
    return client.get(f"/launches/{launch.pk}/").content.decode()


def test_a_launch_from_the_button_to_the_downloads(client, campaign, uploads):
    token = uuid4()
    with nobody_woken():
        answers = [client.post(f"/campaigns/{campaign.pk}/launch/", {"form_token": token}) for _ in range(2)]
    launch = Launch.objects.get()
    assert {answer.url for answer in answers} == {f"/launches/{launch.pk}/"}
    assert "Waiting for a worker." in page(client, launch)
    finish_here(launch)
    text = page(client, launch)
    assert "Delivered" in text
    assert "2 <span" in text
    for file in LaunchFile.objects.all():
        assert file.sha256 in text
        download = client.get(f"/files/{file.pk}/download/")
        assert b"".join(download.streaming_content) == (uploads / file.name).read_bytes()
    destination = launch.deliveries.first().destination_id
    rejects = client.get(f"/launches/{launch.pk}/rejects/{destination}/")
    assert b"missing value" in b"".join(rejects.streaming_content)


def test_a_second_launch_while_one_is_under_way_is_refused_in_a_sentence(client, campaign):
    with nobody_woken():
        client.post(f"/campaigns/{campaign.pk}/launch/", {"form_token": uuid4()})
        answer = client.post(f"/campaigns/{campaign.pk}/launch/", {"form_token": uuid4()})
    assert "is not finished yet" in answer.content.decode()
    assert Launch.objects.count() == 1


def test_a_cancelled_launch_says_so_and_can_be_taken_up(client, campaign):
    with nobody_woken():
        client.post(f"/campaigns/{campaign.pk}/launch/", {"form_token": uuid4()})
    launch = Launch.objects.get()
    answer = client.post(f"/launches/{launch.pk}/cancel/", follow=True).content.decode()
    assert "The launch is being cancelled." in answer
    finish_here(launch)
    assert "Nothing was delivered." in page(client, launch)
    answer = client.post(f"/launches/{launch.pk}/cancel/", follow=True).content.decode()
    assert "is over already" in answer


def test_a_file_that_failed_is_tried_again(client, campaign, destination):
    credential = destination.credential
    right = credential.fields
    credential.fields = {**right, "passphrase": "another one"}
    credential.save()
    with nobody_woken():
        client.post(f"/campaigns/{campaign.pk}/launch/", {"form_token": uuid4()})
        launch = Launch.objects.get()
        finish_here(launch)
        text = page(client, launch)
        file = LaunchFile.objects.first()
        assert f"/files/{file.pk}/retry/" in text
        assert file.error in text
        credential.fields = right
        credential.save()
        for one in LaunchFile.objects.all():
            client.post(f"/files/{one.pk}/retry/")
        finish_here(launch)
    launch.refresh_from_db()
    assert launch.state == "delivered"
    assert "Attempt 1" in page(client, launch)


def test_a_test_into_files_is_downloaded_and_sends_nothing(client, campaign, uploads):
    token = uuid4()
    with nobody_woken():
        answer = client.post(
            f"/campaigns/{campaign.pk}/test/", {"size": "3", "to": "file", "form_token": token}
        )
        launch = Launch.objects.get()
        finish_here(launch)
    assert answer.url == f"/launches/{launch.pk}/"
    assert list(uploads.iterdir()) == []
    text = page(client, launch)
    assert "kept here, to be downloaded" in text
    assert "Kept here" in text
    assert "as SpringSale_Offer_TEST" in text
    assert "After “Delivered”." not in text
    file = LaunchFile.objects.first()
    download = client.get(f"/files/{file.pk}/download/")
    assert f"launch-{launch.pk}-{file.position}.csv" in download["Content-Disposition"]
    lines = b"".join(download.streaming_content).decode().splitlines()
    assert len(lines) == 3
    assert all(re.fullmatch(r"\S+@example\.com,SpringSale_\w+_TEST", line) for line in lines)


def test_an_empty_audience_is_told_before_and_after_and_is_no_error(client, campaign, chicago):
    draft = draft_of(campaign)
    save(replace(draft, exclude=(chicago.pk,)), campaign, None, None)
    with nobody_woken():
        client.get(f"/campaigns/{campaign.pk}/delivery-summary/")
        count(campaign.preflights.get().pk)
        text = client.get(f"/campaigns/{campaign.pk}/delivery-summary/").content.decode()
        assert "Adds up" in text
        assert "nothing will be sent" in text
        client.post(f"/campaigns/{campaign.pk}/launch/", {"form_token": uuid4()})
        launch = Launch.objects.get()
        finish_here(launch)
    launch.refresh_from_db()
    assert launch.state == "nothing_to_send"
    text = page(client, launch)
    assert "The audience was empty" in text
    assert "This is no error." in text


def test_one_file_for_all_groups_is_told_once(client, campaign, destination):
    destination.settings = {**destination.settings, "files": "single"}
    destination.save()
    with nobody_woken():
        client.post(f"/campaigns/{campaign.pk}/launch/", {"form_token": uuid4()})
        launch = Launch.objects.get()
        finish_here(launch)
    text = page(client, launch)
    assert text.count("In the same file as Offer.") == 1
    assert "SpringSale_Offer, SpringSale_Reminder" in text
