"""The rules of a sub-audience, edited inside the campaign's form."""

from __future__ import annotations

import html
import json
import re

import pytest

from campaigns.planning.draft import draft_of
from campaigns.planning.models import Campaign
from tests.segments.form import group as rules_of_form
from tests.segments.form import rule

NEW = "/campaigns/new/"
BY_RULES = {
    "sub-0-name": "Chicago",
    "sub-0-how": "rules",
    "sub-0-group-0-name": "Offer",
    "sub-0-group-0-percent": "100",
    "open": "0",
    **rules_of_form("r", "all", rule("city · customer_360", "is", "Chicago")),
}


@pytest.fixture
def client(client_of, marketer):
    return client_of(marketer)


@pytest.fixture
def form(database, segments, mail):
    return {
        "name": "Spring Sale",
        "customer_database": database.pk,
        "include": segments[0].pk,
        "sub-0-group-0-to": mail.pk,
        "time_zone": "UTC",
        "when": "asap",
        **BY_RULES,
    }


def page(answer):
    return html.unescape(answer.content.decode())


def stored_rules():
    return [item.rules for item in draft_of(Campaign.objects.get()).sub_audiences]


def test_rules_are_made_in_the_campaign_and_saved_with_it(client, form):
    answer = client.post(NEW, {**form, "action": "save"})
    assert answer.status_code == 302, page(answer)
    (rules,) = stored_rules()
    assert rules["rules"] == {"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}


def test_a_new_sub_audience_by_rules_has_its_fields_and_no_error_yet(client, form):
    text = page(client.post(NEW, {**form, "action": "add-rules"}))
    assert 'name="open" value="1"' in text
    assert 'id="r-0-attribute"' in text
    assert "Choose an attribute, or remove this rule." not in text


def test_closed_rules_are_carried_by_the_form(client, form):
    text = page(client.post(NEW, {**form, "action": "close-rules"}))
    assert 'name="open"' not in text
    assert "Edit the rules" in text
    carried = json.loads(re.search(r'name="sub-0-rules" value="(\{.*?\}\})"', text)[1])
    kept = {name: value for name, value in form.items() if name[:2] != "r-" and name != "open"}
    client.post(NEW, {**kept, "sub-0-rules": json.dumps(carried), "action": "save"})
    assert stored_rules()[0]["rules"] == {"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}


def test_buttons_of_rules_change_the_rules_alone(client, form):
    text = page(client.post(NEW, {**form, "action": "duplicate:r-0"}))
    assert text.count('value="Chicago"') >= 3
    assert 'id="r-1-attribute"' in text
    assert 'id="sub-1-name"' not in text


def test_open_rules_move_with_their_sub_audience(client, form):
    second = {
        "sub-1-name": "Others",
        "sub-1-how": "segments",
        "sub-1-group-0-name": "More",
        "sub-1-group-0-percent": "100",
    }
    text = page(client.post(NEW, {**form, **second, "action": "down:0"}))
    assert 'name="open" value="1"' in text
    assert 'name="r-0-value" value="Chicago"' in text or 'id="r-0-value"' in text


def test_what_is_missing_in_open_rules_is_an_error_once_somebody_tries_to_save(client, form):
    fresh = {"r-0-attribute": "", "r-0-was": "", "r-0-fresh": "1"}
    quiet = page(client.post(NEW, {**form, **fresh, "action": "refresh"}))
    assert "Choose an attribute, or remove this rule." not in quiet
    loud = page(client.post(NEW, {**form, **fresh, "action": "save"}))
    assert "Choose an attribute, or remove this rule." in loud
    assert not Campaign.objects.exists()


def test_rules_half_made_are_kept_when_they_are_closed(client, form):
    text = page(client.post(NEW, {**form, "r-0-value": "", "action": "close-rules"}))
    assert "rules that are not whole yet" in text
    carried = re.search(r'name="sub-0-rules" value="(\{.*?\}\})"', text)[1]
    kept = {name: value for name, value in form.items() if name[:2] != "r-" and name != "open"}
    again = page(client.post(NEW, {**kept, "sub-0-rules": carried, "action": "open-rules:0"}))
    assert 'value="customer_360.city' in again or "City" in again


@pytest.mark.parametrize(
    "carried", ["", "{", "[]", '{"version": 2}', '{"version": 2, "rules": {"all": 3}}', "[" * 5000]
)
def test_hand_made_rules_are_refused_and_no_fault(client, form, carried):
    kept = {name: value for name, value in form.items() if name[:2] != "r-" and name != "open"}
    for action in ("save", "open-rules:0", "refresh"):
        answer = client.post(NEW, {**kept, "sub-0-rules": carried, "action": action})
        assert answer.status_code == 200
    assert not Campaign.objects.exists()


def test_stored_rules_stay_though_the_form_does_not_hold_them(client, form):
    client.post(NEW, {**form, "action": "save"})
    stored = Campaign.objects.get()
    part = stored.live_sub_audiences().get()
    ids = {"sub-0-id": part.pk, "sub-0-group-0-id": part.live_groups().get().pk, "version": stored.version}
    kept = {name: value for name, value in form.items() if name[:2] != "r-" and name != "open"}
    client.post(f"/campaigns/{stored.pk}/", {**kept, **ids, "name": "Renamed", "action": "save"})
    assert Campaign.objects.get().name == "Renamed"
    assert stored_rules()[0]["rules"] == {"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}


def test_the_attributes_are_sent_once_for_a_customer_database(client, form, database):
    first = page(client.post(NEW, {**form, "action": "refresh"}, headers={"HX-Request": "true"}))
    assert 'id="attributes"' in first
    again = {**form, "action": "refresh", "attributes-of": database.pk}
    assert 'id="attributes"' not in page(client.post(NEW, again, headers={"HX-Request": "true"}))
