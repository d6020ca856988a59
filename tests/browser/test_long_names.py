"""The longest names, without a space, with tags and pictures in them: no page grows wider than its window."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import SIDEWAYS

LONG = ("<b>x</b>🎉" + "_x" * 60)[:98]
MAKE = f"""
from campaigns.customers.models import CustomerDatabase
from tests.launches.on_page import make_campaign
columns = [{{"name": name, "type": "text"}} for name in ("customer_id", "city", "loyalty_tier")]
table = {{"name": "customer_360", "key": "customer_id", "many": False, "columns": columns}}
database = CustomerDatabase.objects.create(
    name={LONG!r} + "1", url="files:nowhere", customer_key="customer_id", profile_table="customer_360",
    catalogue={{"tables": [table]}},
)
made = make_campaign(database, name={LONG!r} + "2", ending={"_x" * 40!r})
print(made.pk, made.includes.get().segment_id)
"""


@pytest.fixture
def paths(house) -> list[str]:
    """The pages that show the names."""
    made = house.manage("shell", "-v", "0", "-c", MAKE)
    assert made.returncode == 0, made.stderr
    campaign, segment = made.stdout.split()
    return [
        "/",
        "/campaigns/",
        f"/campaigns/{campaign}/",
        f"/campaigns/{campaign}/delivery-summary/",
        "/segments/",
        f"/segments/{segment}/",
        f"/segments/{segment}/edit/",
    ]


def too_wide(page: Page) -> list[str]:
    found = []
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{page.url}, {width} px: {one}" for one in page.evaluate(SIDEWAYS)]
    return found


def test_no_page_scrolls_sideways_for_a_long_name(visit, paths):
    page = visit("marketer")
    found = []
    for path in paths:
        page.goto(path)
        found += too_wide(page)
    assert found == []


def test_an_editor_does_not_scroll_sideways_for_what_is_typed_into_it(visit):
    page = visit("marketer")
    page.goto("/campaigns/new/")
    page.get_by_label("Treatment group").last.fill("_x" * 260)
    page.get_by_label("Treatment group").last.blur()
    expect(page.get_by_text("characters at most").first).to_be_visible()
    assert too_wide(page) == []
