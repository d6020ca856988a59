"""The stand-in for Attentive's Segments page, with lists, refusals, uploads over HTTPS, and with none."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.house import House
from tests.browser.looking import look

LISTS = {
    "acme_subscriber_segment_20261124_901.csv": "jordan@example.com,PageTest_Gold\nkim@example.com,PageTest_Gold\n",
    "acme_subscriber_segment_20261124_902.csv": "+12025550142,PageTest_Silver\n",
    "acme_subscriber_segment_20261124_903.csv": "email,segment_name\njordan@example.com,PageTest_Header\n",
}
LONG = "PageTest_" + "AVeryLongNameWithoutAnySpace" * 6


def put_lists(house: House) -> None:
    """As they lie there after their upload."""
    folder = house.folder / "sandbox"
    for name, text in LISTS.items():
        (folder / "files" / "uploads" / name).write_text(text)
    text = f"email,segment_name\nsam@example.com,{LONG}\n"
    (folder / "http" / f"{LONG}_20261124_901.csv").write_text(text)


def test_what_arrived_is_shown_and_searched(visit, house):
    put_lists(house)
    page = visit("operator")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Sandbox").click()
    expect(page.get_by_text("a stand-in, not Attentive")).to_be_visible()
    expect(page.get_by_text("jordan@example.com, kim@example.com")).to_be_visible()
    expect(page.get_by_text("Row 1 is a header")).to_be_visible()
    expect(page.get_by_text("email: sam@example.com")).to_be_visible()
    expect(page.get_by_role("heading", name="How to reach it")).to_be_visible()
    look(page, "sandbox")
    page.get_by_label("Search by name").fill("pagetest_silv")
    page.get_by_role("button", name="Search").click()
    segments = page.get_by_role("region", name="Segments", exact=True)
    expect(segments.get_by_text("PageTest_Silver")).to_be_visible()
    expect(segments.get_by_text("PageTest_Gold")).to_be_hidden()


def test_who_may_not_see_people_sees_them_masked(visit, house):
    put_lists(house)
    page = visit("viewer")
    page.goto("/sandbox/?q=nothing has this name")
    expect(page.get_by_text("No segment has “nothing has this name”")).to_be_visible()
    look(page, "sandbox-nothing")
    page.goto("/sandbox/")
    expect(page.get_by_text("j···@example.com, k···@example.com")).to_be_visible()
    expect(page.get_by_text("jordan@example.com")).to_have_count(0)
