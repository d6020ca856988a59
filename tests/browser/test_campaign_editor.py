"""The editor in a real browser: it is redrawn while people type, and nothing they type is lost."""

import re
import time

import pytest
from playwright.sync_api import expect

from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
from tests.launches.on_page import CHICAGO, GOLD, make_destination


@pytest.fixture
def editor(chromium, live_server, customer_database, marketer, client_of):
    """A page with the editor of a new campaign, signed in as the marketer."""
    for name, rules in (("Chicago regulars", CHICAGO), ("Unsubscribed", GOLD)):
        Segment.objects.create(customer_database=customer_database, name=name, rules=rules)
    make_destination(customer_database)
    session = next(iter(client_of(marketer).cookies.values()))
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/campaigns/new/")
    yield page
    context.close()


def include(page, name):
    page.get_by_label("Add a segment: Include").click()
    page.locator("#found").get_by_role("option", name=name).click()


def answer_slowly(page):
    def wait(route):
        time.sleep(0.5)
        route.continue_()

    page.route("**/campaigns/new/", wait)


def test_the_name_keeps_the_cursor_while_the_page_is_redrawn(editor):
    editor.keyboard.type("Autumn Sale")
    editor.wait_for_timeout(1200)
    expect(editor.locator("#name")).to_be_focused()
    expect(editor.locator("#name")).to_have_value("Autumn Sale")


def test_segment_names_warnings_and_numbers_follow(editor):
    editor.fill("#name", "Autumn Sale")
    include(editor, "Chicago regulars")
    expect(editor.get_by_label("Remove Chicago regulars")).to_be_visible()
    left = editor.get_by_label("Who is left")
    expect(left).to_contain_text(re.compile(r"Everybody\s*60\s*In an include segment\s*30"))
    expect(left).to_contain_text(re.compile(r"In treatment\s*27"))
    expect(editor.get_by_role("rowheader", name="AutumnSale_Recipient1")).to_be_visible()
    editor.get_by_role("button", name=re.compile("^Use “")).click()
    names = editor.locator("#segment-names")
    expect(names.get_by_role("row", name="AutumnSale_Everyone")).to_contain_text("its own")
    expect(editor.locator("#sub-0-group-1-name")).to_have_value("Everyone")


def test_a_segment_is_searched_and_chosen_by_keyboard(editor):
    field = editor.get_by_label("Add a segment: Include")
    field.focus()
    editor.keyboard.type("regu")
    expect(editor.locator("#found").get_by_role("option")).to_have_count(1)
    editor.keyboard.press("ArrowDown")
    editor.keyboard.press("Enter")
    expect(editor.get_by_label("Remove Chicago regulars")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    field.press("ArrowDown")
    expect(editor.locator("#found").get_by_role("option", name="Unsubscribed")).to_be_visible()
    expect(editor.locator("#found").get_by_role("option", name="Chicago regulars")).to_have_count(0)


def test_what_is_typed_while_an_answer_is_under_way_stays(editor):
    answer_slowly(editor)
    editor.fill("#sub-0-group-1-name", "EarlyBird")
    editor.keyboard.press("Tab")
    editor.wait_for_timeout(150)
    editor.fill("#sub-0-group-1-percent", "80")
    editor.fill("#sub-0-group-0-percent", "20")
    editor.keyboard.press("Tab")
    expect(editor.get_by_text("Sums to 100.00 %")).to_be_visible()
    editor.wait_for_timeout(1500)
    values = [editor.input_value(f"#sub-0-group-{place}") for place in ("1-name", "1-percent", "0-percent")]
    assert values == ["EarlyBird", "80", "20"]


def test_a_save_right_after_typing_saves_what_was_typed(editor):
    editor.fill("#name", "Autumn Sale")
    include(editor, "Chicago regulars")
    expect(editor.get_by_label("Remove Chicago regulars")).to_be_visible()
    editor.fill("#sub-0-group-1-name", "NightOwl")
    editor.get_by_role("button", name="Save draft").click()
    expect(editor.get_by_text("“Autumn Sale” is saved.")).to_be_visible()
    expect(editor.locator("#sub-0-group-1-name")).to_have_value("NightOwl")
    assert Campaign.objects.get().name == "Autumn Sale"


def test_two_clicks_on_save_make_one_campaign(editor):
    editor.fill("#name", "Autumn Sale")
    include(editor, "Chicago regulars")
    expect(editor.get_by_label("Remove Chicago regulars")).to_be_visible()
    editor.get_by_role("button", name="Save draft").dblclick()
    expect(editor.get_by_text("“Autumn Sale” is saved.").first).to_be_visible()
    assert Campaign.objects.count() == 1


def test_what_is_selected_stays_selected_while_the_page_is_redrawn(editor):
    editor.locator("#sub-0-group-1-name").select_text()
    with editor.expect_response("**/campaigns/new/"):
        editor.evaluate("htmx.trigger(document.querySelector('[data-live]'), 'refresh')")
    editor.wait_for_timeout(300)
    editor.keyboard.type("NightOwl")
    expect(editor.locator("#sub-0-group-1-name")).to_have_value("NightOwl")
