"""What the web database itself holds of a customer database: of its URL nothing that can be read."""

from __future__ import annotations

from contextlib import closing

from django.db import connection
from django.test import Client

from campaigns.customers.models import CustomerDatabase
from tests.base import make_customers

PASSWORD = "an-invented-password"
URL = f"postgres://reader:{PASSWORD}@db.example.com/shop?sslmode=require"


def _stored_anywhere() -> str:
    """Every value of every table, as the database gives it to anybody who can read it."""
    found = []
    with closing(connection.cursor()) as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [repr(row) for row in cursor.fetchall()]
    return "\n".join(found)


def test_the_url_is_encrypted_in_the_database(db: None) -> None:
    stored = CustomerDatabase.objects.create(name="Shop", url=URL, customer_key="customer_id")
    assert CustomerDatabase.objects.get().url == URL
    with closing(connection.cursor()) as cursor:
        cursor.execute("SELECT url FROM campaigns_customerdatabase WHERE id = %s", [stored.pk])
        ((raw,),) = cursor.fetchall()
    for part in (PASSWORD, "reader", "db.example.com", "postgres"):
        assert part not in raw
    stored.save()
    with closing(connection.cursor()) as cursor:
        cursor.execute("SELECT url FROM campaigns_customerdatabase WHERE id = %s", [stored.pk])
        assert cursor.fetchall() != [(raw,)], "the same again does not look the same"


def test_a_url_that_was_saved_and_edited_is_nowhere_in_the_database(tmp_path, client_of, operator) -> None:
    make_customers(tmp_path / "shop")
    client: Client = client_of(operator)
    form = {
        "name": "Shop",
        "url": f"files:{tmp_path / 'shop'}",
        "customer_key": "customer_id",
        "default_country": "US",
        "profile_table": "customer_360",
        "action": "save",
    }
    assert client.post("/customer-databases/new/", form).status_code == 302
    stored = CustomerDatabase.objects.get()
    form |= {"version": "1", "url": f"{form['url']}/"}
    assert client.post(f"/customer-databases/{stored.pk}/edit/", form).status_code == 302
    assert str(tmp_path) not in _stored_anywhere()
