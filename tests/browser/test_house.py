"""Signing in, finding one's way, and what stands where nothing is."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.looking import look


def test_signing_in(visit, house):
    page = visit(None)
    look(page, "sign-in")
    page.get_by_label("User name").fill("marketer")
    page.get_by_label("Password").fill("not it")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    look(page, "sign-in-wrong")
    page.get_by_label("User name").fill("marketer")
    page.get_by_label("Password").fill(house.logins["marketer"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Needs you")).to_be_visible()


def test_home(visit):
    page = visit("marketer")
    expect(page.get_by_text("Nothing needs you:")).to_be_visible()
    look(page, "home")


def test_the_theme_stays(visit):
    page = visit("viewer")
    page.get_by_label("Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_menu_opens_on_a_phone(visit):
    page = visit("operator")
    page.set_viewport_size({"width": 360, "height": 740})
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Home")
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(link).to_be_visible()
    look(page, "menu")


def test_the_first_tab_skips_to_the_content(visit):
    page = visit("viewer")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#main$"))


def test_people(visit, chromium):
    page = visit("administrator")
    page.get_by_role("link", name="People").click()
    look(page, "people")
    page.get_by_role("link", name="New person").click()
    page.get_by_role("button", name="Save person").click()
    page.get_by_label("User name").fill("nora")
    page.get_by_label("First name").fill("Nora")
    page.get_by_label("Role").select_option("Marketer")
    page.get_by_label("Password").fill("too short")
    page.get_by_role("button", name="Save person").click()
    expect(page.get_by_text("This password is too short.")).to_be_visible()
    look(page, "person-refused")
    page.get_by_label("Password").fill("a long invented passphrase")
    page.get_by_role("button", name="Save person").click()
    expect(page.get_by_role("status")).to_contain_text("Nora was added.")
    look(page, "people-added")
    hers = visit("nora", "a long invented passphrase")
    hers.get_by_role("link", name="Nora").click()
    expect(hers.get_by_role("heading", name="Change your password")).to_be_visible()
    look(hers, "change-password")


def test_the_last_administrator_stays(visit):
    page = visit("administrator")
    page.goto("/people/")
    page.get_by_role("main").get_by_role("link", name="Demo Datagrid Administrator").click()
    page.get_by_label("Role").select_option("Viewer")
    page.get_by_role("button", name="Save person").click()
    expect(page.get_by_text("This is the last administrator")).to_be_visible()


def test_what_is_not_there_and_what_is_not_allowed(visit):
    page = visit("viewer")
    page.goto("/nothing/here/")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    look(page, "not-found")
    page.goto("/people/")
    expect(page.get_by_text("Only administrators may do this.")).to_be_visible()
    look(page, "not-allowed")


def test_a_page_that_outlived_its_session_asks_to_sign_in_and_comes_back(visit, house):
    page = visit("administrator")
    page.goto("/people/new/")
    page.context.clear_cookies()
    page.reload()
    page.get_by_label("User name").fill("administrator")
    page.get_by_label("Password").fill(house.logins["administrator"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="New person")).to_be_visible()


def test_signing_out(visit):
    page = visit("viewer")
    page.get_by_label("Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
