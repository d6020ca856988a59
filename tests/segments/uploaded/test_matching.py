"""Matching: by key, e-mail and phone, and every row counted once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from zoneinfo import ZoneInfo

import duckdb
import psycopg
import pyarrow
import pytest
from django.core.files.storage import storages
from hypothesis import HealthCheck, given, settings, strategies
from pyarrow import parquet

from campaigns.customers.catalogue import read_catalogue
from campaigns.customers.connection import CustomerDatabaseError, open_database
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.rules import parse
from campaigns.segments.sizing import SizeUnknown, size
from campaigns.segments.uploaded.matching import Counts
from campaigns.segments.uploaded.models import MatchedBy
from campaigns.segments.uploaded.proposing import Proposal
from campaigns.segments.uploaded.refused import ListRefused
from campaigns.segments.uploaded.storing import match_upload
from tests import postgres
from tests.base import CONTACTS, CUSTOMERS
from tests.segments.uploaded.conftest import chosen


def keys_of(pending):
    return parquet.read_table(storages["lists"].path(pending.matched["keys_path"]))[
        "customer_key"
    ].to_pylist()


def unmatched_of(pending):
    table = parquet.read_table(storages["lists"].path(pending.matched["unmatched_path"]))
    return [tuple(row.values()) for row in table.to_pylist()]


def test_by_key_as_text_without_white_space_around(upload):
    pending = upload("customer_id\nC01\n C02 \nc03\nC99\n\nC01\n")
    counts = match_upload(pending, chosen(pending, (0, "key", True)))
    assert counts == Counts(
        rows=6, empty=1, invalid=0, repeated=1, values=4, unmatched=2, customers=2, shared=0
    )
    assert keys_of(pending) == ["C01", "C02"]
    assert unmatched_of(pending) == [(4, "c03", "nobody"), (5, "C99", "nobody")]


def test_by_e_mail_in_any_case_and_all_customers_who_share_one(upload):
    pending = upload(
        "Name,E-mail\nA,PERSON1@Example.com\nB,shared@example.com\nC,nobody@example.com\nD,no address\nE,\n"
        "F, person1@example.com\n"
    )
    counts = match_upload(pending, chosen(pending, (1, "email", True)))
    assert counts == Counts(
        rows=6, empty=1, invalid=1, repeated=1, values=3, unmatched=1, customers=3, shared=1
    )
    assert keys_of(pending) == ["C01", "C08", "C18"]
    assert unmatched_of(pending) == [(4, "nobody@example.com", "nobody"), (5, "no address", "invalid")]


@pytest.mark.parametrize("spelled", ["+12025550101", "(202) 555-0101", "202.555.0101", "1 202 555 0101"])
def test_by_phone_however_it_is_written(upload, spelled):
    pending = upload(f"phone\n{spelled}\n202 555\n")
    counts = match_upload(pending, chosen(pending, (0, "phone", True)))
    assert (counts.customers, counts.invalid) == (1, 1)
    assert keys_of(pending) == ["C01"]


def test_only_everybody_is_matched(upload, customer_database, tmp_path):
    """A contact without a profile is no customer."""
    folder = tmp_path / "customers"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t AS SELECT * FROM '{folder}/merged_customers.parquet'")
        connection.execute("INSERT INTO t VALUES ('X1', 'stray@example.com', NULL)")
        connection.execute(f"COPY t TO '{folder}/merged_customers.parquet'")
    pending = upload("email\nstray@example.com\nperson1@example.com\n")
    assert match_upload(pending, chosen(pending)).unmatched == 1
    assert keys_of(pending) == ["C01"]


def test_without_a_header_the_first_row_counts(upload):
    pending = upload("C01\nC02\n")
    assert match_upload(pending, chosen(pending, (0, "key", False))).customers == 2
    assert match_upload(pending, chosen(pending, (0, "key", True))).customers == 1


def test_a_later_match_takes_the_place_of_the_earlier(upload):
    pending = upload("C01\nC02\n")
    match_upload(pending, chosen(pending))
    before = dict(pending.matched)
    match_upload(pending, chosen(pending, (0, "key", True)))
    assert not storages["lists"].exists(before["keys_path"])
    assert storages["lists"].exists(pending.matched["keys_path"])


def test_what_takes_too_long_is_stopped_and_says_so(upload, settings):
    pending = upload("email\n" + "person1@example.com\n" * 200_000)
    settings.LIST_SECONDS = 0.001
    with pytest.raises(ListRefused, match="Matching took longer than 0 seconds and was stopped"):
        match_upload(pending, chosen(pending, (0, "email", True)))


def test_a_customer_database_that_is_gone_says_so(upload, customer_database):
    pending = upload("C01\n")
    CustomerDatabase.objects.update(url="files:/nowhere/at/all")
    pending.refresh_from_db()
    with pytest.raises(ListRefused, match="The folder of the customer database is not there"):
        match_upload(pending, chosen(pending))


def test_a_customer_key_that_is_gone_says_so(upload, tmp_path):
    path = tmp_path / "customers" / "customer_360.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t AS SELECT customer_id AS other, city FROM '{path}'")
        connection.execute(f"COPY t TO '{path}'")
    pending = upload("C01\n")
    assert "customer_id" in Proposal.from_json(pending.proposal).problem
    with pytest.raises(ListRefused, match="customer_id"):
        match_upload(pending, chosen(pending))


# What a column is proposed to hold ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("customer_id,email\nC01,x@elsewhere.example\nC02,\n", (0, "key", True)),
        ("note,email\nhello,person1@example.com\nfoo,person2@example.com\n", (1, "email", True)),
        ("note,contact\nhello,PERSON1@example.com\n", (1, "email", True)),
        ("name,mobile\nJo,(202) 555-0101\nAl,(202) 555-0102\n", (1, "phone", True)),
        ("new@elsewhere.example\nother@elsewhere.example\n", (0, "email", False)),
        ("C01\nC02\nC03\n", (0, "key", False)),
        ("city,email,second_email\nX,old@elsewhere.example,person1@example.com\n", (2, "email", True)),
    ],
)
def test_a_sample_held_against_the_customers_tells_the_column(upload, text, choice):
    assert Proposal.from_json(upload(text).proposal).choice() == chosen(None, choice)


def test_a_proposal_is_made_although_the_customers_do_not_answer(upload, customer_database):
    customer_database.url = "files:/nowhere/at/all"
    customer_database.save()
    proposal = Proposal.from_json(upload("x,email\n1,person1@example.com\n").proposal)
    assert proposal.choice() == chosen(None, (1, "email", True))
    assert proposal.problem.startswith("The folder of the customer database is not there")


# Every row counts once ------------------------------------------------------------------------------------------

AWKWARD = (
    *("", " ", "\u200b", "C01", "C02 ", "C99", "12", "=1+1", "no address"),
    *("person1@example.com", "PERSON1@example.com", "shared@example.com", "nobody@example.com"),
    *("202 555 0101", "+1 202 555 0102", "+1 202 555 0999"),
)
VALUES = strategies.sampled_from(AWKWARD) | strategies.text(
    strategies.characters(exclude_categories=["Cs", "Cc"]), max_size=8
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=strategies.lists(VALUES, min_size=1, max_size=30), by=strategies.sampled_from(list(MatchedBy)))
def test_every_row_is_matched_unmatched_repeated_empty_or_invalid(upload, rows, by):
    quoted = ['"' + row.replace('"', '""') + '"' for row in rows]
    pending = upload("value\n" + "".join(f"{row}\n" for row in quoted))
    counts = match_upload(pending, chosen(pending, (0, by, True)))
    assert counts.rows == len(rows)
    assert counts.rows == counts.empty + counts.invalid + counts.repeated + counts.matched + counts.unmatched
    told = unmatched_of(pending)
    assert len(told) == counts.unmatched + counts.invalid
    assert len({row for row, _, _ in told}) == len(told)
    assert all(rows[row - 2].strip() and value in rows[row - 2] for row, value, _ in told)
    assert len(keys_of(pending)) == counts.customers
    assert (counts.matched > 0) == (counts.customers > 0)


def test_a_million_lines_are_matched(upload, tmp_path):
    path = tmp_path / "million.csv"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT CASE WHEN i % 2 = 0 THEN format('person{}@example.com', i % 60 + 1)"
            f" ELSE format('new{{}}@example.com', i) END AS email FROM range(1000000) AS t(i)) TO '{path}'"
        )
    pending = upload(path.read_bytes())
    counts = match_upload(pending, chosen(pending))
    # 30 of the customers, each 16,666 times or more; C07 and C17 have no valid address.
    assert (counts.rows, counts.repeated) == (1_000_000, 500_000 - 30)
    assert (counts.unmatched, counts.customers) == (500_002, 28)


# PostgreSQL -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server():
    """Its URL, with the customers of base.py in it, and a reader who may make no temporary table."""
    with postgres.server() as url, psycopg.connect(url, autocommit=True) as connection:
        with duckdb.connect() as source:
            for name, query in {"customer_360": CUSTOMERS, "merged_customers": CONTACTS}.items():
                table = source.execute(f"SELECT COLUMNS(*)::VARCHAR FROM ({query})").to_arrow_table()
                columns = ", ".join(f"{column} text" for column in table.column_names)
                connection.execute(f"CREATE TABLE {name} ({columns})")
                with connection.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                    for row in table.to_pylist():
                        copy.write_row(list(row.values()))
        connection.execute("REVOKE TEMPORARY ON DATABASE customers FROM PUBLIC; CREATE ROLE careful LOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO careful")
        yield url


@pytest.fixture
def in_postgres(db, server):
    return customers_at(server)


def customers_at(url, name="Server"):
    database = CustomerDatabase(name=name, url=url, customer_key="customer_id", profile_table="customer_360")
    database.catalogue = read_catalogue(database).to_json()
    database.save()
    return database


@pytest.mark.parametrize(
    ("text", "choice", "keys"),
    [
        ("C01\nC02\nC99\n", (0, "key", False), ["C01", "C02"]),
        ("email\nPERSON1@example.com\nshared@example.com\n", (0, "email", True), ["C01", "C08", "C18"]),
        ("mobile\n(202) 555-0101\n", (0, "phone", True), ["C01"]),
    ],
)
def test_customers_in_postgresql_are_matched_too(upload, in_postgres, text, choice, keys):
    pending = upload(text, database=in_postgres)
    assert Proposal.from_json(pending.proposal).choice() == chosen(None, choice)
    match_upload(pending, chosen(pending))
    assert keys_of(pending) == keys


@pytest.mark.parametrize("member", [True, False])
def test_rules_about_customers_in_postgresql_name_a_list(stored, in_postgres, member):
    one = stored('customer_id\nC01\nC02\n"C03"\n', database=in_postgres)
    group = parse(
        {"all": [{"list": one.pk, "member": member}, {"attribute": "customer_360.city", "is": "Seattle"}]}
    )
    assert size(in_postgres, group, ZoneInfo("UTC")).customers == (2 if member else 28)


def test_keys_arrive_in_postgresql_as_they_are(in_postgres):
    keys = ["C01", "", "a,b", 'say "x"', "\\.", "\\N", "two\nlines", "Zoë"]
    with open_database(in_postgres) as connection:
        found = connection.keys(pyarrow.table({"customer_key": keys}))
        assert {row["customer_key"] for row in connection.rows(found)} == set(keys)
        with pytest.raises(CustomerDatabaseError):
            connection.batches(connection.query("DELETE FROM customer_360 RETURNING customer_id"))


def test_an_account_that_may_make_no_temporary_table_says_so(stored, in_postgres, server):
    one = stored("C01\n", database=in_postgres)
    CustomerDatabase.objects.update(url=server.replace("muster@", "careful@"))
    in_postgres.refresh_from_db()
    with pytest.raises(SizeUnknown, match="may make no temporary table"):
        size(in_postgres, parse({"all": [{"list": one.pk}]}), ZoneInfo("UTC"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, by which Ibis reads SQLite
def test_rules_about_customers_in_another_engine_name_a_list(stored, db, tmp_path):
    path = tmp_path / "customers.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE people (customer_id TEXT, email TEXT)")
        connection.executemany(
            "INSERT INTO people VALUES (?, ?)", [(f"C{n}", f"person{n}@example.com") for n in range(9)]
        )
        connection.commit()
    database = CustomerDatabase(
        name="File", url=f"sqlite://{path}", customer_key="customer_id", profile_table="people"
    )
    database.catalogue = read_catalogue(database).to_json()
    database.save()
    one = stored("person1@example.com\nPerson2@example.com\nperson99@example.com\n", database=database)
    assert (one.customers, one.unmatched) == (2, 1)
    assert size(database, parse({"none": [{"list": one.pk}]}), ZoneInfo("UTC")).customers == 7
