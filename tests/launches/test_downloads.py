"""Recipients, rejects and files, as people download them."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import duckdb
import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.text import slugify

from campaigns.launches.models import LaunchFile
from campaigns.launches.storage import recipients_path
from config.audit.models import Event
from destinations.models import Destination
from tests.launches.on_page import make_campaign, make_destination, make_launch


@pytest.fixture
def campaign(customer_database):
    destinations = [make_destination(customer_database, one) for one in ("email", "phone")]
    return make_campaign(customer_database, *destinations)


def stored(path: str) -> Path:
    place = Path(settings.STORAGES["launches"]["OPTIONS"]["location"]) / path
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def put(launch, position, *rows):
    """Recipients of one of the launch's deliveries: (key, value, outcome)."""
    delivery = launch.deliveries.all()[position]
    group = delivery.group
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE found (customer_key VARCHAR, sub_audience_id BIGINT, group_id BIGINT, value VARCHAR,"
            " outcome VARCHAR)"
        )
        connection.executemany(
            f"INSERT INTO found VALUES (?, {group.sub_audience_id}, {group.group_id}, ?, ?)", rows
        )
        path = stored(recipients_path(launch, delivery.destination_id))
        connection.execute(f"COPY found TO '{path}' (FORMAT parquet)")
    return delivery.destination_id


def read(response):
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_recipients_are_everybody_with_the_reason(client_of, marketer, campaign):
    launch = make_launch(campaign)
    to = put(launch, 0, ("C1", "a@example.com", "sent"), ("C2", None, "missing"), ("C3", "x y", "invalid"))
    rows = read(client_of(marketer).get(f"/launches/{launch.pk}/recipients/{to}/"))
    assert rows[0] == ["customer_key", "sub_audience", "treatment_group", "value", "outcome"]
    assert rows[1:] == [
        ["C3", "All remaining recipients", "GoldOffer", "x y", "invalid value"],
        ["C2", "All remaining recipients", "GoldOffer", "", "missing value"],
        ["C1", "All remaining recipients", "GoldOffer", "a@example.com", "sent"],
    ]


def test_rejects_are_those_who_were_not_sent(client_of, marketer, campaign):
    launch = make_launch(campaign)
    to = put(
        launch,
        0,
        ("C1", "a@example.com", "sent"),
        ("C2", "b@example.com", "duplicate"),
        ("C4", "c@example.com", "shared_with_control"),
    )
    rows = read(client_of(marketer).get(f"/launches/{launch.pk}/rejects/{to}/"))
    assert [row[0] for row in rows[1:]] == ["C2", "C4"]
    assert [row[4] for row in rows[1:]] == [
        "duplicate of another customer's value",
        "shared with a customer in control",
    ]


def test_who_may_not_see_personal_data_gets_masks(client_of, viewer, campaign):
    viewer.sees_personal_data = False
    viewer.save()
    launch = make_launch(campaign)
    to = put(launch, 1, ("C1", "+12025550142", "sent"), ("ann@example.com", "bo@example.com", "invalid"))
    response = client_of(viewer).get(f"/launches/{launch.pk}/recipients/{to}/")
    rows = read(response)
    assert [(row[0], row[3]) for row in rows[1:]] == [
        ("a···@example.com", "b···@example.com"),
        ("C···", "+12025550···"),
    ]
    assert "masked" in response["Content-Disposition"]
    assert not Event.objects.filter(verb="downloaded").exists()


def test_no_cell_is_a_formula_and_all_is_quoted_as_needed(client_of, marketer, campaign):
    launch = make_launch(campaign)
    values = ["=1+1", "+12025550142", "-2", "@sum", "\tx", 'say "hi"', "a,b", "two\nlines", '=x,"y"', "plain"]
    to = put(launch, 0, *((f"C{place}", value, "invalid") for place, value in enumerate(values)))
    rows = read(client_of(marketer).get(f"/launches/{launch.pk}/recipients/{to}/"))
    assert [row[3] for row in rows[1:]] == [
        "'=1+1", "+12025550142", "'-2", "'@sum", "'\tx", 'say "hi"', "a,b", "two\nlines", '\'=x,"y"', "plain",
    ]  # fmt: skip


