"""After a launch: why somebody is (not) in the list, and the list from before it sent again."""

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

NAME = "Autumn Thanks"


@pytest.fixture(scope="module")
def far_side(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpFarSide]:
    root = tmp_path_factory.mktemp("far side")
    (root / "uploads").mkdir()
    with SftpFarSide(root) as server:
        yield server


@pytest.fixture(scope="module")
def launched(house: House, far_side: SftpFarSide) -> list[int]:
    """The ids of the campaign's two launches: the second has other rows than the first."""
    campaign = put_campaign(house, far_side, NAME, " to ask why")
    ids = []
    for state in ("IL", "WA"):
        code = (
            "from campaigns.planning.models import Campaign; from campaigns.segments.rules import dump, parse\n"
            f"segment = Campaign.objects.get(pk={campaign}).include.get()\n"
            f"segment.rules = dump(parse({{'all': [{{'attribute': 'customer_360.state', 'is': '{state}'}}]}}))\n"
            "segment.save()"
        )
        assert house.manage("shell", "-c", code).returncode == 0
        done = house.manage("launch", NAME, "--here", "--json")
        assert done.returncode == 0, done.stderr
        ids.append(int(re.findall(r'"launch": (\d+)', done.stdout)[0]))
    return ids


def uploaded(far_side: SftpFarSide) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (far_side.root / "uploads").iterdir()}


def ask(page: Page, text: str) -> None:
    page.get_by_label("Customer key, e-mail address or phone number").fill(text)
    page.get_by_role("button", name="Look up").click()


def test_from_the_page_of_a_launch_to_why_somebody_is_not_in_the_list(visit, launched):
    page = visit("marketer")
    page.goto(f"/launches/{launched[0]}/")
    look(page, "launch-with-why")
    ask(page, "C06")
    expect(page.get_by_text("Not in the list: excluded by Unsubscribed")).to_be_visible()
    assert page.url.endswith(f"/launches/{launched[0]}/why/")
    look(page, "why-excluded")
    ask(page, "C10")
    expect(page.get_by_text(re.compile("Not in the list: (there is no value|in control)"))).to_be_visible()
    ask(page, "SHARED@example.com")
    expect(page.get_by_text("2 customers fit what you typed.")).to_be_visible()
    look(page, "why-several")
    ask(page, "nobody@example.com")
    expect(page.get_by_text("Nobody with this key, address or number was considered.")).to_be_visible()
    look(page, "why-nobody")


def test_by_keyboard_alone_and_from_the_campaign(visit, launched):
    page = visit("marketer")
    page.goto("/campaigns/")
    page.get_by_role("link", name=NAME).first.press("Enter")
    page.get_by_role("link", name="why is somebody (not) in the list?").press("Enter")
    expect(page).to_have_url(re.compile(rf"/launches/{launched[1]}/why/$"))
    page.get_by_label("Customer key, e-mail address or phone number").focus()
    page.keyboard.type("C01")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Customer C01")).to_be_visible()
    look(page, "why")


def test_who_may_not_see_personal_data_sees_masks(visit, launched):
    page = visit("viewer")
    page.goto(f"/launches/{launched[1]}/")
    ask(page, "person1@example.com")
    expect(page.get_by_role("heading", name="Customer C···")).to_be_visible()
    expect(page.locator("#answer")).not_to_contain_text("person1@example.com")
    expect(page.get_by_role("link", name="Send the previous list again")).to_have_count(0)


def test_the_previous_list_is_sent_again(visit, launched, far_side):
    before = uploaded(far_side)
    page = visit("marketer")
    page.goto(f"/launches/{launched[1]}/")
    page.get_by_role("link", name="Send the previous list again").press("Enter")
    expect(page.get_by_text("AutumnThanks_GoldOffer_email")).to_be_visible()
    look(page, "previous-list-asked")
    assert uploaded(far_side) == before
    page.get_by_role("button", name=re.compile("^Send 1 file again")).press("Enter")
    expect(page.get_by_text("This launch sends the previous list again.")).to_be_visible()
    expect(page.locator(".page-title")).to_contain_text("Delivered", timeout=90_000)
    look(page, "previous-list-delivered")
    (new,) = set(uploaded(far_side)) - set(before)
    assert uploaded(far_side)[new] in before.values()
    assert Path(new).suffix == ".csv"


def test_where_there_is_none_it_says_so(visit, launched):
    page = visit("marketer")
    page.goto(f"/launches/{launched[0]}/previous-list/")
    expect(page.get_by_role("alert")).to_contain_text("there is none to send again")
    expect(page.get_by_role("button", name=re.compile("again"))).to_have_count(0)
    look(page, "previous-list-refused")
