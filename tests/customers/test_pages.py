"""Customer databases in the browser's hands: looked into before they are stored, refused with a sentence."""

from __future__ import annotations

import re
import uuid
from zoneinfo import ZoneInfo

import duckdb
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.customers import editing
from campaigns.customers.models import CustomerDatabase, DefaultAttribute
from campaigns.customers.saving import DatabaseRefused, refresh_catalogue
from campaigns.customers.shown import has_secret, shown_url
from campaigns.planning.models import Campaign, CampaignAttribute, SubAudience
from campaigns.segments.models import Segment
from campaigns.segments.rules import dump, parse
from campaigns.segments.sizing import size
from config.secrets import encrypt
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


def _write(folder, table, select):
    """A table anew; `select` reads the old one as `old`."""
    path = folder / f"{table}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE old AS FROM '{path}'")
        connection.execute(f"COPY ({select}) TO '{path}'")


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
        ({"default_country": "Germany"}, "Enter a country as two letters"),
        ({"default_country": "ZZZ", "action": "look", "profile_table": ""}, "Enter a country as two letters"),
        ({"default_country": "ZZZ", "url": "files:/nowhere"}, "Enter a country as two letters"),
        ({"name": "N" * 101}, "at most 100 characters"),
        ({"orders_table": "orders", "orders_amount": "city"}, "no such column"),
        ({"orders_table": "orders", "orders_amount": "ordered_at"}, "orders.ordered_at is no number"),
        ({"orders_amount": "amount"}, "Choose the table of the orders"),
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
    assert "Somebody else saved “Shop 2” while you were editing it" in page
    assert 'value="Shop 3"' in page
    assert 'value="overwrite:2"' in page
    stored.refresh_from_db()
    assert stored.name == "Shop 2"
    post({**form, "name": "Shop 3", "version": "1", "action": "overwrite:2"}, stored.pk)
    stored.refresh_from_db()
    assert stored.name == "Shop 3"


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
    for name in ("customer_database_edit", "customer_database_delete"):
        assert client.get(reverse(name, args=[customer_database.pk])).status_code == 403
    assert client.get(reverse("customer_database_new")).status_code == 403
    assert client.post(reverse("customer_database_refresh", args=[customer_database.pk])).status_code == 403
    assert client.post(reverse("default_attributes", args=[customer_database.pk])).status_code == 403
    for name in ("customer_database", "default_attributes"):
        assert client.get(reverse(name, args=[customer_database.pk])).status_code == 200