def test_nothing_of_a_download_lies_in_the_system_s_folder(client_of, marketer, campaign, monkeypatch):
    launch = make_launch(campaign)
    to = put(launch, 0, ("C1", "a@example.com", "sent"))
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    assert len(read(client_of(marketer).get(f"/launches/{launch.pk}/recipients/{to}/"))) == 2


def test_a_download_of_raw_values_is_recorded(client_of, marketer, campaign):
    launch = make_launch(campaign)
    to = put(launch, 0, ("C1", "a@example.com", "sent"))
    read(client_of(marketer).get(f"/launches/{launch.pk}/recipients/{to}/"))
    event = Event.objects.get(verb="downloaded")
    assert (event.actor, event.detail["what"]) == (marketer, "recipients")
    assert "example.com" not in str(event.detail)


def test_what_is_no_longer_stored_is_told(client_of, marketer, campaign):
    launch = make_launch(campaign)
    to = launch.deliveries.first().destination_id
    text = client_of(marketer).get(f"/launches/{launch.pk}/recipients/{to}/", follow=True).content.decode()
    assert "no longer stored" in text


def test_there_is_nothing_for_a_destination_of_another_launch(client_of, marketer, campaign):
    launch = make_launch(campaign)
    assert client_of(marketer).get(f"/launches/{launch.pk}/recipients/999/").status_code == 404


def test_a_file_is_given_byte_for_byte(client_of, marketer, campaign):
    launch = make_launch(campaign, file__path="launches/1/files/1.csv")
    stored("launches/1/files/1.csv").write_bytes(b"+12025550142,SpringSale_GoldOffer\n")
    file = LaunchFile.objects.first()
    response = client_of(marketer).get(f"/files/{file.pk}/download/")
    assert b"".join(response.streaming_content) == b"+12025550142,SpringSale_GoldOffer\n"
    assert file.name in response["Content-Disposition"]
    assert Event.objects.filter(verb="downloaded", object_id=str(launch.pk)).exists()


def test_a_file_is_only_for_who_sees_personal_data(client_of, viewer, campaign):
    viewer.sees_personal_data = False
    viewer.save()
    launch = make_launch(campaign, file__path="launches/1/files/1.csv")
    file = LaunchFile.objects.first()
    assert client_of(viewer).get(f"/files/{file.pk}/download/").status_code == 403
    assert (
        f"/files/{file.pk}/download/" not in client_of(viewer).get(f"/launches/{launch.pk}/").content.decode()
    )


def test_nobody_downloads_without_signing_in(client, campaign):
    launch = make_launch(campaign)
    assert client.get(f"/launches/{launch.pk}/recipients/1/").status_code == 302


def test_lists_of_a_destination_one_may_not_know_of_are_not_there(client_of, marketer, operator, campaign):
    launch = make_launch(campaign)
    to = put(launch, 0, ("C1", "a@example.com", "sent"))
    file = launch.files.filter(destination=to).first()
    LaunchFile.objects.filter(pk=file.pk).update(path="launches/1/1/files/1.csv")
    stored("launches/1/1/files/1.csv").write_bytes(b"a@example.com,SpringSale\n")
    Destination.objects.filter(pk=to).update(operators_only=True)
    pages = [f"/launches/{launch.pk}/recipients/{to}/", f"/launches/{launch.pk}/rejects/{to}/"]
    pages.append(f"/files/{file.pk}/download/")
    assert [client_of(marketer).get(page).status_code for page in pages] == [404, 404, 404]
    assert len(read(client_of(operator).get(pages[0]))) == 2


def test_lists_of_a_deleted_destination_stay(client_of, marketer, campaign):
    launch = make_launch(campaign)
    to = put(launch, 0, ("C1", "a@example.com", "sent"))
    Destination.objects.filter(pk=to).update(archived_at=timezone.now())
    assert len(read(client_of(marketer).get(f"/launches/{launch.pk}/recipients/{to}/"))) == 2


def test_a_download_is_named_after_campaign_and_destination(client_of, marketer, campaign):
    launch = make_launch(campaign)
    to = put(launch, 0, ("C1", "a@example.com", "sent"))
    name = client_of(marketer).get(f"/launches/{launch.pk}/recipients/{to}/")["Content-Disposition"]
    sent_to = slugify(Destination.objects.get(pk=to).name)
    assert f'"{slugify(campaign.name)}-launch-{launch.pk}-recipients-{sent_to}.csv"' in name
