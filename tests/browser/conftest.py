"""A house that runs, and a browser for anybody in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.base import program
from tests.browser.house import House, open_house
from tests.browser.looking import Complaints

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)

Visit = Callable[..., Page]
# What is looked for comes within this on a busy machine too, or never.
expect.set_options(timeout=10_000)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Closed before any other test begins: Playwright's event loop would be in the way of theirs."""
    path = program("chromium")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # That loop is in this thread, and nothing of Django runs in it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def house(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("house")) as found:
        yield found


@pytest.fixture
def visit(chromium: Browser, house: House) -> Iterator[Visit]:
    """`visit("marketer")`: the home page, signed in; `visit(None)`: the sign-in page."""
    complaints, contexts = Complaints(), []

    def come(name: str | None, password: str = "") -> Page:
        context: BrowserContext = chromium.new_context(
            base_url=house.url, viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        complaints.listen(page)
        page.goto("/")
        if name:
            sign_in(page, name, password or house.logins[name])
        return page

    yield come
    for context in contexts:
        context.close()
    assert not complaints.found, "\n".join(complaints.found)


def sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Needs you").wait_for()
    page.wait_for_load_state()
