"""What people typed into an editor is theirs: nothing that happens meanwhile takes it away without a word."""

from __future__ import annotations

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.looking import look

MAKE = """
from campaigns.customers.models import CustomerDatabase
from tests.launches.on_page import make_campaign
columns = [{"name": name, "type": "text"} for name in ("customer_id", "city", "loyalty_tier")]
table = {"name": "customer_360", "key": "customer_id", "many": False, "columns": columns}
letters = CustomerDatabase.objects.create(
    name="Letters", url="files:nowhere", customer_key="customer_id", profile_table="customer_360",
    catalogue={"tables": [table]},
)
print(make_campaign(letters, name="Summer Letters", ending=" of letters").pk)
"""


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
    typed.get_by_role("button", name="Sub-audience", exact=True).click()
    expect(typed.get_by_role("alert")).to_contain_text("You are signed out.")
    has_typed_name(typed)
    sign_in_in_another_tab(typed, house)
    typed.get_by_role("button", name="Sub-audience", exact=True).click()
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


def leave(page: Page) -> list[str]:
    """The questions that a person who follows a link is asked, and stays."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Campaigns").click(
        no_wait_after=True
    )
    page.wait_for_timeout(500)
    page.remove_listener("dialog", stay)
    return asked


def test_leaving_what_was_never_kept_is_asked_for(typed, house):
    sign_out(typed, house)
    typed.get_by_label("Campaign name").fill("Winter Letters")
    expect(typed.get_by_role("alert")).to_contain_text("You are signed out.")
    assert leave(typed) == ["beforeunload"]
    expect(typed.get_by_label("Campaign name")).to_have_value("Winter Letters")


def test_what_is_kept_is_left_without_a_question_and_offered_on_return(typed):
    expect(typed.get_by_text("Not saved; kept")).to_be_visible()
    assert leave(typed) == []
    expect(typed.get_by_role("heading", name="Campaigns")).to_be_visible()
    typed.goto("/campaigns/new/")
    expect(typed.get_by_label("Campaign name")).to_have_value("")
    typed.get_by_role("link", name="Go on").first.click()
    has_typed_name(typed)
    expect(typed.get_by_text("These are your unsaved changes")).to_be_visible()
    look(typed, "unsaved")


def test_a_reload_shows_what_was_typed(typed):
    expect(typed.get_by_text("Not saved; kept")).to_be_visible()
    typed.reload()
    has_typed_name(typed)


def test_it_is_back_after_the_session_is_over_and_the_browser_was_closed(typed, visit, house):
    expect(typed.get_by_text("Not saved; kept")).to_be_visible()
    typed.context.close()
    page = visit("marketer")
    page.goto("/campaigns/new/")
    page.get_by_role("link", name="Go on").first.click()
    has_typed_name(page)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("group", name="Save").get_by_role("button", name="Discard").click()
    expect(page.get_by_text("Your unsaved changes are discarded.")).to_be_visible()
    expect(page.get_by_label("Campaign name")).to_have_value("")


def test_a_refused_save_is_kept_and_shown_by_a_reload(typed):
    typed.get_by_role("button", name="Save draft").click()
    expect(typed.get_by_text("to fix").first).to_be_visible()
    typed.reload()
    has_typed_name(typed)
    expect(typed.get_by_text("to fix").first).to_be_visible()


def test_going_back_to_a_refused_form_shows_its_page(typed, house):
    typed.get_by_role("button", name="Delivery summary").click()
    expect(typed.get_by_text("to fix").first).to_be_visible()
    typed.goto("/segments/")
    typed.goto("/launches/")
    typed.context.clear_cookies(name=f"csrftoken_{house.port}")  # what the browser kept is of no use any more
    typed.go_back()
    typed.go_back()
    expect(typed.get_by_role("heading", name="New campaign")).to_be_visible()


def test_an_untouched_editor_is_left_without_a_question(visit):
    page = visit("marketer")
    page.goto("/campaigns/new/")
    page.get_by_label("Campaign name").click()
    assert leave(page) == []
    expect(page.get_by_role("heading", name="Campaigns")).to_be_visible()


@pytest.fixture
def to_rename(house) -> str:
    """The path of a campaign that can be saved."""
    made = house.manage("shell", "-v", "0", "-c", MAKE)
    assert made.returncode == 0, made.stderr
    return f"/campaigns/{int(made.stdout)}/"


def test_what_a_save_said_goes_with_the_next_change(visit, to_rename):
    page = visit("marketer")
    page.goto(to_rename)
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Nothing was sent.")).to_be_visible()
    page.get_by_label("Campaign name").fill("Winter Letters")
    expect(page.get_by_text("Nothing was sent.")).to_have_count(0)
