"""The rules of a sub-audience made inside the campaign, with the keyboard alone, and edited with the mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import look
from tests.browser.shops import open_shop


@pytest.fixture(scope="module")
def shop(house) -> tuple[int, int]:
    """The ids of a customer database and of a segment."""
    return open_shop(house, "Rule shop", "Chicago there", {"attribute": "customer_360.city", "is": "Chicago"})


@pytest.fixture
def editor(visit, shop) -> Page:
    page: Page = visit("marketer")
    page.goto("/campaigns/new/")
    page.get_by_label("Customer database", exact=True).select_option(label="Rule shop")
    expect(page.get_by_role("button", name="Sub-audience by rules")).to_be_enabled()
    page.get_by_role("combobox", name="Add a segment: Include").fill("Chicago there")
    page.get_by_role("option", name="Chicago there").click()
    expect(page.get_by_role("region", name="Who is left")).to_contain_text("30")
    return page


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_rules_are_made_by_keyboard_alone_and_stay_when_they_are_closed(editor):
    editor.get_by_role("button", name="Sub-audience by rules").focus()
    press(editor, "Enter")
    attribute = editor.get_by_role("combobox", name="Attribute")
    expect(attribute).to_be_focused()
    editor.keyboard.type("city")
    press(editor, "Enter")
    value = editor.get_by_label("Value", exact=True)
    expect(value).to_be_visible()
    value.focus()
    editor.keyboard.type("Chicago")
    expect(editor.get_by_role("region", name="Sub-audience 1")).to_contain_text("30")
    look(editor, "sub-audience-rules")
    editor.get_by_role("button", name="Done with the rules").focus()
    press(editor, "Enter")
    expect(editor.get_by_text("is Chicago")).to_be_visible()
    expect(editor.get_by_role("region", name="Sub-audience 1")).to_contain_text("30")


def test_closed_rules_are_opened_again_with_what_they_held(editor):
    editor.get_by_role("button", name="Sub-audience by rules").click()
    editor.get_by_role("combobox", name="Attribute").fill("city")
    editor.get_by_role("option", name="City").click()
    editor.get_by_label("Value", exact=True).fill("Chicago")
    editor.get_by_label("Name of sub-audience 1").fill("Chicago")
    editor.get_by_role("button", name="Done with the rules").click()
    editor.get_by_role("button", name="Edit the rules of Chicago").click()
    expect(editor.get_by_label("Value", exact=True)).to_have_value("Chicago")
