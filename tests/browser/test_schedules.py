"""From the choice of when to a decision about a held run, in a real browser: by mouse, and by keyboard alone."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from campaigns.launches.models import Launch
from campaigns.launches.runs.models import Run
from campaigns.launches.runs.ticking import tick
from campaigns.planning.models import Campaign
from config import clock
from tests.browser.looking import Complaints, look
from tests.launches.on_page import make_campaign, make_destination

NOW = datetime(2027, 3, 12, 12, tzinfo=UTC)  # a Friday
MONDAY = datetime(2027, 3, 15, 9, tzinfo=UTC)


@pytest.fixture
def destination(customer_database):
    return make_destination(customer_database)


@pytest.fixture
def campaign(customer_database, destination):
    return make_campaign(customer_database, destination, name="Spring Sale")


@pytest.fixture
def go(chromium, live_server, campaign, marketer, client_of):
    """`go("/calendar/")`: that page, signed in as the marketer; it is 12 March 2027."""
    complaints = Complaints()
    session = next(iter(client_of(marketer).cookies.values()))
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
    page = context.new_page()
    complaints.listen(page)

    def visit(path):
        page.goto(live_server.url + path)
        return page

    with clock.stopped_at(NOW):
        yield visit
        context.close()
    assert not complaints.found, "\n".join(complaints.found)


def next_runs(page):
    return page.locator("section[aria-labelledby=delivery] ol > li")


def at(instant):
    with clock.stopped_at(instant):
        tick()


def test_by_mouse_a_weekly_campaign_is_planned_scheduled_held_and_released(go, campaign, destination):
    page = go(f"/campaigns/{campaign.pk}/")
    page.get_by_text("Weekly", exact=True).click()
    expect(next_runs(page).first).to_have_text("Mon 15 Mar 2027 09:00 UTC")
    page.get_by_label("Thursday").check()
    expect(next_runs(page).nth(1)).to_have_text("Thu 18 Mar 2027 09:00 UTC")
    page.get_by_label("Ends").select_option("After N runs")
    page.get_by_label("Runs", exact=True).fill("3")
    expect(next_runs(page)).to_have_count(3)
    page.get_by_label("More or less than the last launch by over").check()
    expect(page.get_by_label("Percent against the last launch")).to_have_value("25")
    look(page, "campaign-schedule")

    page.get_by_role("button", name="Delivery summary").click()
    page.get_by_role("link", name="Schedule").click()
    expect(page.get_by_text("at most 25 % more or less than the last launch")).to_be_visible()
    look(page, "schedule")
    page.get_by_role("button", name="Schedule").click()
    expect(
        page.get_by_text("“Spring Sale” is scheduled. It runs on Mon 15 Mar 2027 09:00 UTC.")
    ).to_be_visible()
    look(page, "campaign-scheduled")

    destination.disabled_at = NOW
    destination.save()
    at(MONDAY)
    destination.disabled_at = None
    destination.save()
    page = go("/launches/")
    expect(page.get_by_text("run of Mon 15 Mar 2027 09:00 UTC")).to_be_visible()
    look(page, "launches-held-run")
    page.get_by_role("region", name="Scheduled runs that did not start").get_by_role("link").click()
    look(page, "runs")
    page.get_by_role("link", name="Launch anyway").click()
    look(page, "run-launch")
    page.get_by_role("button", name="Launch it anyway").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Spring Sale")
    assert Run.objects.get().launch == Launch.objects.get()


def tab_to(page, target):
    """By the keyboard alone."""
    for _ in range(120):
        if target.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"The keyboard does not reach {target}.")


def test_by_keyboard_a_daily_campaign_is_planned_scheduled_and_taken_back(go, campaign):
    page = go(f"/campaigns/{campaign.pk}/")
    tab_to(page, page.locator("#when-asap-cadence"))
    page.keyboard.press("ArrowRight")
    expect(page.locator("#when-at")).to_be_visible()
    expect(page.locator("#when-at-cadence")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(next_runs(page)).to_have_count(5)
    expect(page.locator("#when-daily-cadence")).to_be_focused()
    tab_to(page, page.locator("#grace"))
    page.keyboard.press("Control+a")
    page.keyboard.type("15")
    tab_to(page, page.locator("#brake-smallest"))
    page.keyboard.type("10")
    tab_to(page, page.get_by_role("button", name="Delivery summary"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/delivery-summary/")
    tab_to(page, page.get_by_role("link", name="Schedule"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/schedule/")
    tab_to(page, page.get_by_role("button", name="Schedule"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("It runs on Sat 13 Mar 2027 09:00 UTC.")).to_be_visible()
    campaign.refresh_from_db()
    assert (campaign.grace, campaign.brakes) == (15, {"smallest": 10})
    tab_to(page, page.get_by_role("button", name="Unschedule and edit"))
    page.keyboard.press("Enter")
    expect(page.locator("#name")).to_be_visible()
    assert not Campaign.objects.get().is_scheduled


def test_by_keyboard_one_goes_through_the_calendar(go, campaign):
    Campaign.objects.update(
        schedule={"daily": "09:00"}, scheduled_at=NOW, next_run_at=NOW + timedelta(hours=21)
    )
    page = go("/calendar/")
    expect(page.get_by_role("heading", level=1)).to_have_text("March 2027")
    look(page, "calendar")
    tab_to(page, page.get_by_role("link", name="Apr", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("April 2027")
    tab_to(page, page.get_by_role("link", name="09:00 Spring Sale Scheduled").first)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/campaigns/{campaign.pk}/")
