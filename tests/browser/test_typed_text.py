"""What people typed into an editor is theirs: nothing that happens meanwhile takes it away without a word."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in


@pytest.fixture
def typed(visit) -> Page:
    """A new campaign with a name that nobody has saved."""
    page: Page = visit("marketer")
    page.goto("/campaigns/new/")
    page.get_by_label("Campaign name").fill("Autumn Letters")
    expect(page.get_by_role("heading", name="New campaign")).to_be_visible()
    page.wait_for_load_state("networkidle")
    return page


def sign_out(page: Page, house) -> None:
    page.context.clear_cookies(name=f"sessionid_{house.port}")


def sign_in_in_another_tab(page: Page, house) -> None:
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Sign in in another tab").click()
    sign_in(opened.value, "marketer", house.logins["marketer"])
    opened.value.close()


def has_typed_name(page: Page) -> None:
    expect(page.get_by_label("Campaign name")).to_have_value("Autumn Letters")


def test_an_editor_says_that_its_person_is_signed_out_and_goes_on_after_they_sign_in(typed, house):
    sign_out(typed, house)
    typed.get_by_role("button", name="Sub-audience").click()
    expect(typed.get_by_role("alert")).to_contain_text("You are signed out.")
    has_typed_name(typed)
    sign_in_in_another_tab(typed, house)
    typed.get_by_role("button", name="Sub-audience").click()
    expect(typed.get_by_role("alert")).to_have_count(0)
    has_typed_name(typed)


def test_saving_while_signed_out_keeps_the_form_and_saves_after_they_sign_in(typed, house):
    sign_out(typed, house)
    typed.get_by_role("button", name="Save draft").click()
    expect(typed.get_by_role("alert")).to_contain_text("You are signed out.")
    has_typed_name(typed)
    sign_in_in_another_tab(typed, house)
    typed.get_by_role("button", name="Save draft").click()
    expect(typed.get_by_text("to fix").first).to_be_visible()
    has_typed_name(typed)
