"""An operator connects a customer database and says what feeds a destination; everybody reads what is in it."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, expect

from tests.base import make_customers
from tests.browser.house import House
from tests.browser.looking import look

DESTINATION = """
from destinations.models import Credential, Destination
login = Credential.objects.create(kind="attentive_segments", name="Outlet login", fields={})
settings = {"client_domain": "acme", "remote_folder": "/uploads", "identifier": "email"}
Destination.objects.create(
    kind="attentive_segments", name="Outlet by e-mail", credential=login, settings=settings, account_key="outlet",
    drop_point="outlet", open_without_personal_data=True,
)
"""


@pytest.fixture(scope="module")
def destination(house) -> str:
    """The name of one that needs no server."""
    ended = house.manage("shell", "-v", "0", "-c", DESTINATION)
    assert ended.returncode == 0, ended.stderr
    return "Outlet by e-mail"


@pytest.fixture
def folder(house: House) -> Path:
    found = house.folder.with_name("outlet")
    make_customers(found)
    return found


def _new(page: Page) -> None:
    page.get_by_role("link", name="Customer databases").click()
    page.get_by_role(
        "link", name=re.compile("New customer database|Connect a customer database")
    ).first.click()


def test_a_customer_database_is_looked_into_then_saved(visit, folder) -> None:
    page = visit("operator")
    _new(page)
    look(page, "customer-database-new")
    page.get_by_label("Name").fill("Outlet <b>customers</b>")
    page.get_by_label("URL").fill(f"files:{folder}-gone")
    page.get_by_label("Customer key").fill("customer_id")
    page.get_by_role("button", name="Look into it").click()
    expect(page.get_by_text(f"There is no folder {folder}-gone.")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Outlet <b>customers</b>")
    look(page, "customer-database-refused")
    page.get_by_label("URL").fill(f"files:{folder}")
    page.get_by_role("button", name="Look into it").click()
    expect(page.get_by_text("It answers.", exact=True)).to_be_visible()
    expect(page.get_by_label("Profile table")).to_have_value("customer_360")
    expect(page.get_by_label("Contact table")).to_have_value("merged_customers")
    expect(page.get_by_label("Time of an order")).to_have_value("ordered_at")
    look(page, "customer-database-tables")
    page.get_by_role("button", name="Save customer database").click()
    expect(page.get_by_role("status")).to_contain_text("is saved; its catalogue was read")
    expect(page.get_by_role("heading", name="Outlet <b>customers</b>")).to_be_visible()
    look(page, "customer-database")
    page.get_by_role("link", name="Edit").click()
    look(page, "customer-database-edit")
    page.get_by_role("link", name="Discard changes").click()
    page.get_by_role("link", name="Delete").click()
    look(page, "customer-database-delete")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("is deleted")


def test_the_later_of_two_editors_decides(visit, folder) -> None:
    page = visit("operator")
    _new(page)
    page.get_by_label("Name").fill("Two editors")
    page.get_by_label("URL").fill(f"files:{folder}")
    page.get_by_label("Customer key").fill("customer_id")
    page.get_by_role("button", name="Look into it").click()
    page.get_by_role("button", name="Save customer database").click()
    page.get_by_role("link", name="Edit").click()
    other = visit("administrator")
    other.goto(page.url)
    other.get_by_label("Default country").fill("CA")
    other.get_by_role("button", name="Save customer database").click()
    expect(other.get_by_role("status")).to_contain_text("is saved")
    page.get_by_label("Name").fill("Two editors, later")
    page.get_by_role("button", name="Save customer database").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else saved “Two editors”")
    look(page, "customer-database-meanwhile")
    page.get_by_role("button", name="Save mine over it").click()
    expect(page.get_by_role("heading", name="Two editors, later")).to_be_visible()
    page.get_by_role("button", name="Read the catalogue again").click()
    expect(page.get_by_role("status")).to_contain_text("The catalogue was read. Nothing has changed.")
    look(page, "customer-database-read-again")


def test_default_attributes_are_proposed_chosen_and_read_by_everybody(visit, folder, destination) -> None:
    page = visit("operator")
    _new(page)
    page.get_by_label("Name").fill("Default outlet")
    page.get_by_label("URL").fill(f"files:{folder}")
    page.get_by_label("Customer key").fill("customer_id")
    page.get_by_role("button", name="Look into it").click()
    page.get_by_role("button", name="Save customer database").click()
    page.get_by_role("link", name="Choose the default attributes").click()
    expect(page.get_by_label(destination)).to_have_value("merged_customers.email")
    expect(page.get_by_text("Proposed by its name, and not saved yet.").first).to_be_visible()
    look(page, "default-attributes")
    here = page.url
    page.get_by_role("button", name="Save default attributes").click()
    expect(page.get_by_role("status")).to_contain_text("The default attributes are saved")
    expect(page.get_by_role("row", name=destination)).to_contain_text("merged_customers.email")
    reader = visit("viewer")
    reader.goto(here)
    expect(reader.get_by_role("row", name=destination)).to_contain_text("merged_customers.email")
    expect(reader.get_by_role("button", name="Save default attributes")).to_have_count(0)
    look(reader, "default-attributes-read")
    reader.get_by_role("link", name="Customer databases").first.click()
    expect(reader.get_by_role("link", name="New customer database")).to_have_count(0)
    look(reader, "customer-databases")


def test_an_operator_says_what_columns_are_and_others_read_it(visit, folder) -> None:
    page = visit("operator")
    _new(page)
    page.get_by_label("Name").fill("Marked outlet")
    page.get_by_label("URL").fill(f"files:{folder}")
    page.get_by_label("Customer key").fill("customer_id")
    page.get_by_role("button", name="Look into it").click()
    page.get_by_role("button", name="Save customer database").click()
    expect(page.get_by_role("heading", name="Marked outlet")).to_be_visible()
    database = page.url
    page.get_by_role("link", name="customer_360").click()
    expect(page.get_by_label("birthday is personal")).to_be_checked()
    here = page.url
    look(page, "customer-table")
    page.get_by_label("Label of city").fill("Home town")
    page.get_by_label("Description of city").fill("N" * 301)
    page.get_by_label("state is hidden").check()
    page.get_by_role("button", name="Save columns").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is saved yet.")
    expect(page.get_by_label("Label of city")).to_have_value("Home town")
    expect(page.get_by_label("state is hidden")).to_be_checked()
    look(page, "customer-table-refused")
    page.get_by_label("Description of city").fill("Where they said they live")
    page.get_by_role("button", name="Save columns").click()
    expect(page.get_by_role("status")).to_contain_text(
        "What you said of the columns of customer_360 is saved."
    )
    look(page, "customer-table-saved")
    page.goto(here)  # what was saved before is said no more
    other = visit("administrator")
    other.goto(here)
    other.get_by_label("Label of city").fill("Town")
    page.get_by_label("Label of city").fill("City of residence")
    page.get_by_role("button", name="Save columns").click()
    expect(page.get_by_role("status")).to_contain_text("is saved")
    expect(page.get_by_label("Label of city")).to_have_value("City of residence")
    other.get_by_role("button", name="Save columns").click()
    expect(other.get_by_role("alert")).to_contain_text("while you were editing it")
    expect(other.get_by_label("Label of city")).to_have_value("Town")
    look(other, "customer-table-meanwhile")
    other.get_by_role("button", name="Save mine over it").click()
    expect(other.get_by_role("status")).to_contain_text("is saved")
    reader = visit("viewer")
    reader.goto(here)
    expect(reader.get_by_role("row", name="Town")).to_contain_text("Chicago, Seattle")
    expect(reader.get_by_role("row", name="State")).to_have_count(0)
    look(reader, "customer-table-read")
    with duckdb.connect() as files:
        files.execute(f"CREATE TABLE old AS FROM '{folder}/customer_360.parquet'")
        files.execute(
            f"COPY (SELECT * EXCLUDE (city), 1 AS shoe_size FROM old) TO '{folder}/customer_360.parquet'"
        )
    page.goto(database)
    page.get_by_role("button", name="Read the catalogue again").click()
    expect(page.get_by_role("status")).to_contain_text("The catalogue was read.")
    page.goto(database)
    expect(page.get_by_role("row", name="customer_360.shoe_size")).to_contain_text("came")
    look(page, "customer-database-changes")


def test_a_table_of_hundreds_of_columns_is_searched(visit, folder) -> None:
    columns = ", ".join(f"i % 7 AS a_rather_long_name_of_a_column_{number}" for number in range(300))
    wide = f"SELECT 'C' || i AS customer_id, {columns} FROM range(9) t(i)"
    duckdb.sql(f"COPY ({wide}) TO '{folder}/wide.parquet'")
    page = visit("operator")
    _new(page)
    page.get_by_label("Name").fill("Wide outlet")
    page.get_by_label("URL").fill(f"files:{folder}")
    page.get_by_label("Customer key").fill("customer_id")
    page.get_by_role("button", name="Look into it").click()
    page.get_by_role("button", name="Save customer database").click()
    page.get_by_role("link", name="wide", exact=True).click()
    expect(page.get_by_role("switch", name="is hidden")).to_have_count(300)
    page.get_by_label("Search by column or label").fill("column_29")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("switch", name="is hidden")).to_have_count(11)
    look(page, "customer-table-wide")
