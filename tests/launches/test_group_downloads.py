"""Who is in which group since when, as people download it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.conf import settings

from campaigns.launches.models import Launch
from campaigns.planning.draft import draft_of, save
from campaigns.planning.models import Campaign
from campaigns.planning.plain import MOVE, DraftGroup
from config import clock
from config.audit.models import Event

pytestmark = pytest.mark.django_db

HEADER = ["customer_key", "sub_audience", "treatment_group", "side", "since", "launch"]


def read(response: Any) -> list[list[str]]:
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))


def since(launch: Launch) -> str:
    return launch.created_at.astimezone(UTC).isoformat("T", "seconds")


def edit(campaign: Campaign, *groups: DraftGroup) -> None:
    campaign.refresh_from_db()
    draft = draft_of(campaign)
    part = replace(draft.sub_audiences[0], groups=groups, on_change=MOVE)
    save(replace(draft, sub_audiences=(part,)), campaign, None, None)


def test_everybody_ever_assigned_stands_there_with_group_side_and_time(
    client_of: Any, marketer: Any, launched: Callable[[], Launch]
) -> None:
    launch = launched()
    header, *rows = read(client_of(marketer).get(f"/launches/{launch.pk}/groups/"))
    assert header == HEADER
    found = Counter((*row[1:4], row[4], row[5]) for row in rows)
    told = ("All remaining recipients", since(launch), str(launch.pk))
    assert found == {
        (told[0], "Holdout", "control", *told[1:]): 4,
        (told[0], "Offer", "treated", *told[1:]): 8,
        (told[0], "Reminder", "treated", *told[1:]): 8,
    }
    assert [row[0] for row in rows[:4]] == sorted(row[0] for row in rows[:4])


def test_whoever_moved_has_the_group_since_the_launch_that_moved(
    client_of: Any, marketer: Any, campaign: Campaign, launched: Callable[[], Launch]
) -> None:
    first = launched()
    control, offer, reminder = draft_of(campaign).sub_audiences[0].groups
    edit(
        campaign,
        replace(control, percent=Decimal(40)),
        replace(offer, percent=Decimal(30)),
        replace(reminder, percent=Decimal(30)),
    )
    with clock.stopped_at(first.created_at + timedelta(hours=1)):
        second = launched()
    page = client_of(marketer).get(f"/campaigns/{campaign.pk}/groups/", follow=True)
    assert page.redirect_chain[-1][0] == f"/launches/{second.pk}/groups/"
    rows = read(page)[1:]
    control_rows = Counter(row[4] for row in rows if row[3] == "control")
    assert control_rows == {since(first): 4, since(second): 4}
    assert {row[4] for row in rows if row[3] == "treated"} == {since(first)}


def test_a_group_that_was_removed_keeps_its_last_name(
    client_of: Any, marketer: Any, campaign: Campaign, launched: Callable[[], Launch], chicago: Any
) -> None:
    launched()
    control, offer, _ = draft_of(campaign).sub_audiences[0].groups
    edit(campaign, control, replace(offer, percent=Decimal(80)))
    chicago.rules = {"version": 1, "rules": {"all": [{"attribute": "customer_360.city", "is": "Nowhere"}]}}
    chicago.save()
    draft = draft_of(campaign)
    save(
        replace(draft, sub_audiences=(replace(draft.sub_audiences[0], on_change="keep"),)),
        campaign,
        None,
        None,
    )
    launch = launched()
    rows = read(client_of(marketer).get(f"/launches/{launch.pk}/groups/"))[1:]
    assert Counter((row[2], row[3]) for row in rows) == {
        ("Holdout", "control"): 4,
        ("Offer", "treated"): 8,
        ("Reminder", "treated"): 8,
    }


def test_who_may_not_see_personal_data_gets_masked_keys(
    client_of: Any, viewer: Any, launched: Callable[[], Launch]
) -> None:
    viewer.sees_personal_data = False
    viewer.save()
    response = client_of(viewer).get(f"/launches/{launched().pk}/groups/")
    assert "masked" in response["Content-Disposition"]
    assert all(row[0].endswith("···") for row in read(response)[1:])
    assert not Event.objects.filter(verb="downloaded").exists()


def test_a_download_of_keys_is_recorded(
    client_of: Any, marketer: Any, launched: Callable[[], Launch]
) -> None:
    launch = launched()
    read(client_of(marketer).get(f"/launches/{launch.pk}/groups/"))
    event = Event.objects.get(verb="downloaded")
    assert (event.actor, event.object_id, event.detail["what"]) == (marketer, str(launch.pk), "groups")


def test_no_key_and_no_name_runs_as_a_formula(
    client_of: Any, marketer: Any, campaign: Campaign, launched: Callable[[], Launch]
) -> None:
    launch = launched()
    part = launch.frozen["sub_audiences"][0]
    part["name"], part["groups"][0]["name"] = "=1+1", "@sum"
    place = Path(settings.STORAGES["launches"]["OPTIONS"]["location"]) / launch.history_path
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE found AS FROM read_parquet('{place}')")
        connection.execute("UPDATE found SET customer_key = '-' || customer_key")
        connection.execute(f"COPY found TO '{place}' (FORMAT parquet)")
    launch.history_sha256 = ""
    launch.save()
    rows = read(client_of(marketer).get(f"/launches/{launch.pk}/groups/"))[1:]
    assert all(row[0].startswith("'-") for row in rows)
    assert {row[1] for row in rows} == {"'=1+1"}
    assert {row[2] for row in rows} == {"'@sum", "Offer", "Reminder"}


def test_a_test_and_a_campaign_without_a_launch_have_nothing_to_download(
    client_of: Any, marketer: Any, campaign: Campaign
) -> None:
    client = client_of(marketer)
    test = Launch.objects.create(campaign=campaign, frozen={}, purpose="test", test_size=10)
    assert client.get(f"/launches/{test.pk}/groups/").status_code == 404
    page = client.get(f"/campaigns/{campaign.pk}/groups/", follow=True).content.decode()
    assert "was not launched yet, so nobody is in a group of it" in page


def test_a_history_that_is_gone_or_was_changed_is_told(
    client_of: Any, marketer: Any, launched: Callable[[], Launch]
) -> None:
    launch = launched()
    place = Path(settings.STORAGES["launches"]["OPTIONS"]["location"]) / launch.history_path
    place.write_bytes(b"no history")
    page = client_of(marketer).get(f"/launches/{launch.pk}/groups/", follow=True).content.decode()
    assert "no longer stored, or was changed since" in page


def test_the_editor_says_in_one_paragraph_how_people_are_assigned(
    client_of: Any, marketer: Any, viewer: Any, campaign: Campaign, launched: Callable[[], Launch]
) -> None:
    client, link = client_of(marketer), f'href="/campaigns/{campaign.pk}/groups/"'
    assert "Chance decides once" in client.get("/campaigns/new/").content.decode()
    before = client.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert "Chance decides once" in before
    assert link not in before
    launched()
    assert link in client.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert link in client_of(viewer).get(f"/campaigns/{campaign.pk}/").content.decode()
