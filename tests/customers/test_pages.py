"""Customer databases in the browser's hands: looked into before they are stored, refused with a sentence."""

from __future__ import annotations

import uuid

import duckdb
import pytest
from django.urls import reverse

from campaigns.customers.models import CustomerDatabase, DefaultAttribute
from campaigns.segments.models import Segment
from campaigns.segments.rules import dump, parse
from tests.base import make_customers


@pytest.fixture
def form(tmp_path):
    make_customers(tmp_path / "shop")
    return {
        "name": "Shop",
        "url": f"files:{tmp_path / 'shop'}",
        "customer_key": "customer_id",
        "default_country": "US",
        "profile_table": "customer_360",
        "action": "save",
        "form_token": str(uuid.uuid4()),
    }


@pytest.fixture
def post(operator, client_of):
    def send(fields, pk=None):
        to = reverse("customer_database_edit", args=[pk]) if pk else reverse("customer_database_new")
        return client_of(operator).post(to, fields)

    return send


def text(answer):
    return answer.content.decode()


def test_it_is_stored_with_its_catalogue(post, form):
    answer = post(form)
    stored = CustomerDatabase.objects.get()
    assert answer["Location"] == reverse("customer_database", args=[stored.pk])
    assert {table["name"] for table in stored.catalogue["tables"]} == {
        "customer_360",
        "merged_customers",
        "orders",
    }


def test_looking_into_it_offers_its_tables_and_stores_nothing(post, form):
    page = text(post({**form, "action": "look", "profile_table": ""}))
    assert "Save customer database" in page
    assert '<option value="merged_customers">' in page
    assert not CustomerDatabase.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"url": "files:/nowhere/at/all"}, "There is no folder /nowhere/at/all"),
        ({"url": "nothing that is known"}, "not one that can be read"),
        ({"url": "oracle://db.example.com/shop"}, "is missing"),
        ({"customer_key": "person_no"}, "No table has the customer key person_no"),
        ({"profile_table": "orders"}, "has several rows for one customer_id"),
        ({"profile_table": "gone"}, "The profile table gone is missing"),
        ({"default_country": "XX"}, "Enter a country as two letters"),
        ({"name": "N" * 101}, "at most 100 characters"),
        ({"orders_table": "orders", "orders_amount": "city"}, "no such column"),
        ({"url": ""}, "Enter the URL"),
    ],
)
def test_what_cannot_serve_is_refused_with_a_sentence_and_kept_in_the_form(post, form, changes, sentence):
    page = text(post({**form, **changes}))
    assert sentence in page
    assert not CustomerDatabase.objects.exists()
    assert f'value="{({**form, **changes})["customer_key"]}"' in page


def test_a_file_that_is_no_parquet_is_named(post, form, tmp_path):
    (tmp_path / "shop" / "broken.parquet").write_text("nothing")
    assert "broken.parquet cannot be read" in text(post(form))


def test_a_form_posted_twice_makes_one(post, form):
    assert post(form)["Location"] == post(form)["Location"]
    assert CustomerDatabase.objects.count() == 1


def test_a_name_is_taken_once(post, form):
    post(form)
    assert "already" in text(post({**form, "form_token": str(uuid.uuid4())}))


def test_the_later_of_two_editors_is_told(post, form):
    post(form)
    stored = CustomerDatabase.objects.get()
    post({**form, "name": "Shop 2", "version": "1"}, stored.pk)
    page = text(post({**form, "name": "Shop 3", "version": "1"}, stored.pk))
    assert "Somebody else saved this customer database" in page
    stored.refresh_from_db()
    assert stored.name == "Shop 2"


def test_a_password_in_the_url_is_never_shown(customer_database, operator, client_of):
    customer_database.url = "postgres://reader:hush@db.example.com/shop?password=hush"
    customer_database.save()
    client = client_of(operator)
    for name, args in (
        ("customer_database_list", []),
        ("customer_database", [customer_database.pk]),
        ("customer_database_edit", [customer_database.pk]),
    ):
        page = text(client.get(reverse(name, args=args)))
        assert "hush" not in page
    assert "postgres://db.example.com/shop" in page


def test_markup_in_a_name_is_shown_as_it_is(customer_database, viewer, client_of):
    customer_database.name = "<b>Shop</b>"
    customer_database.save()
    page = text(client_of(viewer).get(reverse("customer_database", args=[customer_database.pk])))
    assert "&lt;b&gt;Shop" in page
    assert "<b>Shop" not in page


def test_only_operators_change_one(customer_database, marketer, client_of):
    client = client_of(marketer)
    for name in ("customer_database_edit", "customer_database_delete", "default_attributes"):
        assert client.get(reverse(name, args=[customer_database.pk])).status_code == 403
    assert client.get(reverse("customer_database_new")).status_code == 403
    assert client.post(reverse("customer_database_refresh", args=[customer_database.pk])).status_code == 403
    assert client.get(reverse("customer_database", args=[customer_database.pk])).status_code == 200


def test_reading_the_catalogue_again_says_what_changed_and_what_breaks(
    customer_database, operator, client_of, tmp_path
):
    rules = dump(parse({"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}))
    Segment.objects.create(customer_database=customer_database, name="Chicago", rules=rules)
    path = tmp_path / "customers" / "customer_360.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t AS SELECT * EXCLUDE (city), 1 AS shoe_size FROM '{path}'")
        connection.execute(f"COPY t TO '{path}'")
    client = client_of(operator)
    answer = client.post(reverse("customer_database_refresh", args=[customer_database.pk]), follow=True)
    page = text(answer)
    assert "customer_360.shoe_size came; customer_360.city went" in page
    assert "1 segment names a column that is gone" in page
    assert "“Chicago”" in page


def test_a_catalogue_that_cannot_be_read_stays_as_it_was(customer_database, operator, client_of):
    customer_database.url = "files:/nowhere/at/all"
    customer_database.save()
    client = client_of(operator)
    page = text(client.post(reverse("customer_database_refresh", args=[customer_database.pk]), follow=True))
    assert "There is no folder /nowhere/at/all" in page
    customer_database.refresh_from_db()
    assert customer_database.catalogue["tables"]


def test_one_in_use_is_not_deleted_and_its_users_are_named(customer_database, operator, client_of):
    rules = dump(parse({"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}))
    segment = Segment.objects.create(customer_database=customer_database, name="Chicago", rules=rules)
    url = reverse("customer_database_delete", args=[customer_database.pk])
    client = client_of(operator)
    assert "“Chicago”" in text(client.post(url))
    segment.delete()
    client.post(url)
    assert not CustomerDatabase.objects.active().exists()


def test_default_attributes_are_chosen_per_destination(customer_database, destination, operator, client_of):
    url = reverse("default_attributes", args=[customer_database.pk])
    client = client_of(operator)
    field = f"destination-{destination.pk}"
    assert "merged_customers.phone" in text(client.get(url))
    client.post(url, {field: "merged_customers.phone"})
    assert DefaultAttribute.objects.get().column == "merged_customers.phone"
    assert "has no column merged_customers.gone" in text(client.post(url, {field: "merged_customers.gone"}))
    client.post(url, {field: ""})
    assert not DefaultAttribute.objects.exists()
