"""A whole campaign in a real browser: by mouse, by keyboard alone, and on a phone, with nothing for axe to find."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from campaigns.planning.draft import draft_of
from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
from tests.browser.looking import look
from tests.launches.on_page import CHICAGO, GOLD, make_destination


@pytest.fixture
def editor(chromium, live_server, customer_database, marketer, client_of):
    """`editor(width)`: the editor of a new campaign, signed in as the marketer."""
    for name, rules in (("Chicago regulars", CHICAGO), ("Gold members", GOLD)):
        Segment.objects.create(customer_database=customer_database, name=name, rules=rules)
    for identifier in ("email", "phone"):
        settings = make_destination(customer_database, identifier)
        settings.settings["segment_name_template"] = "{{ campaign_name }}_{{ group_name }}"
        settings.save()
    session = next(iter(client_of(marketer).cookies.values()))
    contexts = []

    def open_it(width: int = 1280, height: int = 900) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce", has_touch=width < 500
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
        page: Page = context.new_page()
        page.goto(f"{live_server.url}/campaigns/new/")
        return page

    yield open_it
    for context in contexts:
        context.close()


def is_as_meant() -> None:
    """What every one of these tests saves: gold members by e-mail and phone, all others by e-mail."""
    found = draft_of(Campaign.objects.get())
    assert found.name == "Autumn Sale"
    gold, others = found.sub_audiences
    assert (gold.name, others.name) == ("Gold members", "All remaining recipients")
    assert [(one.name, str(one.percent), len(one.destinations)) for one in gold.groups] == [
        ("Control", "20.00", 0),
        ("GoldMembers_Email", "40.00", 1),
        ("GoldMembers_SMS", "40.00", 1),
    ]
    assert [(one.name, one.is_control) for one in others.groups] == [
        ("Control", True),
        ("EveryoneElse", False),
    ]


def names(page: Page) -> Locator:
    return page.locator("#segment-names")


def choose(page: Page, field: Locator, name: str) -> None:
    field.click()
    page.locator("#found").get_by_role("option", name=name).click()
    expect(page.get_by_label(f"Remove {name}").last).to_be_visible()


def fill_in(page: Page) -> None:
    """The campaign by mouse or finger."""
    page.get_by_label("Campaign name").fill("Autumn Sale")
    choose(page, page.get_by_label("Add a segment: Include"), "Chicago regulars")
    page.get_by_role("button", name="Sub-audience", exact=True).click()
    expect(page.locator("#sub-0-name")).to_be_focused()
    choose(page, page.get_by_label("Add a segment: Members of any of"), "Gold members")
    expect(page.locator("#sub-0-name")).to_have_value("Gold members")
    for label in ("Attentive (email)", "Attentive (phone)"):
        page.get_by_role("region", name="Sub-audience 1").get_by_label(label).check()
        expect(page.get_by_label(f"Table and column of the e-mail for {label}")).to_be_attached()
    page.get_by_role("region", name="Sub-audience 2").get_by_label("Attentive (email)").check()


def test_a_campaign_by_mouse_from_the_first_name_to_the_saved_draft(editor):
    page = editor()
    fill_in(page)
    expect(names(page).get_by_text("3 refused")).to_be_visible()
    look(page, "editor-refused")
    first = page.get_by_role("region", name="Sub-audience 1")
    first.get_by_role("button", name="Use “GoldMembers”").click()
    expect(page.locator("#sub-0-group-1-name")).to_have_value("GoldMembers")
    first.get_by_role("button", name="Make two groups").click()
    expect(page.locator("#sub-0-group-2-name")).to_have_value("GoldMembers_SMS")
    page.locator("#sub-0-group-0-percent").fill("20")
    first.get_by_role("button", name="Split evenly").click()
    expect(page.locator("#sub-0-group-1-percent")).to_have_value("40.00")
    names(page).get_by_role("button", name="Rename to “EveryoneElse”").click()
    expect(names(page).get_by_text("each is its own")).to_be_visible()
    expect(page.get_by_label("Who is left")).to_contain_text("Everybody")
    look(page, "editor-right")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("“Autumn Sale” is saved.")).to_be_visible()
    is_as_meant()


def test_the_other_identifier_is_refused_and_mended_with_one_click(editor):
    page = editor()
    page.get_by_role("region", name="Sub-audience 1").get_by_label("Attentive (email)").check()
    attributes = page.get_by_role("group", name="Attentive (email) takes e-mail")
    expect(attributes.get_by_role("checkbox", name="E-mail")).to_be_checked()
    attributes.get_by_role("checkbox", name="Phone").check()
    expect(attributes.get_by_text("a list holds e-mails or phones, never both")).to_be_visible()
    look(page, "editor-attributes")
    attributes.get_by_role("button", name="Use e-mail from merged_customers.email").click()
    expect(attributes.get_by_role("checkbox", name="Phone")).not_to_be_checked()
    expect(attributes.get_by_text("never both")).to_have_count(0)


def test_a_campaign_on_a_phone_of_360_px(editor):
    page = editor(360, 740)
    fill_in(page)
    page.get_by_role("button", name="Use “GoldMembers”").click()
    expect(page.locator("#sub-0-group-1-name")).to_have_value("GoldMembers")
    names(page).get_by_role("button", name="Rename to “EveryoneElse”").click()
    expect(page.locator("#sub-1-group-1-name")).to_have_value("EveryoneElse")
    names(page).get_by_role("button", name="Make two groups").first.click()
    expect(page.locator("#sub-0-group-2-name")).to_have_value("GoldMembers_SMS")
    page.locator("#sub-0-group-0-percent").fill("20")
    page.get_by_role("button", name="Split evenly").first.click()
    expect(page.locator("#sub-0-group-2-percent")).to_have_value("40.00")
    expect(names(page).get_by_text("each is its own")).to_be_visible()
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("“Autumn Sale” is saved.")).to_be_visible()
    is_as_meant()


def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Only the keyboard moves the focus; it has to get there within one round."""
    settle(page)
    for _ in range(150):
        if target.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"no focus for {target}")


