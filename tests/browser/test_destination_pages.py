"""Adding a login and a destination in a browser, and what happens where the far side says no."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import look

CHANGE_THE_KEY = """
from destinations.models import Destination
Destination.objects.filter(name="Changed key").update(host_key="SHA256:" + "A" * 43)
"""


@pytest.fixture
def login(house) -> dict[str, str]:
    """What lets into the sandbox that runs in the house."""
    passphrase = (house.folder / "sandbox" / "passphrase").read_text().strip()
    return {
        "Hostname": "127.0.0.1",
        "Port": str(house.port + 2),
        "User name": "acme",
        "Passphrase": passphrase,
    }


def fill(page: Page, values: dict[str, str]) -> None:
    for label, value in values.items():
        page.get_by_label(label).first.fill(value)


def add_credential(page: Page, name: str, login: dict[str, str]) -> None:
    page.goto("/credentials/new/?kind=attentive_segments")
    page.get_by_label("Name", exact=True).fill(name)
    fill(page, login)
    page.get_by_role("button", name="Save credential").click()
    expect(page.get_by_role("status")).to_contain_text(f"“{name}” is saved")


def begin_destination(page: Page, name: str, credential: str) -> None:
    page.goto("/destinations/new/?kind=attentive_segments")
    page.get_by_label("Credential").select_option(credential)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Client domain").fill("acme")
    page.get_by_role("radio", name="Email").check()


def save(page: Page) -> None:
    page.get_by_role("button", name="Check and save").click()


def refused(page: Page):
    return page.get_by_role("alert").filter(has_text="Nothing is saved")


def test_from_a_login_to_a_destination(visit, login):
    page = visit("operator")
    page.get_by_role("link", name="Credentials").click()
    expect(page.get_by_role("heading", name="Credentials")).to_be_visible()
    look(page, "credentials")
    page.get_by_role("link", name="New credential").click()
    expect(page.get_by_role("heading", name="New credential")).to_be_visible()
    look(page, "credential-kinds")
    page.get_by_role("link", name="Choose Attentive (segments)").click()
    page.get_by_role("button", name="Save credential").click()
    expect(page.get_by_text("Look at the fields marked in red")).to_be_visible()
    look(page, "credential-refused")
    add_credential(page, "New login", {**login, "Passphrase": "not it"})

    begin_destination(page, "New destination", "New login")
    look(page, "destination-new")
    save(page)
    expect(refused(page)).to_contain_text("refused this user name and passphrase")
    expect(page.get_by_label("Client domain")).to_have_value("acme")
    expect(page.get_by_role("radio", name="Email")).to_be_checked()
    expect(page.get_by_text("refused this user name and passphrase")).to_have_count(2)
    look(page, "destination-wrong-password")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open this credential in another tab").click()
    expect(opened.value.get_by_role("heading", name="New login")).to_be_visible()
    opened.value.close()

    page.goto("/credentials/")
    page.get_by_role("link", name="New login").click()
    expect(page.get_by_label("Passphrase", exact=False).first).to_have_value("")
    expect(page.get_by_text("One is stored.")).to_be_visible()
    look(page, "credential")
    fill(page, {"Passphrase": login["Passphrase"]})
    page.get_by_role("button", name="Save credential").click()
    expect(page.get_by_role("status")).to_contain_text("“New login” is saved")

    begin_destination(page, "New destination", "New login")
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("Is this the right server?")
    expect(page.get_by_role("listitem").filter(has_text="To accept:")).to_contain_text("Host key")
    expect(page.get_by_role("button", name="Check and save")).to_have_count(0)
    look(page, "destination-host-key")
    page.get_by_role("button", name="Accept this key and save").click()
    expect(page.get_by_role("heading", name="New destination")).to_be_visible()
    expect(page.get_by_role("status").first).to_contain_text("the connection works")
    expect(page.get_by_text("Host key accepted by Demo Datagrid Operator")).to_be_visible()
    look(page, "destination")
    page.get_by_role("button", name="Check the connection now").click()
    expect(page.get_by_text("Everything works")).to_be_visible()
    look(page, "destination-checked")
    page.get_by_role("link", name="Destinations", exact=True).first.click()
    expect(page.get_by_role("heading", name="Destinations")).to_be_visible()
    look(page, "destinations")


def test_each_cause_has_its_own_sentence(visit, house, login):
    page = visit("operator")
    add_credential(page, "Refused port", {**login, "Port": "9"})
    add_credential(page, "Other host", {**login, "Hostname": "sftp.example.com"})
    add_credential(page, "Right login", login)
    begin_destination(page, "Nowhere", "Refused port")
    save(page)
    expect(refused(page)).to_contain_text("refused the connection")
    page.get_by_label("Credential").select_option("Other host")
    save(page)
    expect(refused(page)).to_contain_text("Correct the host")
    page.get_by_label("Credential").select_option("Right login")
    page.get_by_label("Remote folder").fill("/nowhere")
    save(page)
    expect(refused(page)).to_contain_text("There is no folder /nowhere")
    expect(page.get_by_label("Remote folder")).to_have_value("/nowhere")
    look(page, "destination-missing-folder")
    page.goto("/destinations/")
    expect(page.get_by_role("link", name="Nowhere")).to_have_count(0)


def test_a_changed_host_key_is_accepted_on_purpose(visit, house, login):
    page = visit("operator")
    add_credential(page, "Key login", login)
    begin_destination(page, "Changed key", "Key login")
    save(page)
    page.get_by_role("button", name="Accept this key and save").click()
    expect(page.get_by_role("heading", name="Changed key")).to_be_visible()
    assert house.manage("shell", "-v", "0", "-c", CHANGE_THE_KEY).returncode == 0
    page.get_by_role("button", name="Check the connection now").click()
    expect(page.get_by_role("alert")).to_contain_text("A" * 43)
    look(page, "destination-changed-key")
    page.get_by_role("button", name="Accept the new key").click()
    expect(page.get_by_role("status").first).to_contain_text("The new host key is accepted")
    page.get_by_role("link", name="Disable").click()
    expect(page.get_by_role("heading", name="Disable “Changed key”?")).to_be_visible()
    look(page, "destination-disable")
    page.get_by_role("button", name="Disable “Changed key”").click()
    expect(page.get_by_text("No launch sends to it until")).to_be_visible()
    look(page, "destination-disabled")
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("link", name="Disable")).to_be_visible()
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("heading", name="Delete “Changed key”?")).to_be_visible()
    look(page, "destination-delete")
    page.get_by_role("button", name="Delete “Changed key”").click()
    expect(page.get_by_role("status").first).to_contain_text("is deleted")


def test_the_preview_follows_the_template(visit, login):
    page = visit("operator")
    add_credential(page, "Preview login", login)
    begin_destination(page, "Preview", "Preview login")
    template = page.get_by_label("Segment name template")
    template.fill("{{ group_name }}_x")
    expect(page.locator("#names")).to_contain_text("GoldTier_x")
    template.fill("{{ brand }}")
    expect(page.locator("#names")).to_contain_text("is no variable")
    look(page, "destination-template")


def test_another_kind_is_drawn_by_its_own_forms(visit):
    page = visit("operator")
    page.goto("/credentials/new/?kind=https_upload")
    look(page, "credential-https")
    page.get_by_label("Name", exact=True).fill("Partner token")
    page.get_by_label("Bearer token").fill("an-invented-token")
    page.get_by_role("button", name="Save credential").click()
    expect(page.get_by_role("status")).to_contain_text("“Partner token” is saved")
    page.goto("/destinations/new/?kind=https_upload")
    look(page, "destination-https")


def test_a_marketer_reads_and_an_operator_edits(visit):
    page = visit("marketer")
    page.goto("/destinations/")
    page.get_by_role("main").get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    expect(page.get_by_role("link", name="Edit")).to_have_count(0)
    look(page, "destination-marketer")
    page.goto("/credentials/")
    expect(page.get_by_text("Only operators may do this.")).to_be_visible()
