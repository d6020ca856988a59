"""The members of a segment: columns to choose, pages of them, and the download of everybody."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import duckdb
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.customers.catalogue import read_catalogue
from campaigns.segments.about import members as members_module
from campaigns.segments.models import Segment
from campaigns.segments.rules import load
from config.audit.models import Event
from config.masking import mask, mask_key
from tests.engines import in_postgres, in_sqlite

IN_CHICAGO = {"attribute": "customer_360.city", "is": "Chicago"}


def page(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def chicago(customer_database):
    return make(customer_database, IN_CHICAGO)


def make(database, *rules, name="Chicago", **more):
    return Segment.objects.create(
        customer_database=database, name=name, rules={"version": 1, "rules": {"all": list(rules)}}, **more
    )


def downloaded(client, segment, *columns):
    answer = client.get(f"/segments/{segment.pk}/members/download/", {"column": columns})
    assert answer.status_code == 200
    return answer, list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


# The page ----------------------------------------------------------------------------------------------------


def test_the_columns_of_one_row_tables_can_be_chosen(client, chicago):
    text = page(client.get(f"/segments/{chicago.pk}/members/", {"column": "customer_360.state"}))
    assert 'value="customer_360.lifetime_value"' in text
    assert 'value="merged_customers.email"' in text
    assert "customer_360.customer_id" not in text, "the key is always there"
    assert 'value="orders.amount"' not in text, "several rows per customer"
    assert text.count(" checked>") == 1
    assert "members/rows/?column=customer_360.state" in text


def test_without_a_choice_the_rules_and_the_contacts_are_shown(client, chicago):
    text = page(client.get(f"/segments/{chicago.pk}/members/"))
    assert "?column=customer_360.city&" in text
    assert "column=merged_customers.email" in text


def test_what_is_no_column_is_left_out(client, chicago):
    asked = {
        "column": ["orders.amount", "customer_360.gone", "x", "customer_360.state", "customer_360.state"]
    }
    text = page(client.get(f"/segments/{chicago.pk}/members/rows/", asked))
    assert text.count("<th ") == 2


def test_members_are_shown_by_key_a_page_at_a_time(client, customer_database):
    everybody = make(customer_database, {"attribute": "customer_360.city", "empty": False}, name="All")
    url = f"/segments/{everybody.pk}/members/rows/?column=customer_360.city"
    first = page(client.get(url))
    assert "1 to 50 by customer key" in first
    assert first.index("C01") < first.index("C02") < first.index("C50")
    assert "C51" not in first
    assert "page=2" in first
    second = page(client.get(f"{url}&page=2"))
    assert "51 to 60 by customer key" in second
    assert "page=3" not in second
    assert "page=1" in second
    assert "Nobody is on this page." in page(client.get(f"{url}&page=99"))


def test_the_pages_end_and_the_download_goes_on(client, customer_database, monkeypatch):
    monkeypatch.setattr(members_module, "PAGE_ROWS", 5)
    monkeypatch.setattr(members_module, "MOST_PAGES", 2)
    everybody = make(customer_database, {"attribute": "customer_360.city", "empty": False}, name="All")
    text = page(client.get(f"/segments/{everybody.pk}/members/rows/?page=2"))
    assert "6 to 10" in text
    assert "The download has everybody." in text


def test_nobody_is_said_in_words(client, customer_database):
    nobody = make(customer_database, {"attribute": "customer_360.city", "is": "Nowhere"}, name="Nobody")
    text = page(client.get(f"/segments/{nobody.pk}/members/rows/"))
    assert "Nobody matches, so there is nobody to show." in text
    assert "Download" not in text


def test_rows_are_masked_for_who_may_not_see_them(client_of, viewer, chicago):
    viewer.sees_personal_data = False
    viewer.save()
    text = page(client_of(viewer).get(f"/segments/{chicago.pk}/members/rows/?column=merged_customers.email"))
    assert "person2@example.com" not in text
    assert "p···@example.com" in text
    assert "C02" not in text
    assert "Masked: you do not see personal data" in text


def test_a_customer_database_that_is_away_is_told_in_a_sentence(client, chicago, customer_database):
    customer_database.url = "files:/nowhere/at/all"
    customer_database.save()
    text = page(client.get(f"/segments/{chicago.pk}/members/rows/"))
    assert "The folder of the customer database is not there." in text
    assert "Read again" in text
    answer = client.get(f"/segments/{chicago.pk}/members/download/", follow=True)
    assert "The folder of the customer database is not there." in page(answer)
    assert not Event.objects.exists()


def test_rules_that_no_longer_fit_are_told_in_a_sentence(client, customer_database):
    broken = make(customer_database, {"attribute": "customer_360.gone", "is": "x"})
    text = page(client.get(f"/segments/{broken.pk}/members/rows/"))
    assert "The attribute customer_360.gone is gone" in text
    answer = client.get(f"/segments/{broken.pk}/members/download/", follow=True)
    assert "The attribute customer_360.gone is gone" in page(answer)
    unreadable = Segment.objects.create(customer_database=customer_database, name="Old", rules={"version": 0})
    assert client.get(f"/segments/{unreadable.pk}/members/").status_code == 200
    assert "version 0" in page(client.get(f"/segments/{unreadable.pk}/members/rows/"))


# The download ------------------------------------------------------------------------------------------------


def test_everybody_is_in_the_file_by_key_with_the_chosen_columns(client, chicago, marketer):
    answer, rows = downloaded(client, chicago, "customer_360.lifetime_value", "merged_customers.phone")
    assert rows[0] == ["customer_key", "Lifetime value", "Phone"]
    assert rows[1] == ["C02", "21.0", "'+1 202 555 0102"]
    assert [row[0] for row in rows[1:]] == [f"C{number:02d}" for number in range(2, 61, 2)]
    assert rows[5] == ["C10", "105.0", ""]
    assert answer["Content-Type"] == "text/csv"
    assert answer["Content-Disposition"] == (
        f'attachment; filename="chicago-segment-{chicago.pk}-members.csv"'
    )
    (event,) = Event.objects.all()
    assert (event.actor, event.verb, event.object_id) == (marketer, "downloaded", str(chicago.pk))
    assert event.detail["customers"] == 30
    assert event.detail["columns"] == ["customer_360.lifetime_value", "merged_customers.phone"]
    assert event.detail["masked"] is False


def test_the_file_is_masked_exactly_as_the_page_is(client_of, viewer, chicago):
    viewer.sees_personal_data = False
    viewer.save()
    client = client_of(viewer)
    columns = [
        "customer_360.birthday",
        "customer_360.email_opt_in",
        "customer_360.lifetime_value",
        "merged_customers.email",
        "merged_customers.phone",
    ]
    answer, rows = downloaded(client, chicago, *columns)
    found = members_module.members_page(chicago, load(chicago.rules), columns, 1, masked=True).sample.rows
    words = {"–": "", "yes": "true", "no": "false"}
    assert [[text.removeprefix("'") for text in row] for row in rows[1:]] == [
        [words.get(text, text) for text in row] for row in found
    ]
    assert rows[1][0] == mask_key("C02")
    assert rows[1][4] == mask("person2@example.com", "email")
    assert "members-masked.csv" in answer["Content-Disposition"]
    assert Event.objects.get().detail["masked"] is True


def test_what_an_operator_marked_is_masked_and_what_is_hidden_is_not_given(
    client_of, viewer, chicago, customer_database
):
    customer_database.column_marks = {
        "customer_360.city": {"personal": True},
        "customer_360.email_opt_in": {"personal": True},
        "customer_360.birthday": {"personal": False},
        "customer_360.state": {"hidden": True},
    }
    customer_database.save()
    viewer.sees_personal_data = False
    viewer.save()
    columns = [f"customer_360.{name}" for name in ("birthday", "city", "email_opt_in", "state")]
    _, rows = downloaded(client_of(viewer), chicago, *columns)
    assert rows[0] == ["customer_key", "Birthday", "City", "Email opt in"]
    assert {tuple(row[2:]) for row in rows[1:]} == {("···", "···")}
    assert all(row[1].startswith("19") and "·" not in row[1] for row in rows[1:])
    shown = page(client_of(viewer).get(f"/segments/{chicago.pk}/members/rows/", {"column": columns}))
    assert ">···<" in shown
    assert ">Chicago<" not in shown
    assert "state" not in shown


def test_a_spreadsheet_runs_no_formula_of_a_customer(client, customer_database, tmp_path):
    folder = tmp_path / "formulas"
    folder.mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT * FROM (VALUES ('=1+1', '@cmd', 'a \"b\", c', -1.5),"
            " ('K2', '+12025550101', e'two\\nlines', 2))"
            f" AS t(customer_id, \"=note\", city, points)) TO '{folder / 'customer_360.parquet'}'"
        )
    customer_database.url = f"files:{folder}"
    customer_database.catalogue = read_catalogue(customer_database).to_json()
    customer_database.save()
    segment = make(customer_database, {"attribute": "customer_360.city", "empty": False})
    _, rows = downloaded(client, segment, "customer_360.=note", "customer_360.city", "customer_360.points")
    assert rows == [
        ["customer_key", "'=note", "City", "Points"],
        ["'=1+1", "'@cmd", 'a "b", c', "-1.5"],
        ["K2", "+12025550101", "two\nlines", "2.0"],
    ]


def test_a_spreadsheet_runs_no_formula_of_a_header(client, customer_database, tmp_path):
    """Labels are as foreign as values, and so are the names of tables and columns."""
    folder = tmp_path / "formulas"
    folder.mkdir()
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 'K1' AS customer_id, 'x' AS city) TO '{folder / '=cmd.parquet'}'")
    customer_database.url, customer_database.profile_table = f"files:{folder}", "=cmd"
    customer_database.column_marks = {"=cmd.city": {"label": "=1+1"}}
    customer_database.catalogue = read_catalogue(customer_database).to_json()
    customer_database.save()
    segment = make(customer_database, {"attribute": "=cmd.city", "is": "x"})
    _, rows = downloaded(client, segment, "=cmd.city")
    assert rows == [["customer_key", "'=1+1"], ["K1", "x"]]


def test_the_file_comes_in_pieces_and_a_reader_who_leaves_is_recorded(client, customer_database, monkeypatch):
    monkeypatch.setattr(members_module, "BATCH_ROWS", 1000)
    folder = Path(customer_database.url.removeprefix("files:"))
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT format('K{:06d}', i) AS customer_id, 'x' AS city FROM range(20000) AS t(i))"
            f" TO '{folder / 'customer_360.parquet'}'"
        )
    customer_database.catalogue = read_catalogue(customer_database).to_json()
    customer_database.save()
    segment = make(customer_database, {"attribute": "customer_360.city", "is": "x"})
    answer = client.get(f"/segments/{segment.pk}/members/download/")
    content = iter(answer.streaming_content)
    assert next(content).startswith(b"customer_key")
    piece = next(content)
    assert 0 < piece.count(b"\n") < 20000
    # As a server does when the reader is gone; answer.close() would also close the test's own database.
    answer._iterator.close()
    assert Event.objects.get().detail["customers"] == piece.count(b"\n")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, by which Ibis reads SQLite
@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_other_engines_give_the_same_file(client, customer_database, chicago, tmp_path, engine, request):
    columns = ("customer_360.state", "customer_360.birthday", "merged_customers.email")
    _, wanted = downloaded(client, chicago, *columns)
    customer_database.url = (
        in_sqlite(tmp_path) if engine == "sqlite" else in_postgres(request.getfixturevalue("postgres"))
    )
    customer_database.catalogue = read_catalogue(customer_database).to_json()
    customer_database.save()
    _, rows = downloaded(client, chicago, *columns)
    assert rows == wanted
    text = page(client.get(f"/segments/{chicago.pk}/members/rows/?column=customer_360.state"))
    assert "1 to 30 by customer key" in text


def test_a_file_that_breaks_off_says_nothing_of_its_rows(client, customer_database, chicago, caplog):
    """What DuckDB says of a broken value quotes it."""
    folder = Path(customer_database.url.removeprefix("files:"))
    (folder / "customer_360.parquet").write_bytes(b"PAR1 secret PAR1")
    answer = client.get(f"/segments/{chicago.pk}/members/download/", follow=True)
    assert "cannot be read as PARQUET" in page(answer)
    assert "secret" not in page(answer) + caplog.text


def test_the_pages_cost_the_same_with_three_and_with_thirty(client, customer_database):
    def cost(number):
        segment = make(customer_database, IN_CHICAGO, name=f"S{number}")
        for place in range(number):
            make(customer_database, {"segment": segment.pk}, name=f"S{number} {place}")
        counted = []
        for path in ("members/", "members/rows/"):
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/segments/{segment.pk}/{path}")
            counted.append(len(queries))
        return counted

    assert cost(3) == cost(30)