def test_reading_the_catalogue_again_says_what_changed_and_what_breaks(
    customer_database, operator, client_of, tmp_path
):
    rules = dump(parse({"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}))
    Segment.objects.create(customer_database=customer_database, name="Chicago", rules=rules)
    _write(tmp_path / "customers", "customer_360", "SELECT * EXCLUDE (city), 1 AS shoe_size FROM old")
    client = client_of(operator)
    answer = client.post(reverse("customer_database_refresh", args=[customer_database.pk]), follow=True)
    page = text(answer)
    assert "customer_360.city went; customer_360.shoe_size came" in page
    assert "What rules name is gone" in page
    assert ">Chicago</a>" in page


def test_a_changed_type_names_the_segments_that_use_it(customer_database, operator, client_of, tmp_path):
    rules = dump(parse({"all": [{"attribute": "customer_360.lifetime_value", "gte": 5}]}))
    Segment.objects.create(customer_database=customer_database, name="Spenders", rules=rules)
    _write(tmp_path / "customers", "customer_360", "SELECT * REPLACE ('much' AS lifetime_value) FROM old")
    _write(tmp_path / "customers", "merged_customers", "FROM old UNION ALL FROM old")
    page = text(
        client_of(operator).post(
            reverse("customer_database_refresh", args=[customer_database.pk]), follow=True
        )
    )
    assert "customer_360.lifetime_value changed from number to text" in page
    assert "merged_customers has several rows per customer now" in page
    assert "“Spenders” use what changed its type" in page


def test_what_changed_stays_readable_with_whom_it_touches(
    customer_database, operator, viewer, client_of, tmp_path, destination
):
    rules = dump(parse({"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}))
    Segment.objects.create(customer_database=customer_database, name="From Chicago", rules=rules)
    campaign = Campaign.objects.create(name="Spring Sale", customer_database=customer_database)
    CampaignAttribute.objects.create(
        campaign=campaign, destination=destination, identifier="email", column="merged_customers.email"
    )
    SubAudience.objects.create(
        campaign=campaign,
        position=0,
        name="Spenders",
        rules=dump(parse({"all": [{"attribute": "customer_360.lifetime_value", "gte": 5}]})),
    )
    _write(
        tmp_path / "customers",
        "customer_360",
        "SELECT * EXCLUDE (city) REPLACE ('much' AS lifetime_value), 1 AS shoe_size FROM old",
    )
    _write(
        tmp_path / "customers",
        "merged_customers",
        "SELECT * EXCLUDE (email) FROM (FROM old UNION ALL FROM old)",
    )
    refresh = reverse("customer_database_refresh", args=[customer_database.pk])
    client_of(operator).post(refresh)
    client_of(operator).post(refresh)  # finds nothing new, and takes nothing away
    page = text(client_of(viewer).get(reverse("customer_database", args=[customer_database.pk])))
    rows = re.findall(
        r'<th scope="row"><span class="file-name[^>]*>([^<]+)</span></th>(.*?)</tr>', page, re.DOTALL
    )
    told = {name: re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", rest)).strip() for name, rest in rows}
    assert told == {
        "customer_360.city": "went From Chicago",
        "customer_360.lifetime_value": "changed from number to text Spring Sale",
        "customer_360.shoe_size": "came nobody",
        "merged_customers.email": "went Spring Sale",
        "merged_customers": "has several rows per customer now nobody",
    }


def test_many_changes_are_cut_but_for_those_in_use(customer_database, operator, client_of, tmp_path):
    rules = dump(parse({"all": [{"attribute": "customer_360.c77", "is": 1}]}))
    Segment.objects.create(customer_database=customer_database, name="Late", rules=rules)
    wide = ", ".join(f"1 AS c{number}" for number in range(100))
    _write(tmp_path / "customers", "customer_360", f"SELECT *, {wide} FROM old")
    client = client_of(operator)
    client.post(reverse("customer_database_refresh", args=[customer_database.pk]))
    page = text(client.get(reverse("customer_database", args=[customer_database.pk])))
    assert "customer_360.c77" in page
    assert "and 80 more" in page


def test_a_duckdb_file_is_added_refreshed_and_counted(post, form, operator, tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(path) as made:
        made.execute(
            'CREATE TABLE "Kunden Liste" AS SELECT i AS "Customer_ID", i % 2 AS half FROM range(10) t(i)'
        )
        made.execute('CREATE VIEW small AS SELECT "Customer_ID" FROM "Kunden Liste" WHERE "Customer_ID" < 3')
        made.execute("CREATE TABLE visits (customer_id VARCHAR, channel VARCHAR)")
    answer = post({**form, "url": f"duckdb://{path}", "profile_table": "Kunden Liste"})
    assert answer.status_code == 302, text(answer)
    database = CustomerDatabase.objects.get()
    assert {table["name"]: table["many"] for table in database.catalogue["tables"]} == {
        "Kunden Liste": False,
        "small": False,
        "visits": False,
    }
    rules = [{"attribute": "Kunden Liste.half", "is": 1}, {"attribute": "visits.channel", "empty": True}]
    assert size(database, parse({"all": rules}), ZoneInfo("UTC")).customers == 5
    with duckdb.connect(path) as made:
        made.execute("INSERT INTO visits VALUES ('1', 'web'), ('1', 'shop')")
    refresh_catalogue(database, operator)
    assert database.catalogue_changes["multiplied"] == ["visits"]


def test_a_profile_table_that_got_duplicates_is_told_and_the_catalogue_stays(
    customer_database, operator, client_of, tmp_path
):
    _write(tmp_path / "customers", "customer_360", "FROM old UNION ALL FROM old")
    page = text(
        client_of(operator).post(
            reverse("customer_database_refresh", args=[customer_database.pk]), follow=True
        )
    )
    assert "The profile table customer_360 has several rows for one customer_id" in page
    customer_database.refresh_from_db()
    assert not any(table["many"] for table in customer_database.catalogue["tables"][:2])


def test_what_was_read_by_other_settings_is_dropped(customer_database, operator):
    stale = CustomerDatabase.objects.get(pk=customer_database.pk)
    CustomerDatabase.objects.filter(pk=customer_database.pk).update(version=2, catalogue={})
    with pytest.raises(DatabaseRefused, match="was edited while its catalogue was read"):
        refresh_catalogue(stale, operator)
    assert CustomerDatabase.objects.get().catalogue == {}


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
    page = text(client.post(url, follow=True))
    assert "is in use, so it stays" in page
    assert ">Chicago</a>" in page
    segment.delete()
    client.post(url)
    assert not CustomerDatabase.objects.active().exists()


def test_default_attributes_are_chosen_per_destination(customer_database, destination, operator, client_of):
    url = reverse("default_attributes", args=[customer_database.pk])
    client = client_of(operator)
    field = f"destination-{destination.pk}"
    assert "merged_customers.phone" in text(client.get(url))
    before = {f"{field}-before": "merged_customers.email"}
    client.post(url, {**before, field: "merged_customers.phone"})
    assert DefaultAttribute.objects.get().column == "merged_customers.phone"
    before = {f"{field}-before": "merged_customers.phone"}
    gone = text(client.post(url, {**before, field: "merged_customers.gone"}))
    assert "has no column merged_customers.gone" in gone
    client.post(url, {**before, field: ""})
    assert not DefaultAttribute.objects.exists()


def test_a_column_is_proposed_until_one_is_chosen(customer_database, destination, operator, client_of):
    DefaultAttribute.objects.all().delete()
    page = text(client_of(operator).get(reverse("default_attributes", args=[customer_database.pk])))
    assert '<option value="merged_customers.email" selected>' in page
    assert "Proposed by its name" in page


def test_a_default_attribute_that_somebody_else_chose_meanwhile_stays(
    customer_database, destination, operator, client_of
):
    field = f"destination-{destination.pk}"
    fields = {field: "merged_customers.phone", f"{field}-before": ""}
    url = reverse("default_attributes", args=[customer_database.pk])
    assert "Somebody else chose merged_customers.email meanwhile" in text(
        client_of(operator).post(url, fields)
    )
    assert DefaultAttribute.objects.get().column == "merged_customers.email"


def test_destinations_of_operators_alone_are_not_named_to_others(
    customer_database, destination, marketer, client_of
):
    destination.operators_only = True
    destination.save()
    client = client_of(marketer)
    for name in ("customer_database", "default_attributes"):
        assert destination.name not in text(client.get(reverse(name, args=[customer_database.pk])))


# URLs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("files:var/demo", "files:var/demo"),
        ("duckdb:///data/shop.duckdb", "duckdb:///data/shop.duckdb"),
        ("postgres://db.example.com:5432/shop", "postgres://db.example.com:5432/shop"),
        ("postgres://reader:hush@db.example.com/shop", "postgres://db.example.com/shop"),
        ("postgres://reader:hu/sh@db.example.com/shop", "postgres://db.example.com/shop"),
        ("postgres://reader:hu#s@h@db.example.com/shop", "postgres://db.example.com/shop"),
        ("postgres://reader:hu?sh@db.example.com/shop", "postgres://…"),
        ("postgres://db.example.com/shop?password=hu@sh", "postgres://…"),
        ("snowflake://account/shop?token=hush", "snowflake://account/shop"),
        ("postgres:/reader:hush@db.example.com/shop", "…"),
    ],
)
def test_no_part_of_a_secret_is_shown(url, shown):
    assert shown_url(url) == shown
    assert has_secret(url) == (url != shown)


def test_a_typed_secret_is_kept_through_the_steps_and_never_sent_back(post, form, operator, monkeypatch):
    secret, folder = "postgres://reader:hush@db.example.com/shop", form["url"]
    real = editing.read_catalogue

    def read(database, **options):
        assert database.url == secret
        return real(CustomerDatabase(url=folder, customer_key=database.customer_key))

    monkeypatch.setattr(editing, "read_catalogue", read)
    page = text(post({**form, "url": secret, "action": "look"}))
    assert "hush" not in page
    assert "Now postgres://db.example.com/shop, with a secret" in page
    (kept,) = re.findall(r'name="kept_url" value="([^"]+)"', page)
    post({**form, "url": "", "kept_url": kept})
    assert CustomerDatabase.objects.get().url == secret


def test_what_somebody_else_typed_is_nobodys_url(post, form, administrator):
    kept = encrypt({"url": form["url"], "user": administrator.pk})
    assert "Enter the URL" in text(post({**form, "url": "", "kept_url": kept}))
    assert "Enter the URL" in text(post({**form, "url": "", "kept_url": "made up"}))


def test_an_empty_url_keeps_the_stored_one(post, form, monkeypatch):
    post(form)
    stored = CustomerDatabase.objects.get()
    post({**form, "url": "", "name": "Shop 2", "version": "1"}, stored.pk)
    stored.refresh_from_db()
    assert (stored.name, stored.url) == ("Shop 2", form["url"])


# What looking proposes ----------------------------------------------------------------------------------


def test_the_suppression_list_is_chosen_by_name_among_its_own_segments(post, form, customer_database):
    rules = {"version": 2, "rules": {"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}}
    wanted = Segment.objects.create(customer_database=customer_database, name="Unsubscribed", rules=rules)
    Segment.objects.bulk_create(
        Segment(customer_database=customer_database, name=f"Segment {number}", rules=rules)
        for number in range(300)
    )
    other = CustomerDatabase.objects.create(name="Other", url="files:nowhere", customer_key="customer_id")
    Segment.objects.create(customer_database=other, name="Of another", rules=rules)
    fields = {**form, "name": str(customer_database), "url": customer_database.url, "version": 1}
    for name in ("Nobody", "Of another"):
        answer = text(post({**fields, "suppression": name}, customer_database.pk))
        assert "No segment of this customer database is called that." in answer
        assert f'value="{name}"' in answer, "it stays to be corrected"
    assert "Segment 299" not in answer, "what can be searched is not drawn"
    assert post({**fields, "suppression": " Unsubscribed "}, customer_database.pk).status_code == 302
    customer_database.refresh_from_db()
    assert customer_database.suppression == wanted
    fields["version"] = customer_database.version
    assert post({**fields, "suppression": ""}, customer_database.pk).status_code == 302
    customer_database.refresh_from_db()
    assert customer_database.suppression is None


def test_looking_proposes_what_the_tables_are(post, form):
    asked = {name: form[name] for name in ("name", "url", "customer_key", "default_country", "form_token")}
    page = text(post({**asked, "action": "look"}))
    for value in ("customer_360", "merged_customers", "orders", "amount", "ordered_at"):
        assert f'<option value="{value}" selected>' in page
    assert "Not offered, for a customer has several rows there: orders" in page


def test_the_database_is_opened_once_to_save(post, form, monkeypatch):
    reads = []
    real = editing.read_catalogue
    monkeypatch.setattr(
        editing, "read_catalogue", lambda *given, **options: reads.append(1) or real(*given, **options)
    )
    monkeypatch.setattr("campaigns.customers.saving.read_catalogue", lambda database: reads.append(1))
    post(form)
    assert CustomerDatabase.objects.exists()
    assert len(reads) == 1


def test_a_page_that_was_gone_back_to_and_changed_is_not_taken_for_the_first(post, form):
    post(form)
    post({**form, "name": "Another shop"})
    assert {one.name for one in CustomerDatabase.objects.all()} == {"Shop", "Another shop"}


def test_more_campaigns_cost_no_more_queries(customer_database, viewer, client_of):
    client, address = client_of(viewer), reverse("customer_database", args=[customer_database.pk])

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    def add(number):
        campaign = Campaign.objects.create(name=f"Sale {number}", customer_database=customer_database)
        SubAudience.objects.create(campaign=campaign, position=0, name="a")

    add(0)
    few = queries()
    for number in range(1, 6):
        add(number)
    assert queries() == few
