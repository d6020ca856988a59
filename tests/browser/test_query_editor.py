"""Writing a query in a browser, with the mouse, with the keyboard alone, and converting rules to one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import look
from tests.browser.shops import open_shop


@pytest.fixture(scope="module")
def shop(house) -> tuple[int, int]:
    """The ids of a customer database and of a segment made of rules."""
    return open_shop(
        house, "Query shop", "Chicago by rules", {"attribute": "customer_360.city", "is": "Chicago"}
    )


@pytest.fixture
def editor(visit, shop):
    def open_it(who: str = "operator") -> Page:
        page: Page = visit(who)
        page.goto(f"/segments/new/?customer_database={shop[0]}")
        page.get_by_role("link", name="Write SQL").click()
        expect(page.get_by_role("heading", name="New segment in SQL")).to_be_visible()
        return page

    return open_it


def size(page: Page):
    return page.locator("#size .big")


def test_a_query_by_mouse(editor):
    page = editor()
    expect(page.get_by_text("Write a query; its size is counted here.")).to_be_visible()
    look(page, "query-new")
    sql = page.get_by_label("SQL", exact=True)
    sql.fill("SELECT customer_id FROM orders WHERE amount >= 100")
    expect(size(page)).to_have_text("20")
    expect(page.locator("#sample tbody tr")).to_have_count(10)
    look(page, "query-counted")

    page.get_by_role("textbox", name="Name").fill("Hundred and more")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_text("“Hundred and more” is saved.")).to_be_visible()
    expect(page.get_by_role("region", name="Query in SQL")).to_contain_text("amount >= 100")
    expect(size(page)).to_have_text("20")
    look(page, "query-shown")


def test_what_is_typed_before_the_scripts_run_counts_too(editor):
    page = editor()
    held = []
    page.route("**/js/query.js", lambda route: held.append(route))
    page.goto(page.url, wait_until="commit")
    sql = page.get_by_label("SQL", exact=True)
    sql.fill("SELECT customer_id\nFROM read_csv('/etc/passwd')")
    held[0].continue_()
    expect(page.locator("#query-problems")).to_contain_text("Line 2: The function read_csv is not allowed")
    expect(sql).to_have_attribute("aria-invalid", "true")


def test_what_is_wrong_stands_below_the_field_while_one_types(editor):
    page = editor()
    sql = page.get_by_label("SQL", exact=True)
    sql.fill("SELECT customer_id\nFROM read_csv('/etc/passwd')")
    problem = page.locator("#query-problems")
    expect(problem).to_contain_text("Line 2: The function read_csv is not allowed")
    expect(sql).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Mend the query; then its size is counted here.")).to_be_visible()
    look(page, "query-refused")
    sql.fill("SELECT customer_id\nFROM orders\nWHERE amuont > 5")
    expect(problem).to_contain_text("Line 3: The customer database says")
    sql.fill("SELECT customer_id\nFROM orders\nWHERE amount > 100")
    expect(problem).to_be_empty()
    expect(sql).to_have_attribute("aria-invalid", "false")
    expect(size(page)).to_be_visible()


def test_a_query_by_keyboard_alone(editor):
    page = editor()
    page.get_by_role("textbox", name="Name").focus()
    page.keyboard.type("By keyboard")
    page.get_by_label("SQL", exact=True).focus()
    page.keyboard.type("SELECT customer_id FROM")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Search tables and columns")).to_be_focused()
    page.keyboard.type("orders")
    expect(page.locator("[data-insert=loyalty_tier]")).to_be_hidden()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    sql = page.get_by_label("SQL", exact=True)
    expect(sql).to_be_focused()
    expect(sql).to_have_value("SELECT customer_id FROM orders")
    expect(size(page)).to_have_text("60")
    page.get_by_role("button", name="Save segment").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("“By keyboard” is saved.")).to_be_visible()


def test_rules_are_shown_as_sql_and_converted(visit, shop):
    page: Page = visit("operator")
    page.goto(f"/segments/{shop[1]}/")
    expect(size(page)).to_have_text("30")
    page.get_by_role("link", name="Show as SQL").click()
    expect(page.get_by_role("region", name="Query in SQL")).to_contain_text("'Chicago'")
    look(page, "query-of-rules")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.get_by_role("button", name="Convert to SQL").click()
    expect(page.get_by_text("is a query now, version 2")).to_be_visible()
    assert "Its dates stay as they are" in asked[0]
    expect(size(page)).to_have_text("30")
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_label("SQL", exact=True)).to_contain_text("SELECT")
    expect(page.get_by_text("Unsaved changes")).to_be_hidden()


def test_who_may_not_write_sql_is_not_led_there(visit, shop):
    page: Page = visit("marketer")
    page.goto(f"/segments/new/?customer_database={shop[0]}")
    expect(page.get_by_role("link", name="Write SQL")).to_have_count(0)
    page.goto("/segments/new/sql/")
    expect(page.get_by_text("Only people with the permission “writes SQL”")).to_be_visible()
