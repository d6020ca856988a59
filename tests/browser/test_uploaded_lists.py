"""A marketer uploads a list, sees what was found and matched, and has a segment of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import look

PEOPLE = "First name;E-mail\n" + "".join(f"Jordan;person{number}@elsewhere.example\n" for number in range(40))


@pytest.fixture
def people(tmp_path: Path, house) -> Path:
    """Strangers, and two households of the demo by the e-mail addresses that they share."""
    import duckdb

    found = house.folder / "demo"
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT DISTINCT email FROM '{found}/merged_customers.parquet'"
            " WHERE regexp_full_match(email, 'household[0-9]+@example[.]com') ORDER BY 1 LIMIT 2"
        ).fetchall()
    path = tmp_path / "spring_guests.csv"
    path.write_bytes((PEOPLE + "".join(f"Kim;{email}\n" for (email,) in rows)).encode("cp1252"))
    return path


def _to_upload(page: Page) -> None:
    page.get_by_role("link", name="Segments", exact=False).first.click()
    page.get_by_role("link", name="Uploaded lists").click()


def _choose_the_demo(page: Page) -> None:
    """Where other tests have left customer databases of their own."""
    choice = page.get_by_label("Customer database")
    if choice.count():
        choice.select_option("Demo customers")


def test_a_file_becomes_a_list_and_a_segment(visit, people) -> None:
    page = visit("marketer")
    _to_upload(page)
    expect(page.get_by_text("No uploaded lists yet")).to_be_visible()
    look(page, "uploaded-lists-empty")
    page.get_by_role("link", name="Upload a list", exact=True).click()
    look(page, "uploaded-file")
    _choose_the_demo(page)
    page.get_by_label("CSV file").set_input_files(
        {"name": "x.csv", "mimeType": "text/csv", "buffer": b"PK\x03\x04"}
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("This is an Excel file")).to_be_visible()
    look(page, "uploaded-file-refused")
    page.get_by_label("CSV file").set_input_files(people)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("columns separated by semicolon")).to_be_visible()
    expect(page.get_by_label("Column to match by")).to_have_value("1")
    expect(page.get_by_role("radio", name=re.compile("E-mail address"))).to_be_checked()
    look(page, "uploaded-columns")
    page.get_by_label("Columns separated by").select_option("comma")
    expect(page.get_by_role("columnheader")).to_have_count(1)
    page.get_by_label("Columns separated by").select_option("semicolon")
    expect(page.get_by_role("columnheader")).to_have_count(2)
    expect(page.get_by_text("UTF-8, columns separated by semicolon")).to_be_visible()
    page.get_by_label("Column to match by").select_option("0")
    expect(page.get_by_role("radio", name=re.compile("Customer key"))).to_be_checked()
    page.get_by_label("The first line has the names of the columns").uncheck()
    expect(page.get_by_role("columnheader", name="Column 1")).to_be_visible()
    page.get_by_label("The first line has the names of the columns").check()
    page.get_by_label("Column to match by").select_option("1")
    expect(page.get_by_role("radio", name=re.compile("E-mail address"))).to_be_checked()
    page.get_by_role("button", name="Match to customers").click()
    # A worker does it, and the page follows by itself.
    expect(page.get_by_role("heading", name="What was matched")).to_be_visible(timeout=60_000)
    expect(page.get_by_label("Name")).to_have_value("spring guests")
    expect(page.get_by_text("2 values belong to several customers.")).to_be_visible()
    look(page, "uploaded-matched")
    page.get_by_label("Name").fill("Spring <b>guests</b>")
    page.get_by_role("button", name="Store the list").click()
    expect(page.get_by_text("on the uploaded list “Spring <b>guests</b>”")).to_be_visible()
    look(page, "uploaded-segment")
    _to_upload(page)
    look(page, "uploaded-lists")
    page.get_by_role("link", name="Spring <b>guests</b>").click()
    expect(page.get_by_text("names it in its rules")).to_be_visible()
    look(page, "uploaded-list")
    with page.expect_download() as download:
        page.get_by_role("link", name="Unmatched and invalid values").click()
    assert Path(download.value.path()).read_text().count("no customer has it") == 40
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_text("It is in use, so it cannot be deleted.")).to_be_visible()
    look(page, "uploaded-delete")


def test_a_viewer_reads_the_lists(visit) -> None:
    page = visit("viewer")
    _to_upload(page)
    expect(page.get_by_role("heading", name="Uploaded lists", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Upload a list")).to_have_count(0)
    look(page, "uploaded-lists-viewer")
