"""What operators say about columns: on the page of a table, at the door, and wherever columns are offered."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import duckdb
import pytest
from django.urls import reverse
from django.utils.http import urlencode

from campaigns.customers.catalogue import read_catalogue, stored
from campaigns.customers.contacts import contact_columns
from campaigns.customers.marks import Mark
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.saving import DatabaseRefused, fields_of, refresh_catalogue, save_customer_database
from campaigns.segments.choices import attributes
from campaigns.segments.models import Segment
from campaigns.segments.people import people
from campaigns.segments.plain import Draft
from campaigns.segments.rules import dump, load, parse
from campaigns.segments.saving import rule_problems, store
from campaigns.segments.sizing import size
from config.audit.models import Event
from tests.base import CUSTOMERS

CITY = "customer_360.city"
IN_CHICAGO = {"all": [{"attribute": CITY, "is": "Chicago"}]}


@pytest.fixture
def mark(customer_database, operator):
    """Says something about columns by their paths, as a whole."""

    def say(**marks):
        fields = fields_of(CustomerDatabase.objects.get())
        said = {column.replace("__", "."): one for column, one in marks.items()}
        return save_customer_database(
            replace(fields, marks=said), CustomerDatabase.objects.get(), operator, connect=False
        )

    return say


@pytest.fixture
def page(customer_database, operator, client_of):
    """The page of customer_360, for somebody; with fields, it is posted."""

    def ask(fields=None, who=None, table="customer_360", **query):
        query = urlencode({"table": table, **query})
        address = f"{reverse('customer_table', args=[customer_database.pk])}?{query}"
        client = client_of(who or operator)
        return client.get(address) if fields is None else client.post(address, fields, follow=True)

    return ask


def _post(*columns, version=1, **fields):
    """A form of the columns in order; the fields by name and place."""
    places = {f"label-{place}": "" for place in range(len(columns))}
    return {"column": columns, "version": version, "action": "save", **places} | {
        name.replace("_", "-"): value for name, value in fields.items()
    }


def text(answer):
    return answer.content.decode()


# The page -----------------------------------------------------------------------------------------------


def test_what_is_said_is_stored_shown_and_noted(page, customer_database, viewer):
    fields = _post("city", "state", label_0="Home town", description_0="Where they live", hidden_1="on")
    answer = page(fields)
    assert "What you said of the columns of customer_360 is saved" in text(answer)
    column = stored(CustomerDatabase.objects.get()).column(CITY)
    assert (column.label, column.description) == ("Home town", "Where they live")
    assert stored(CustomerDatabase.objects.get()).column("customer_360.state").is_hidden
    event = Event.objects.first()
    assert (event.verb, event.detail) == (
        "edited", {"version": 2, "columns": ["customer_360.city", "customer_360.state"]}
    )  # fmt: skip
    read = text(page(who=viewer))
    assert "Home town" in read
    assert "Where they live" in read
    assert ">state<" not in read


def test_a_personal_name_proposes_itself_and_an_operator_decides(page, customer_database):
    assert "by its name" in text(page())
    page(_post("birthday", "city", personal_1="on"))
    catalogue = stored(CustomerDatabase.objects.get())
    assert not catalogue.column("customer_360.birthday").is_personal
    assert catalogue.column(CITY).is_personal
    page(_post("birthday", "city", version=2, personal_0="on"))
    assert CustomerDatabase.objects.get().column_marks == {}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"label_0": "N" * 101}, "Enter a label of at most 100 characters on one line."),
        ({"label_0": "two\nlines"}, "Enter a label of at most 100 characters on one line."),
        ({"description_0": "N" * 301}, "Enter a description of at most 300 characters on one line."),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_kept_in_the_form(page, fields, sentence):
    ((_, typed),) = fields.items()
    answer = text(page(_post("city", "state", label_1="Home state", **fields)))
    assert sentence in answer
    assert typed in answer
    assert 'value="Home state"' in answer
    assert not CustomerDatabase.objects.get().column_marks


def test_the_customer_key_stays_visible(page):
    answer = text(page(_post("customer_id", hidden_0="on")))
    assert "customer_360.customer_id is the customer key, which stays visible" in answer
    assert not CustomerDatabase.objects.get().column_marks


def test_the_later_of_two_is_told_and_decides(page):
    page(_post("city", label_0="Town"))
    answer = text(page(_post("city", "state", label_0="Place", label_1="Home state")))
    assert "while you were editing it" in answer
    assert 'value="overwrite:2"' in answer
    assert 'value="Place"' in answer
    assert stored(CustomerDatabase.objects.get()).column(CITY).label == "Town"
    page({**_post("city", label_0="Place"), "action": "overwrite:2"})
    assert stored(CustomerDatabase.objects.get()).column(CITY).label == "Place"


def test_who_uses_what_is_hidden_is_named(page, customer_database):
    Segment.objects.create(customer_database=customer_database, name="Chicago", rules=dump(parse(IN_CHICAGO)))
    assert "“Chicago” use what is hidden now" in text(page(_post("city", hidden_0="on")))
    assert "use what is hidden now" not in text(page(_post("city", version=2, hidden_0="on")))


def test_only_operators_say_something(page, marketer):
    assert page(_post("city", label_0="Town"), who=marketer).status_code == 403
    assert page(who=marketer).status_code == 200
    assert page(table="gone").status_code == 404


def test_of_many_columns_some_are_found_and_the_others_keep_what_was_said(
    customer_database, tmp_path, operator, page
):
    wide = ", ".join(f"i AS c{number}" for number in range(300))
    duckdb.sql(
        f"COPY (SELECT i AS customer_id, {wide} FROM range(3) t(i)) TO '{tmp_path}/customers/wide.parquet'"
    )
    refresh_catalogue(customer_database, operator)
    whole = text(page(table="wide"))
    assert whole.count('name="column"') == 301
    page(_post("c7", label_0="Seven"), table="wide")
    found = text(page(table="wide", q="c29"))
    assert found.count('name="column"') == 11
    page(_post("c29", version=2, label_0="Twenty-nine"), table="wide", q="c29")
    catalogue = stored(CustomerDatabase.objects.get())
    assert [catalogue.column(f"wide.{name}").label for name in ("c7", "c29", "c8")] == [
        "Seven",
        "Twenty-nine",
        "C8",
    ]
    assert "No column with “nothing like it”" in text(page(table="wide", q="nothing like it"))


@pytest.mark.parametrize("name", ['o\'brien "s"', "a/b?c&d=e#f", "100%", "<b>", "Größe"])
def test_a_table_of_any_name_has_its_page(customer_database, operator, client_of, name):
    columns = [{"name": "customer_id", "type": "text"}, {"name": name, "type": "text"}]
    customer_database.catalogue = {
        "tables": [{"name": name, "key": "customer_id", "many": False, "columns": columns}]
    }
    customer_database.save()
    client = client_of(operator)
    page = client.get(reverse("customer_database", args=[customer_database.pk]))
    address = text(page).split("/table/?table=")[1].split('"')[0]
    address = f"{reverse('customer_table', args=[customer_database.pk])}?table={address}"
    client.post(address, _post(name, label_0="Named"))
    assert stored(CustomerDatabase.objects.get()).column(f"{name}.{name}").label == "Named"


# Across readings ----------------------------------------------------------------------------------------


def test_what_is_said_outlives_a_refresh_and_an_absence(customer_database, operator, tmp_path, mark):
    database = mark(customer_360__city=Mark(label="Town", hidden=True))
    refresh_catalogue(database, operator)
    assert stored(database).column(CITY).label == "Town"
    path = tmp_path / "customers" / "customer_360.parquet"
    duckdb.sql(f"COPY (SELECT * EXCLUDE (city) FROM ({CUSTOMERS})) TO '{path}'")
    refresh_catalogue(database, operator)
    assert stored(database).column(CITY) is None
    duckdb.sql(f"COPY ({CUSTOMERS}) TO '{path}'")
    refresh_catalogue(database, operator)
    assert stored(database).column(CITY).label == "Town"
    assert stored(database).column(CITY).is_hidden


def test_editing_the_settings_keeps_what_is_said(customer_database, operator, mark):
    database = mark(customer_360__city=Mark(personal=True))
    again = save_customer_database(fields_of(database), database, operator, connect=True)
    assert stored(again).column(CITY).is_personal
    assert stored(again).column(CITY).values == ()


@pytest.mark.parametrize("said", [Mark(personal=True), Mark(hidden=True)])
def test_the_values_of_what_becomes_personal_or_hidden_are_forgotten(customer_database, mark, operator, said):
    assert stored(customer_database).column(CITY).values == ("Chicago", "Seattle")
    database = mark(customer_360__city=said)
    assert "Chicago" not in str(CustomerDatabase.objects.get().catalogue)
    refresh_catalogue(database, operator)
    assert "Chicago" not in str(CustomerDatabase.objects.get().catalogue)
    database = mark()
    refresh_catalogue(database, operator)
    assert stored(database).column(CITY).values == ("Chicago", "Seattle")


def test_a_column_has_a_table(customer_database, mark):
    with pytest.raises(DatabaseRefused, match=r"Write a column as table\.column"):
        mark(city=Mark(label="Town"))


# Where columns are offered ------------------------------------------------------------------------------


def test_hidden_columns_are_offered_nowhere(customer_database, mark, operator, destination, client_of):
    database = mark(merged_customers__phone=Mark(hidden=True), customer_360__city=Mark(hidden=True))
    offered = {one.path for one in attributes(stored(database))}
    assert "customer_360.state" in offered
    assert not offered & {CITY, "merged_customers.phone"}
    assert "phone" not in contact_columns(database)
    page = text(client_of(operator).get(reverse("default_attributes", args=[database.pk])))
    assert "merged_customers.email" in page
    assert "merged_customers.phone" not in page


def test_a_default_attribute_that_is_hidden_later_stays_chosen(
    customer_database, mark, operator, destination, client_of
):
    database = mark(merged_customers__email=Mark(hidden=True))
    page = text(client_of(operator).get(reverse("default_attributes", args=[database.pk])))
    assert '<option value="merged_customers.email" selected>' in page
    assert contact_columns(database)["email"] == "merged_customers.email"


def test_a_rule_on_a_hidden_column_is_refused_and_a_stored_one_counts_on(customer_database, mark, marketer):
    draft = Draft("Chicago", customer_database.pk, IN_CHICAGO)
    segment = store(draft, None, marketer, None)
    database = mark(customer_360__city=Mark(hidden=True))
    sentence = f"The attribute {CITY} is hidden. Choose another one, or ask an operator to show it."
    assert [one.message for one in rule_problems(draft, segment, database)] == [sentence]
    assert size(database, load(segment.rules), ZoneInfo("UTC")).customers == 30


@pytest.mark.parametrize(
    "rule",
    [
        {"rows": "orders", "where": {"all": [{"attribute": "orders.amount", "gte": 5}]}, "exists": True},
        {"rows": "orders", "aggregate": "sum", "of": "orders.amount", "gte": 5},
        {
            "rows": "orders",
            "aggregate": "first",
            "of": "orders.customer_id",
            "ordered_by": "orders.amount",
            "is": "a",
        },
    ],
)
def test_a_hidden_column_of_rows_is_refused_wherever_it_stands(customer_database, mark, rule):
    draft = Draft("Spenders", customer_database.pk, {"all": [rule]})
    assert not list(rule_problems(draft, None, customer_database))
    database = mark(orders__amount=Mark(hidden=True))
    (problem,) = rule_problems(draft, None, database)
    assert problem.message.startswith("The attribute orders.amount is hidden.")


def test_samples_mask_what_is_marked_and_leave_out_what_is_hidden(customer_database, mark):
    database = mark(
        customer_360__city=Mark(personal=True),
        customer_360__email_opt_in=Mark(personal=True),
        customer_360__birthday=Mark(personal=False),
        customer_360__state=Mark(hidden=True),
    )
    sample = people(database, load(dump(parse(IN_CHICAGO))), ZoneInfo("UTC"), masked=True).sample
    by_title = dict(zip(sample.columns, zip(*sample.rows, strict=True), strict=True))
    assert set(by_title[CITY]) == {"···"}
    assert set(by_title["customer_360.email_opt_in"]) == {"···"}
    assert all(value.startswith("19") and "·" not in value for value in by_title["customer_360.birthday"])
    assert "customer_360.state" not in by_title
    plain = people(database, None, ZoneInfo("UTC"), masked=False).sample
    assert {row[plain.columns.index(CITY)] for row in plain.rows} <= {"Chicago", "Seattle"}


def test_rules_to_read_mask_what_is_marked(customer_database, mark, viewer, client_of):
    segment = Segment.objects.create(
        customer_database=customer_database, name="Some", rules=dump(parse(IN_CHICAGO))
    )
    viewer.sees_personal_data = False
    viewer.save()
    address = reverse("segment", args=[segment.pk])
    assert "City is Chicago" in text(client_of(viewer).get(address))
    mark(customer_360__city=Mark(personal=True))
    page = text(client_of(viewer).get(address))
    assert "City is ···" in page
    assert "is Chicago" not in page


def test_reading_proposes_nothing_for_a_yes_or_no(customer_database):
    catalogue = read_catalogue(customer_database)
    assert not catalogue.column("customer_360.email_opt_in").is_personal
    assert catalogue.column("merged_customers.email").is_personal
