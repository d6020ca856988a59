"""Sub-audiences change places in a real browser: dragged by mouse and finger, and by keyboard, with words for it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import look

NAMES = ["Gold", "Silver", "Bronze"]
MAKE = """
from decimal import Decimal
from campaigns.customers.models import CustomerDatabase
from campaigns.planning.draft import save
from campaigns.planning.plain import Draft, DraftGroup, DraftSubAudience
from campaigns.segments.models import Segment
columns = [{"name": name, "type": "text"} for name in ("customer_id", "city")]
table = {"name": "customer_360", "key": "customer_id", "many": False, "columns": columns}
database = CustomerDatabase.objects.create(
    name="Customers to sort", url="files:nowhere", customer_key="customer_id", profile_table="customer_360",
    catalogue={"tables": [table]},
)
rules = {"version": 2, "rules": {"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}}
segment = Segment.objects.create(customer_database=database, name="Chicago to sort", rules=rules)
groups = (DraftGroup("Control", Decimal(10), is_control=True), DraftGroup("Offer", Decimal(90)))
parts = [DraftSubAudience(name, groups, segments=(segment.pk,)) for name in ("Gold", "Silver", "Bronze")]
rest = DraftSubAudience("All remaining recipients", groups)
print(save(Draft("Sorted Sale", database.pk, (segment.pk,), sub_audiences=(*parts, rest)), None, None, None).pk)
"""


@pytest.fixture(scope="module")
def path(house) -> str:
    made = house.manage("shell", "-v", "0", "-c", MAKE)
    assert made.returncode == 0, made.stderr
    return f"/campaigns/{made.stdout.strip()}/"


@pytest.fixture
def editor(visit, path) -> Page:
    page: Page = visit("marketer")
    page.goto(path)
    return page


def order(page: Page, *names: str) -> None:
    fields = page.get_by_label("Name of sub-audience")
    for place, name in enumerate([*names, "All remaining recipients"]):
        expect(fields.nth(place)).to_have_value(name)


def grip(page: Page, name: str):
    return page.get_by_role("button", name=f"Move {name}, ")


def test_it_is_dragged_by_mouse(editor):
    look(editor, "reordering")
    grip(editor, "Bronze").hover()
    editor.mouse.down()
    editor.mouse.move(0, 0, steps=3)
    expect(editor.locator("#sub-audiences.is-sorting")).to_be_visible()
    first = editor.locator(".sub-aud").first.bounding_box()
    editor.mouse.move(first["x"] + 50, first["y"] + 2, steps=5)
    expect(editor.locator(".drop-before")).to_have_attribute("aria-label", "Sub-audience 1: Gold")
    editor.mouse.up()
    order(editor, "Bronze", "Gold", "Silver")
    expect(grip(editor, "Bronze")).to_be_focused()
    expect(editor.locator("#said")).to_have_text("Bronze is now 1 of 4.")


def test_escape_puts_it_back(editor):
    grip(editor, "Gold").hover()
    editor.mouse.down()
    editor.mouse.move(0, 2000, steps=3)
    editor.keyboard.press("Escape")
    expect(editor.locator(".is-sorting")).to_have_count(0)
    editor.mouse.up()
    order(editor, *NAMES)


def test_it_is_moved_by_arrow_keys_and_never_behind_the_rest(editor):
    grip(editor, "Gold").focus()
    editor.keyboard.press("ArrowDown")
    order(editor, "Silver", "Gold", "Bronze")
    expect(editor.locator("#said")).to_have_text("Gold is now 2 of 4.")
    expect(grip(editor, "Gold")).to_be_focused()
    editor.keyboard.press("End")
    order(editor, "Silver", "Bronze", "Gold")
    expect(grip(editor, "Gold")).to_be_focused()
    editor.keyboard.press("ArrowDown")
    editor.keyboard.press("Home")
    order(editor, *NAMES)


def test_it_is_dragged_by_a_finger_at_360_px(chromium, house, path):
    from tests.browser.conftest import sign_in

    context = chromium.new_context(
        base_url=house.url, viewport={"width": 360, "height": 740}, has_touch=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto("/")
    sign_in(page, "marketer", house.logins["marketer"])
    page.goto(path)
    expect(page.locator("[data-count]")).to_have_count(0)
    handle = grip(page, "Silver")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = context.new_cdp_session(page)

    def finger(kind: str, *points: tuple[float, float]) -> None:
        touch.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )

    finger("touchStart", (x, y))
    finger("touchMove", (x, y - 10))
    expect(page.locator(".is-sorting")).to_have_count(1)
    first = page.locator(".sub-aud").first.bounding_box()
    for _ in range(3):
        finger("touchMove", (x, max(first["y"] + 2, 1)))
    expect(page.locator(".drop-before")).to_have_count(1)
    finger("touchEnd")
    order(page, "Silver", "Gold", "Bronze")
    context.close()


def test_a_sub_audience_is_duplicated_with_groups_of_its_own_names(editor):
    editor.get_by_role("button", name="Duplicate Silver").click()
    order(editor, "Gold", "Silver", "Silver 2", "Bronze")
    expect(editor.locator("#sub-2-name")).to_be_focused()
    expect(editor.locator("#sub-2-group-1-name")).to_have_value("Silver2Offer")
    expect(editor.locator("#said")).to_have_text("Silver 2 is a copy, 3 of 5.")
