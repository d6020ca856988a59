"""Rows of a table with many per customer, in the editor's form."""

from __future__ import annotations

import pytest

from campaigns.segments.board import look
from campaigns.segments.editor import data_of, tree_of
from campaigns.segments.models import Segment
from tests.segments.form import fields_of, nested, rule, segment_form
from tests.segments.test_editor import page, read

AMOUNT, ORDERED = "amount · orders", "ordered_at · orders"


def rows(verb: str, *conditions, id: str = "r-0", table: str = "orders", **more: str):
    fields = nested(id, "all", *conditions)
    was = f"{table}|{verb}|{more.get('of', '')}"
    named = {"kind": "rows", "table": table, "verb": verb, "was": was, "control": "number", **more}
    return fields | {f"*-{name}": value for name, value in named.items()}


ALL = [
    (rows("any"), {"rows": "orders", "exists": True}),
    (rows("no"), {"rows": "orders", "exists": False}),
    (rows("count", choice="gte", value="3"), {"rows": "orders", "aggregate": "count", "gte": 3}),
    (
        rows(
            "count",
            rule(AMOUNT, "gte", "50", control="number"),
            rule(ORDERED, "in_last", "90", control="span"),
            choice="gte",
            value="3",
        ),
        {
            "rows": "orders",
            "where": {
                "all": [
                    {"attribute": "orders.amount", "gte": 50},
                    {"attribute": "orders.ordered_at", "in_last": "90 days"},
                ]
            },
            "aggregate": "count",
            "gte": 3,
        },
    ),
    (
        rows("latest", of="orders.amount", ordered_by="orders.ordered_at", choice="lt", value="9.5"),
        {
            "rows": "orders",
            "aggregate": "latest",
            "of": "orders.amount",
            "ordered_by": "orders.ordered_at",
            "lt": 9.5,
        },
    ),
    (
        rows("max", of="orders.ordered_at", choice="in_last", value="2", unit="weeks", control="span"),
        {"rows": "orders", "aggregate": "max", "of": "orders.ordered_at", "in_last": "2 weeks"},
    ),
]


@pytest.mark.parametrize(("fields", "data"), ALL)
def test_fields_become_rows_and_rows_the_same_fields(database, fields, data):
    known = look(database).known
    assert read(database, segment_form(fields)) == {"all": [data]}
    assert data_of(tree_of({"all": [data]}, known), known) == {"all": [data]}


def test_a_segment_of_rows_is_built_shown_and_kept(client, database):
    form = segment_form(ALL[3][0], customer_database=database.pk)
    saved = client.post("/segments/new/", {**form, "action": "save"})
    made = Segment.objects.get()
    assert saved.url == f"/segments/{made.pk}/"
    assert made.rules["rules"] == {"all": [ALL[3][1]]}
    text = page(client.get(f"/segments/{made.pk}/edit/"))
    assert (
        "number of rows in orders (where Amount is at least 50 and Ordered at is in the last 90 days)" in text
    )
    client.post(f"/segments/{made.pk}/edit/", {**fields_of(text), "action": "save"})
    made.refresh_from_db()
    assert (made.version, made.rules["rules"]) == (2, {"all": [ALL[3][1]]})


def test_a_column_of_a_table_with_many_rows_begins_a_rule_about_its_rows(client, database):
    form = segment_form(rule(AMOUNT), customer_database=database.pk)
    text = page(client.post("/segments/new/", {**form, "action": "refresh"}))
    found = fields_of(text)
    assert (found["r-0-kind"], found["r-0-table"], found["r-0-verb"]) == ("rows", "orders", "any")
    assert (found["r-0-0-attribute"], found["r-0-0-choice"]) == ("Amount · orders", "is")
    text = page(client.post("/segments/new/", {**form, "r-0-attribute": "Rows of orders"}))
    assert fields_of(text)["r-0-kind"] == "rows"


def test_a_verb_asks_for_what_it_needs(client, database):
    form = segment_form(rows("sum", choice="gte", value="3"), customer_database=database.pk)
    text = page(client.post("/segments/new/", {**form, "action": "save"}))
    assert "Choose the column for “sum”." in text
    assert 'value="orders.amount"' in text
    assert 'value="orders.ordered_at"' not in text
    form = segment_form(rows("latest", of="orders.amount"), customer_database=database.pk)
    text = page(client.post("/segments/new/", {**form, "action": "save"}))
    assert "Choose the column that says which row comes first." in text
    form = segment_form(rows("any", table=""), customer_database=database.pk)
    text = page(client.post("/segments/new/", {**form, "action": "save"}))
    assert "Choose a table, or remove this rule." in text


def test_each_condition_on_rows_tells_its_own_error(client, database):
    form = segment_form(
        rows(
            "count",
            rule(AMOUNT, "gte", "much", control="number"),
            rule(ORDERED, "in_last", "x", control="span"),
            choice="gte",
            value="three",
        ),
        customer_database=database.pk,
    )
    text = page(client.post("/segments/new/", {**form, "action": "save"}))
    assert text.count("Enter a number.") == 2
    assert "Enter a whole number, such as 90." in text
    assert text.count("has-error") == 3


def test_another_table_keeps_the_conditions_it_has_columns_for(database):
    tables = database.catalogue["tables"]
    visits = {"name": "visits", "key": "customer_id", "many": True}
    visits["columns"] = [{"name": "ordered_at", "type": "datetime"}, {"name": "page", "type": "text"}]
    database.catalogue["tables"] = [*tables, visits]
    conditions = [rule(AMOUNT, "gte", "5", control="number"), rule(ORDERED, "in_last", "9", control="span")]
    found = read(database, segment_form(rows("any", *conditions, table="visits")))
    assert found["all"][0] == {
        "rows": "visits",
        "where": {"all": [{"attribute": ""}, {"attribute": "visits.ordered_at", "in_last": "9 days"}]},
        "exists": True,
    }


def test_rows_do_not_stand_inside_rows(database):
    inside = nested("r-0-0", "all", rule(AMOUNT, "gte", "5", control="number"))
    fields = rows("any", {**inside, "*-kind": "rows", "*-table": "orders"})
    found = read(database, segment_form(fields))
    assert found["all"][0]["where"] == {"all": [{"all": [{"attribute": "orders.amount", "gte": 5}]}]}


def test_a_condition_that_is_chosen_first_brings_its_table(database):
    found = read(database, segment_form(rows("any", rule(AMOUNT, "gte", "5", control="number"), table="")))
    assert found["all"] == [
        {"rows": "orders", "where": {"all": [{"attribute": "orders.amount", "gte": 5}]}, "exists": True}
    ]
    found = read(database, segment_form(rows("any", rule("city · profiles", "is", "Chicago"), table="")))
    assert found["all"][0]["rows"] == ""
