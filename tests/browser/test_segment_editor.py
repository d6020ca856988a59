"""Building a segment in a browser, with the mouse and with the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import look
from tests.browser.shops import open_shop


@pytest.fixture(scope="module")
def shop(house) -> tuple[int, int]:
    """The ids of a customer database and of a segment with rules about rows."""
    where = {"all": [{"attribute": "orders.amount", "gte": 50}]}
    return open_shop(
        house,
        "Corner shop",
        "Three good orders",
        {"rows": "orders", "where": where, "aggregate": "count", "gte": 3},
    )


@pytest.fixture
def editor(visit, shop):
    def open_it(who: str = "marketer") -> Page:
        page: Page = visit(who)
        page.goto(f"/segments/new/?customer_database={shop[0]}")
        expect(size(page)).to_have_text("60")
        return page

    return open_it


def size(page: Page):
    return page.locator("#size .big")


def rule(page: Page, name: str):
    return page.get_by_role("group", name=name, exact=True)


def choose_attribute(page: Page, name: str, words: str, option: str) -> None:
    field = rule(page, name).get_by_role("combobox", name="Attribute")
    field.fill(words)
    page.get_by_role("option", name=option).click()
    expect(rule(page, name).get_by_label("Comparison")).to_be_visible()


def test_a_nested_segment_by_mouse(editor):
    page = editor()
    look(page, "segment-new")
    page.get_by_role("textbox", name="Name").fill("Chicago regulars")
    choose_attribute(page, "Rule 1", "city", "City")
    rule(page, "Rule 1").get_by_label("Value").fill("Chicago")
    expect(size(page)).to_have_text("30")
    expect(page.locator("#r-0-hits")).to_have_text("30")
    expect(page.locator("#sample tbody tr")).to_have_count(10)
    expect(page.locator("#sample tbody")).not_to_contain_text("Seattle")

    page.get_by_role("button", name="Group", exact=True).click()
    expect(page.locator("#r-1-0-attribute")).to_be_focused()
    choose_attribute(page, "Rule 2.1", "tier", "Loyalty tier")
    rule(page, "Rule 2.1").get_by_label("Comparison").select_option("is not")
    expect(page.get_by_text("Also matches customers without a value.")).to_be_visible()
    rule(page, "Rule 2.1").get_by_label("Value").fill("gold")
    expect(page.get_by_text("Also matches the 20 customers without a value.")).to_be_visible()
    expect(size(page)).to_have_text("20")
    rule(page, "Group 2").get_by_role("button", name="Rule in group 2").click()
    choose_attribute(page, "Rule 2.2", "lifetime", "Lifetime value")
    rule(page, "Rule 2.2").get_by_label("Comparison").select_option("is between")
    rule(page, "Rule 2.2").get_by_label("From").fill("300")
    rule(page, "Rule 2.2").get_by_label("To").fill("many")
    expect(rule(page, "Rule 2.2")).to_contain_text("Enter a number.")
    expect(page.locator("#size")).to_contain_text("Counted without the rule")
    look(page, "segment-error")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_text("1 rule to mend before you can save.")).to_be_visible()
    expect(rule(page, "Rule 2.2").get_by_label("To")).to_have_value("many")
    rule(page, "Rule 2.2").get_by_label("To").fill("1,000")
    expect(size(page)).to_have_text("26")
    rule(page, "Group 2").get_by_text("None", exact=True).click()
    expect(size(page)).to_have_text("4")
    look(page, "segment-editor")

    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("heading", name="Chicago regulars", level=1)).to_be_visible()
    expect(page.get_by_text("“Chicago regulars” is saved.")).to_be_visible()
    expect(page.get_by_text("Lifetime value is between 300 and 1000")).to_be_visible()
    expect(size(page)).to_have_text("4")
    expect(page.locator("#sample tbody tr")).to_have_count(4)
    look(page, "segment")


def test_a_segment_by_keyboard_alone(editor):
    page = editor()
    press, kind = page.keyboard.press, page.keyboard.type
    page.locator("#r-0-attribute").focus()
    kind("opt")
    press("Enter")
    expect(page.locator("#r-0-choice")).to_have_value("is:true")
    expect(page.locator("#r-0-attribute")).to_be_focused()
    expect(size(page)).to_have_text("45")
    press("Tab")
    press("ArrowDown")
    expect(page.locator("#r-0-choice")).to_have_value("is:false")
    expect(size(page)).to_have_text("15")
    expect(page.locator("#r-0-choice")).to_be_focused()

    page.get_by_role("button", name="Rule", exact=True).press("Enter")
    expect(page.locator("#r-1-attribute")).to_be_focused()
    press("ArrowDown")
    press("ArrowDown")
    press("Escape")
    kind("birth")
    press("Enter")
    expect(page.locator("#r-1-choice")).to_be_visible()
    page.locator("#r-1-choice").select_option("is before")
    expect(page.locator("#r-1-value")).to_have_attribute("type", "date")
    page.locator("#r-1-value").fill("1985-01-01")
    expect(size(page)).to_have_text("4")

    page.locator("#r-1-menu").press("Enter")
    look(page, "segment-menu")
    press("ArrowDown")
    press("Enter")
    expect(page.locator("#r-0-menu")).to_be_focused()
    expect(page.locator("#r-0-attribute")).to_have_value("Birthday · customer_360")
    press("Tab")
    press("Enter")
    expect(page.locator("#r-0-menu")).to_be_focused()
    expect(page.locator("#r-1-attribute")).to_have_count(0)
    expect(size(page)).to_have_text("15")

    page.get_by_role("textbox", name="Name").focus()
    kind("No opt-in")
    page.get_by_role("button", name="Save segment").press("Enter")
    expect(page.get_by_text("“No opt-in” is saved.")).to_be_visible()
    expect(page.get_by_text("Email opt in is false")).to_be_visible()


def test_the_list_of_attributes_opens_searches_and_closes(editor):
    page = editor()
    field = page.locator("#r-0-attribute")
    field.click()
    expect(page.get_by_role("option", name="Segment")).to_be_visible()
    look(page, "segment-attributes")
    field.press_sequentially("loy tier")
    expect(page.get_by_role("option")).to_have_count(1)
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    field.fill("nonsense")
    field.press("Tab")
    expect(page.get_by_text("There is no attribute “nonsense”. Choose one from the list.")).to_be_visible()


def test_rules_about_rows_and_other_segments(visit, shop):
    page = visit("marketer")
    page.goto(f"/segments/{shop[1]}/edit/")
    words = "number of rows in orders (where Amount is at least 50) is at least 3"
    expect(page.get_by_text(words)).to_be_visible()
    expect(size(page)).to_have_text("30")
    look(page, "segment-rows")
    page.goto(f"/segments/new/?customer_database={shop[0]}")
    page.locator("#r-0-attribute").click()
    page.get_by_role("option", name="Segment").click()
    page.get_by_label("Segment", exact=True).fill("three")
    page.get_by_role("option", name="Three good orders").click()
    expect(size(page)).to_have_text("30")
    rule(page, "Rule 1").get_by_label("Comparison").select_option("is not a member of")
    expect(page.locator("#r-0-hits")).to_have_text("30")


def test_rows_of_a_table_by_keyboard_alone(editor):
    page = editor()
    press, kind = page.keyboard.press, page.keyboard.type
    page.locator("#r-0-attribute").focus()
    kind("amount")
    press("Enter")
    expect(page.locator("#r-0-table")).to_have_value("orders")
    page.locator("#r-0-0-choice").select_option("is at least")
    page.locator("#r-0-0-value").focus()
    kind("50")
    page.locator("#r-0-verb").select_option("number of rows")
    expect(page.locator("#r-0-choice")).to_have_value("gte")
    page.locator("#r-0-value").focus()
    kind("3")
    expect(size(page)).to_have_text("30")
    page.get_by_role("button", name="Condition on these rows").press("Enter")
    expect(page.locator("#r-0-1-attribute")).to_be_focused()
    expect(page.locator(".has-error")).to_have_count(0)
    kind("city")
    expect(page.locator("#attributes")).to_be_hidden()
    look(page, "segment-rows-new")


def test_undo_and_redo(editor):
    page = editor()
    undo, redo = page.get_by_role("button", name="Undo"), page.get_by_role("button", name="Redo")
    expect(undo).to_be_disabled()
    choose_attribute(page, "Rule 1", "city", "City")
    rule(page, "Rule 1").get_by_label("Value").fill("Chicago")
    expect(size(page)).to_have_text("30")
    page.get_by_role("button", name="Rule", exact=True).click()
    expect(page.locator("#r-1-attribute")).to_be_focused()
    undo.click()
    expect(page.locator("#r-1-attribute")).to_have_count(0)
    expect(rule(page, "Rule 1").get_by_label("Value")).to_have_value("Chicago")
    undo.press("Enter")
    expect(size(page)).to_have_text("60")
    page.keyboard.press("Control+Shift+z")
    expect(rule(page, "Rule 1").get_by_label("Value")).to_have_value("Chicago")
    expect(size(page)).to_have_text("30")
    redo.click()
    expect(page.locator("#r-1-attribute")).to_be_visible()
    expect(redo).to_be_disabled()


def test_undo_by_key_and_what_an_edit_leaves_to_redo(editor):
    page = editor()
    undo, redo = page.get_by_role("button", name="Undo"), page.get_by_role("button", name="Redo")
    choose_attribute(page, "Rule 1", "city", "City")
    page.get_by_role("button", name="Rule", exact=True).click()
    expect(page.locator("#r-1-attribute")).to_be_focused()
    page.locator("#r-0-menu").focus()
    page.keyboard.press("Control+z")
    expect(page.locator("#r-1-attribute")).to_have_count(0)
    expect(redo).to_be_enabled()
    rule(page, "Rule 1").get_by_label("Value").fill("Chicago")
    expect(size(page)).to_have_text("30")
    expect(redo).to_be_disabled()
    undo.focus()
    page.keyboard.press("Control+z")
    expect(rule(page, "Rule 1").get_by_label("Value")).to_have_value("")


def test_a_refused_save_keeps_the_steps_to_undo(editor):
    page = editor()
    choose_attribute(page, "Rule 1", "city", "City")
    rule(page, "Rule 1").get_by_label("Value").fill("Chicago")
    expect(size(page)).to_have_text("30")
    page.get_by_role("button", name="Rule", exact=True).click()
    expect(page.locator("#r-1-attribute")).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#r-1-attribute")).to_have_count(0)
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_text("Enter a name.")).to_be_visible()
    page.get_by_role("button", name="Redo").click()
    expect(page.locator("#r-1-attribute")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#r-1-attribute")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(rule(page, "Rule 1").get_by_label("Value")).to_have_value("")


def test_tab_leads_from_a_typed_attribute_to_its_comparison(editor):
    page = editor()
    press, kind = page.keyboard.press, page.keyboard.type
    page.locator("#r-0-attribute").focus()
    kind("city · customer_360")
    press("Tab")
    expect(page.locator("#r-0-choice")).to_be_focused()
    press("Shift+Tab")
    expect(page.locator("#r-0-attribute")).to_be_focused()
    press("Control+a")
    kind("Paid")
    press("Tab")
    expect(page.get_by_text("There is no attribute “Paid”.")).to_be_visible()
    press("Shift+Tab")
    press("Control+a")
    kind("Rows of orders")
    press("Tab")
    expect(page.locator("#r-0-verb")).to_be_focused()


def test_values_are_picked_from_what_customers_have(editor):
    page = editor()
    choose_attribute(page, "Rule 1", "city", "City")
    field = rule(page, "Rule 1").get_by_label("Value")
    field.fill("chi")
    page.get_by_role("option", name="Chicago").click()
    expect(size(page)).to_have_text("30")
    rule(page, "Rule 1").get_by_label("Comparison").select_option("is in list")
    expect(rule(page, "Rule 1").get_by_label("Values, one per line")).to_have_value("Chicago")
    finder = rule(page, "Rule 1").get_by_label("Find values")
    finder.press("ArrowDown")
    expect(page.get_by_role("option", name="Seattle")).to_be_visible()
    look(page, "segment-values")
    finder.press("ArrowDown")
    finder.press("ArrowDown")
    finder.press("Enter")
    expect(rule(page, "Rule 1").get_by_label("Values, one per line")).to_have_value("Chicago\nSeattle")
    expect(size(page)).to_have_text("60")


def test_values_that_are_found_late_are_shown_though_the_rules_were_redrawn_meanwhile(editor):
    page = editor()
    choose_attribute(page, "Rule 1", "city", "City")
    held = []
    page.route("**/segments/values/**", lambda route: held.append(route))
    field = rule(page, "Rule 1").get_by_label("Value")
    with page.expect_response(lambda one: one.request.method == "POST" and "/segments/new/" in one.url):
        field.fill("chi")
    expect(size(page)).to_have_text("0")
    expect(field).to_be_focused()
    held[-1].continue_()
    page.get_by_role("option", name="Chicago").click()
    expect(size(page)).to_have_text("30")


def test_the_size_stands_in_the_save_bar_of_a_phone(editor):
    page = editor()
    page.set_viewport_size({"width": 360, "height": 740})
    choose_attribute(page, "Rule 1", "city", "City")
    rule(page, "Rule 1").get_by_label("Value").fill("Seattle")
    expect(page.locator(".save-bar")).to_contain_text("30 customers")
    expect(page.locator(".save-bar")).to_be_in_viewport()


def test_lists_and_ends(visit, shop):
    page = visit("marketer")
    page.get_by_role("link", name="Segments").click()
    expect(page.get_by_role("heading", name="Segments", level=1)).to_be_visible()
    look(page, "segments")
    page.get_by_label("Search by name or description").fill("good")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Three good orders").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Copy of Three good orders")
    page.get_by_role("link", name="Discard changes").click()
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_text("It is offered to no new campaign")).to_be_visible()
    look(page, "segment-disabled")
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("button", name="Delete “Copy of Three good orders”")).to_be_visible()
    look(page, "segment-delete")
    page.get_by_role("button", name="Delete “Copy of Three good orders”").click()
    expect(page.get_by_text("“Copy of Three good orders” is deleted.")).to_be_visible()


def test_viewers_read_masked_rows(visit, shop):
    page = visit("viewer")
    page.goto(f"/segments/{shop[1]}/")
    expect(page.get_by_text("Masked: you do not see personal data")).to_be_visible()
    expect(page.locator("#sample")).not_to_contain_text("person1")
    expect(page.get_by_role("link", name="Edit")).to_have_count(0)
