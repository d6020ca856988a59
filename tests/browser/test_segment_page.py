"""The pages about a segment in a browser: overview, members, overlap, versions."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.base import make_customers
from tests.browser.looking import look

MAKE = """
from datetime import timedelta
from campaigns.customers.catalogue import read_catalogue
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.models import SegmentSize
from campaigns.segments.plain import Draft
from campaigns.segments.saving import store
from config import clock
shop = CustomerDatabase(name="Page shop", customer_key="customer_id", profile_table="customer_360")
shop.url = "files:{folder}"
shop.orders = {{"table": "orders", "amount": "amount", "ordered_at": "ordered_at"}}
shop.catalogue = read_catalogue(shop).to_json()
shop.save()
city = {{"attribute": "customer_360.city", "is": "Chicago"}}
tier = {{"attribute": "customer_360.loyalty_tier", "is": "gold"}}
def save(name, segment=None, *rules):
    return store(Draft(name, shop.pk, {{"all": list(rules)}}), segment, None, None)
save("Page gold", None, tier)
made = save("Page Chicago", None, city)
made = save("Page Chicago", made, city, {{"any": [tier, {{"attribute": "customer_360.state", "is": "IL"}}]}})
for days in range(1, 60):
    at = clock.now() - timedelta(days=days)
    SegmentSize.objects.create(segment=made, day=at.date(), counted_at=at, customers=30 + days % 7, everybody=60)
print(made.pk)
"""


@pytest.fixture(scope="module")
def segment(house) -> int:
    folder = house.folder.with_name("page shop")
    make_customers(folder)
    ended = house.manage("shell", "-v", "0", "-c", MAKE.format(folder=folder))
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout.split()[-1])


@pytest.fixture
def open_page(visit, segment) -> Callable[..., Page]:
    def open_it(tab: str = "", who: str = "marketer") -> Page:
        page: Page = visit(who)
        page.goto(f"/segments/{segment}/{tab}")
        return page

    return open_it


def tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="About this segment").get_by_role("link", name=name).click()


def test_the_overview_fills_itself(open_page):
    page = open_page()
    expect(page.locator("#size .big")).to_have_text("30")
    facts = page.locator("#summary")
    expect(facts).to_contain_text("50.0 % of 60")
    expect(facts).to_contain_text("Average order value")
    page.locator("#breakdowns").scroll_into_view_if_needed()
    expect(page.get_by_role("region", name="By Loyalty tier")).to_contain_text("without a value")
    expect(page.locator("#sample")).to_contain_text("C02")
    look(page, "segment-overview")


def test_the_range_and_the_columns_are_chosen_with_the_keyboard(open_page):
    page = open_page()
    expect(page.get_by_role("img", name="Size over 30 days")).to_be_visible()
    page.get_by_role("button", name="1 year").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="Size over 1 year")).to_be_visible()
    expect(page.get_by_role("button", name="1 year")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="1 year")).to_be_focused()
    page.get_by_text("The same as a table").click()
    expect(
        page.get_by_role("region", name="Size over time, as a table").get_by_role("row").nth(1)
    ).to_contain_text("daily")
    card = page.locator("#breakdowns")
    card.scroll_into_view_if_needed()
    card.get_by_text("Choose columns").click()
    for name in ("City", "State", "Loyalty tier"):
        card.get_by_role("checkbox", name=name, exact=True).uncheck()
    card.get_by_role("checkbox", name="Email opt in").check()
    card.get_by_role("button", name="Show these").press("Enter")
    expect(card.get_by_role("region")).to_have_count(1)
    expect(card.get_by_role("region", name="By Email opt in")).to_contain_text("yes")


def test_a_phone_shows_the_newest_size_first(open_page):
    page = open_page()
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator("#history").scroll_into_view_if_needed()
    expect(page.locator("#history .last")).to_be_in_viewport()


def test_members_are_chosen_and_downloaded(open_page):
    page = open_page()
    tab(page, "Members")
    rows = page.get_by_role("region", name="Rows of members")
    expect(rows.get_by_role("row")).to_have_count(31)
    page.get_by_text("chosen; the customer key is always there").click()
    look(page, "segment-members")
    for box in reversed(page.locator("input[name=column]:checked").all()):
        box.uncheck()
    page.get_by_label("Lifetime value").check()
    page.get_by_role("button", name="Show these columns").click()
    expect(rows.get_by_role("columnheader")).to_have_text(["customer_id", "Lifetime value"])
    with page.expect_download() as begun:
        page.get_by_role("link", name="Download all").click()
    with open(begun.value.path(), newline="") as file:
        lines = list(csv.reader(file))
    assert lines[:2] == [["customer_key", "Lifetime value"], ["C02", "21.0"]]
    assert len(lines) == 31
    assert begun.value.suggested_filename.endswith("-members.csv")


def test_the_intersection_becomes_a_segment(open_page):
    page = open_page()
    tab(page, "Overlap")
    page.get_by_label("Segment 1").fill("Page gold")
    page.get_by_role("button", name="Compare").click()
    table = page.get_by_role("region", name="Who is in which segment")
    expect(table.get_by_role("row")).to_have_count(4)
    look(page, "segment-overlap")
    page.get_by_role("link", name="New segment from the intersection").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Page Chicago and Page gold")
    expect(page.locator("#size .big")).to_have_text("10")


def test_an_old_version_comes_back(open_page):
    page = open_page()
    tab(page, "Versions")
    expect(page.get_by_text("Loyalty tier is gold or State is IL")).to_be_visible()
    look(page, "segment-versions")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    restore = page.get_by_role("button", name="Restore version 1")
    restore.click()
    assert asked == ["Restore version 1 of “Page Chicago”? It becomes version 3; version 2 is kept."]
    expect(page.get_by_role("listitem").filter(has_text="Version 2")).to_contain_text("Current")
    page.once("dialog", lambda dialog: dialog.accept())
    restore.click()
    expect(page.get_by_text("Version 1 of “Page Chicago” is restored as version 3.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Version 3")).to_contain_text("Current")


def test_a_viewer_reads_every_page(open_page):
    for name in ("", "members/", "overlap/", "versions/"):
        page = open_page(name, "viewer")
        expect(page.get_by_role("heading", name="Page Chicago", level=1)).to_be_visible()
        expect(page.get_by_role("button", name="Restore")).to_have_count(0)