def settle(page: Page) -> None:
    """What is redrawn and counted is there."""
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-count]")).to_have_count(0)


def press(page: Page, target: Locator) -> None:
    tab_to(page, target)
    page.keyboard.press("Enter")


def pick(page: Page, target: Locator, name: str) -> None:
    tab_to(page, target)
    page.keyboard.type(name[:6])
    expect(page.locator("#found").get_by_role("option", name=name)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_label(f"Remove {name}").last).to_be_visible()


def test_a_campaign_by_keyboard_alone(editor):
    page = editor()
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type("Autumn Sale")
    pick(page, page.get_by_label("Add a segment: Include"), "Chicago regulars")
    press(page, page.get_by_role("button", name="Sub-audience", exact=True))
    expect(page.locator("#sub-0-name")).to_be_focused()
    pick(page, page.get_by_label("Add a segment: Members of any of"), "Gold members")
    for place, identifier in ((0, "email"), (0, "phone"), (1, "email")):
        region = page.get_by_role("region", name=f"Sub-audience {place + 1}")
        tick = region.get_by_label(f"Attentive ({identifier})")
        tab_to(page, tick)
        page.keyboard.press("Space")
        settle(page)
        expect(tick).to_be_checked()
        expect(tick).to_be_focused()
    first = page.get_by_role("region", name="Sub-audience 1")
    press(page, first.get_by_role("button", name="Use “GoldMembers”"))
    expect(page.locator("#sub-0-group-1-name")).to_be_focused()
    press(page, first.get_by_role("button", name="Make two groups"))
    expect(page.locator("#sub-0-group-2-name")).to_have_value("GoldMembers_SMS")
    tab_to(page, page.locator("#sub-0-group-0-percent"))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("20")
    press(page, first.get_by_role("button", name="Split evenly"))
    expect(page.locator("#sub-0-group-1-percent")).to_have_value("40.00")
    press(page, names(page).get_by_role("button", name="Rename to “EveryoneElse”"))
    expect(page.locator("#sub-1-group-1-name")).to_have_value("EveryoneElse")
    press(page, page.get_by_role("button", name="Save draft"))
    expect(page.get_by_text("“Autumn Sale” is saved.")).to_be_visible()
    is_as_meant()
