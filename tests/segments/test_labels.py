"""What people read for a column: an operator's label, in the editor, in words and above rows."""

from __future__ import annotations

import pytest

from campaigns.customers.catalogue import stored
from campaigns.segments.board import look
from campaigns.segments.choices import attribute_typed
from campaigns.segments.models import Segment
from tests.segments.form import fields_of, rule, segment_form
from tests.segments.saved import of

CARD = "City (card)"


@pytest.fixture
def labelled(database):
    database.column_marks = {"profiles.city": {"label": CARD}, "orders.amount": {"label": "Paid"}}
    database.save()
    return database


@pytest.fixture
def client(client_of, marketer):
    return client_of(marketer)


def page(response):
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    "typed",
    [f"{CARD} · profiles", "city · profiles", "profiles.city", CARD, "city (CARD)", "City"],
)
def test_either_name_means_the_column(labelled, typed):
    assert attribute_typed(typed, look(labelled).known) == "profiles.city"


def test_the_editor_shows_the_label_and_finds_both_names(client, labelled, make_segment):
    segment = make_segment("Chicago")
    text = page(client.get(f"/segments/{segment.pk}/edit/"))
    assert fields_of(text)["r-0-attribute"] == f"{CARD} · profiles"
    option = text[text.index(f'data-value="{CARD} · profiles"') :].split("</li>")[0]
    assert f"<span>{CARD}</span>" in option
    assert "city · profiles" in option
    client.post(f"/segments/{segment.pk}/edit/", {**fields_of(text), "r-0-value": "Boston", "action": "save"})
    segment.refresh_from_db()
    assert segment.rules["rules"]["all"] == [of("city", **{"is": "Boston"})]


def test_a_label_that_changes_while_somebody_edits_loses_no_rule(client, labelled, make_segment):
    segment = make_segment("Chicago")
    fields = fields_of(page(client.get(f"/segments/{segment.pk}/edit/")))
    labelled.column_marks = {"profiles.city": {"label": "Home town"}}
    labelled.save()
    text = page(client.post(f"/segments/{segment.pk}/edit/", {**fields, "action": "refresh"}))
    assert fields_of(text)["r-0-attribute"] == "Home town · profiles"
    assert fields_of(text)["r-0-value"] == "Chicago"


def test_a_label_that_could_mean_another_column_is_not_read_for_it(labelled):
    labelled.column_marks = {"profiles.city": {"label": "points"}, "profiles.birthday": {"label": "Seen at"}}
    known = look(labelled).known
    assert [known[f"profiles.{name}"].text for name in ("city", "points", "birthday")] == [
        "city · profiles",
        "points · profiles",
        "birthday · profiles",
    ]
    assert attribute_typed("points · profiles", known) == "profiles.points"


def test_rules_and_their_versions_are_read_with_labels(client, labelled, make_segment):
    paid = {"attribute": "orders.amount", "gt": 5}
    rows = {"rows": "orders", "where": {"all": [paid]}, "aggregate": "sum", "of": "orders.amount", "gte": 9}
    segment = make_segment("Regulars", of("city", **{"in": ["Chicago", "Boston"]}), rows)
    words = (
        f"{CARD} is in list Chicago, Boston",
        "sum of Paid in orders (where Paid is more than 5) is at least 9",
    )
    text = page(client.get(f"/segments/{segment.pk}/"))
    assert all(one in text for one in words)
    for wanted in ("7", "8"):
        fields = fields_of(client.get(f"/segments/{segment.pk}/edit/").content.decode())
        client.post(f"/segments/{segment.pk}/edit/", {**fields, "r-1-value": wanted, "action": "save"})
    text = page(client.get(f"/segments/{segment.pk}/versions/"))
    assert "sum of Paid in orders (where Paid is more than 5) is at least 8" in text


def test_operators_read_in_words_as_they_are_chosen(client, labelled, make_segment):
    segment = make_segment(
        "Wide",
        of("opted_in", **{"is": False}),
        of("points", empty=False),
        {"rows": "orders", "exists": False},
    )
    text = page(client.get(f"/segments/{segment.pk}/"))
    for words in ("Opted in is false", "Points is not empty", "no row in orders"):
        assert words in text


def test_columns_are_headed_by_their_labels(client, customer_database):
    customer_database.column_marks = {"customer_360.city": {"label": CARD}}
    customer_database.save()
    in_chicago = {"version": 1, "rules": {"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}}
    segment = Segment.objects.create(customer_database=customer_database, name="Chicago", rules=in_chicago)
    url = f"/segments/{segment.pk}"
    chosen = {"column": "customer_360.city"}
    assert f">{CARD} <span" in page(client.get(f"{url}/members/", chosen))
    heading = f'title="customer_360.city">{CARD}</th>'
    assert heading in page(client.get(f"{url}/members/rows/", chosen))
    assert heading in page(client.get(f"{url}/people/"))
    shown = page(client.get(f"{url}/breakdowns/", {"by": "customer_360.city"}))
    assert f'<th scope="col">{CARD}</th>' in shown
    assert f">{CARD}</label>" in shown
    download = client.get(f"{url}/members/download/", chosen)
    assert b"".join(download.streaming_content).startswith(f"customer_key,{CARD}\n".encode())


def test_two_columns_of_one_label_are_headed_with_their_tables(labelled):
    labelled.catalogue["tables"][1]["columns"].append({"name": "city", "type": "text"})
    labelled.column_marks = {}
    titles = stored(labelled).titles(["profiles.city", "orders.city", "profiles.points"])
    assert list(titles.values()) == ["City · profiles", "City · orders", "Points"]


def test_a_column_that_is_gone_keeps_its_own_name(labelled):
    assert stored(labelled).read_as("profiles.gone") == "gone"
    assert stored(labelled).read_as("customer_key") == "customer_key"


def test_a_typed_column_that_is_not_there_is_told(client, labelled):
    form = segment_form(rule("town · profiles", "is", "x"), customer_database=labelled.pk, action="save")
    assert "gone from the customer database" in page(client.post("/segments/new/", form))
