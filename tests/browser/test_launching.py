"""From the delivery summary to a delivered file: count, test, launch, watch, download."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.campaign import put_campaign
from tests.browser.house import House
from tests.browser.looking import look
from tests.fakes import SftpFarSide

# Until a worker has counted, built and sent: the machine may be busy.
WORK_MS = 90_000


@pytest.fixture(scope="module")
def far_side(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpFarSide]:
    root = tmp_path_factory.mktemp("far side")
    (root / "uploads").mkdir()
    with SftpFarSide(root) as server:
        yield server


@pytest.fixture(scope="module")
def campaign(house: House, far_side: SftpFarSide) -> int:
    return put_campaign(house, far_side)


def state_of(page: Page, word: str) -> None:
    expect(page.locator(".page-title")).to_contain_text(word, timeout=WORK_MS)


def uploaded(far_side: SftpFarSide) -> list[Path]:
    return sorted((far_side.root / "uploads").iterdir())


def test_from_the_delivery_summary_to_a_delivered_file(visit, campaign, far_side):
    page = visit("marketer")
    page.goto(f"/campaigns/{campaign}/delivery-summary/")
    state_of(page, "Adds up")
    expect(page.get_by_role("heading", name="What will arrive")).to_be_visible()
    look(page, "delivery-summary")
    page.get_by_role("link", name=re.compile("^Launch 1 file now")).click()
    expect(page.get_by_text("SpringLaunch_GoldOffer_email")).to_be_visible()
    look(page, "launch-asked")
    assert uploaded(far_side) == []
    page.get_by_role("button", name=re.compile("^Launch 1 file now")).click()
    expect(page).to_have_url(re.compile(r"/launches/\d+/$"))
    state_of(page, "Delivered")
    expect(page.get_by_text("Attentive processes segment files once a day.")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).not_to_contain_text("running")
    look(page, "launch-delivered")
    sent = uploaded(far_side)
    assert [
        re.fullmatch(r"acmeemail_subscriber_segment_\d{8}_1\.csv", one.name) is not None for one in sent
    ] == [True]
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Download {sent[0].name}").click()
    assert Path(download.value.path()).read_bytes() == sent[0].read_bytes()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^Rejects of")).click()
    assert "missing value" in Path(download.value.path()).read_text()


def test_a_test_only_into_files_sends_nothing(visit, campaign, far_side):
    before = uploaded(far_side)
    page = visit("marketer")
    page.goto(f"/campaigns/{campaign}/test/")
    look(page, "test")
    page.get_by_label("Records of each treated group").fill("3")
    page.get_by_role("button", name="Start the test").click()
    expect(page.get_by_text("This is a test.")).to_be_visible()
    state_of(page, "Delivered")
    expect(page.get_by_text("kept here, to be downloaded")).to_be_visible()
    look(page, "test-delivered")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^Download ")).click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 3
    assert all(line.endswith("_TEST") for line in lines)
    assert uploaded(far_side) == before


def test_the_list_of_launches(visit, campaign):
    page = visit("viewer")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Launches").click()
    expect(page.get_by_role("heading", name="Launches")).to_be_visible()
    look(page, "launches")


def test_who_may_not_see_personal_data_sees_masks(visit, campaign):
    page = visit("viewer")
    page.goto("/launches/?q=Spring+Launch&purpose=launch")
    page.get_by_role("link", name="Spring Launch").first.click()
    expect(page.get_by_role("heading", name="Deliveries")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^Download "))).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^Recipients of")).click()
    assert re.search(r"p···@example\.com", Path(download.value.path()).read_text())


def test_an_edit_of_launched_shares_is_asked_about_and_told(visit, campaign, house):
    launched = house.manage("launch", "Spring Launch", "--here")
    assert launched.returncode == 0, launched.stderr
    page = visit("marketer")
    page.goto(f"/campaigns/{campaign}/")
    page.locator("#who-gets-which > summary").press("Enter")
    for place, percent in enumerate(("30", "70")):
        page.locator(f"[name=sub-0-group-{place}-percent]").fill(percent)
        page.keyboard.press("Tab")
    question = page.get_by_role("group", name=re.compile("What becomes of those who were assigned before"))
    expect(question).to_contain_text("from treatment to control", timeout=WORK_MS)
    question.get_by_role("radio", name=re.compile("^Keep everyone")).press("ArrowDown")
    expect(question.get_by_role("radio", name=re.compile("^Move as few as needed"))).to_be_checked()
    expect(page.get_by_text("Chance decides once, and then it stays.")).to_be_visible()
    look(page, "shares-edited")
    page.get_by_role("button", name="Delivery summary").click()
    state_of(page, "Adds up")
    told = "people ever assigned in All remaining recipients get another group"
    expect(page.get_by_text(told)).to_be_visible()
    look(page, "delivery-summary-of-an-edit")
    page.goto("/launches/?q=Spring+Launch&purpose=launch")
    page.get_by_role("link", name="Spring Launch").first.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Who is in which group").click()
    assert ",All remaining recipients,Holdout,control,20" in Path(download.value.path()).read_text()
