"""The list of campaigns in a browser: narrowed, filed, chosen, ended; by mouse, by keys alone, without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from campaigns.launches.models import Launch
from campaigns.planning.filing.folders import at_path, move
from campaigns.planning.filing.labels import labels_of, set_labels
from campaigns.planning.models import Campaign
from tests.browser.looking import Complaints, look
from tests.launches.on_page import make_campaign, make_destination

NAMES = ("Spring Sale", "Weekend Basket", "Outlet Weekly")


@pytest.fixture
def campaigns(customer_database, marketer):
    destination = make_destination(customer_database)
    made = {
        name: make_campaign(customer_database, destination, name=name, ending=f" of {name}") for name in NAMES
    }
    Launch.objects.create(campaign=made["Outlet Weekly"], frozen={}, state="delivered")
    set_labels(made["Spring Sale"], ["vip"], marketer)
    move([made["Weekend Basket"]], at_path("Retail / Spring / Outlet", None), marketer)
    return made


@pytest.fixture
def arrive(chromium, live_server, campaigns, marketer, client_of):
    """arrive("/campaigns/"): that page, signed in as the marketer."""
    session = next(iter(client_of(marketer).cookies.values()))
    contexts, complaints = [], Complaints()

    def come(path: str, **more) -> Page:
        context: BrowserContext = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": 1280, "height": 900},
            reduced_motion="reduce",
            **more,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
        page = context.new_page()
        complaints.listen(page)
        page.goto(path)
        return page

    yield come
    for context in contexts:
        context.close()
    assert not complaints.found, "\n".join(complaints.found)


def names(page: Page) -> list[str]:
    return page.locator("tbody th > a:not(.chip)").all_inner_texts()


def test_it_is_narrowed_filed_and_ended_by_mouse(arrive, campaigns):
    page = arrive("/campaigns/")
    look(page, "campaigns")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Status", exact=True).select_option("delivered")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    assert names(page) == ["Outlet Weekly"]
    look(page, "campaigns-narrowed")
    page.get_by_role("link", name="Clear search and filters").click()
    page.get_by_label("All on this page").check()
    expect(page.get_by_text("3 chosen")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="Delete 2 campaigns?")).to_be_visible()
    expect(page.get_by_text("was launched or tested, so it can only be archived")).to_be_visible()
    look(page, "campaigns-asked")
    page.get_by_role("button", name="Delete 2 campaigns").click()
    expect(page.get_by_text("2 campaigns deleted.")).to_be_visible()
    assert names(page) == ["Outlet Weekly"]
    page.get_by_role("link", name="Archive Outlet Weekly").click()
    page.get_by_role("button", name="Archive “Outlet Weekly”").click()
    page.get_by_role("link", name="Archived", exact=True).click()
    look(page, "campaigns-archived")
    page.get_by_role("button", name="Restore Outlet Weekly").click()
    expect(page.get_by_text("is in use again")).to_be_visible()


def press_to(page: Page, name: str) -> None:
    """Tab to what is called so."""
    for _ in range(80):
        page.keyboard.press("Tab")
        told = "(one) => one.getAttribute('aria-label') || one.labels?.[0]?.innerText || one.innerText"
        if page.evaluate(f"({told})(document.activeElement)").strip() == name:
            return
    raise AssertionError(f"No Tab leads to {name}.")


def test_by_keys_alone_a_folder_is_made_and_campaigns_move_into_it(arrive, campaigns):
    page = arrive("/campaigns/")
    press_to(page, "New folder")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="New folder")).to_be_visible()
    look(page, "folder-new")
    press_to(page, "Name")
    page.keyboard.type("Online")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Online")).to_be_visible()
    look(page, "folder-empty")
    page = arrive("/campaigns/")
    press_to(page, "Choose Outlet Weekly")
    page.keyboard.press("Space")
    press_to(page, "Choose Spring Sale")
    page.keyboard.press("Space")
    expect(page.get_by_text("2 chosen")).to_be_visible()
    page.evaluate("document.activeElement.blur(); window.getSelection().removeAllRanges()")
    press_to(page, "Folder to move them into")
    page.keyboard.type("Online")
    press_to(page, "Move")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Move 2 campaigns?")).to_be_visible()
    press_to(page, "Move 2 campaigns")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 campaigns moved into “Online”.")).to_be_visible()
    assert set(Campaign.objects.filter(folder__name="Online").values_list("name", flat=True)) == {
        "Outlet Weekly",
        "Spring Sale",
    }


def test_folder_labels_and_history_have_pages_of_their_own(arrive, campaigns, marketer):
    campaign = campaigns["Spring Sale"]
    page = arrive(f"/campaigns/{campaign.pk}/")
    page.get_by_role("button", name="Copy the ID").wait_for()
    page.get_by_role("link", name="File it").click()
    look(page, "campaign-filing")
    page.get_by_label("Labels").fill("50% off")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is not made of letters")).to_be_visible()
    look(page, "campaign-filing-refused")
    page.get_by_label("Labels").fill("vip spring")
    page.get_by_label("Folder").select_option(label="Retail / Spring")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is filed")).to_be_visible()
    assert labels_of(campaign) == ["spring", "vip"]
    page.get_by_role("link", name="history").click()
    expect(page.get_by_text("Folder: Retail / Spring")).to_be_visible()
    look(page, "campaign-history")
    page.goto(f"/campaigns/?folder={at_path('Retail', None).pk}")
    look(page, "folder")
    page.get_by_role("link", name="Delete this folder").click()
    look(page, "folder-delete")


def test_without_scripts_campaigns_are_chosen_and_archived(arrive, campaigns):
    page = arrive("/campaigns/?q=outlet", java_script_enabled=False)
    page.get_by_label("Choose Outlet Weekly").check()
    page.get_by_role("button", name="Archive", exact=True).click()
    page.get_by_role("button", name="Archive 1 campaign").click()
    expect(page.get_by_text("1 campaign archived.")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("outlet")
    assert Campaign.objects.get(name="Outlet Weekly").archived_at is not None
