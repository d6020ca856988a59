"""Looking at a page as people see it: light and dark, wide and narrow, and with a screen reader's eyes."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Response

from tests.browser.house import ROOT

WIDTHS = {1280: 900, 360: 740}
THEMES = ("light", "dark")
# An element that ends right of the window, unless it scrolls inside a box of its own.
SIDEWAYS = """() => {
  if (document.documentElement.scrollWidth <= window.innerWidth) return [];
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
    .slice(0, 5).map((one) => `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 40)}`);
}"""


def look(page: Page, name: str) -> None:
    """The page as it stands: nothing for axe to find and no scrolling sideways in any theme and width.

    With SCREENSHOTS=1 a picture of each is kept in var/screenshots.
    """
    page.wait_for_load_state()
    before = page.viewport_size
    theme = page.evaluate("document.documentElement.dataset.bsTheme")
    found: list[str] = []
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        for theme_now in THEMES:
            page.evaluate("(theme) => { document.documentElement.dataset.bsTheme = theme }", theme_now)
            where = f"{name}, {width} px, {theme_now}"
            found += [f"{where}: {problem}" for problem in _problems(page)]
            screenshot(page, f"{name}-{width}-{theme_now}")
    page.evaluate("(theme) => { document.documentElement.dataset.bsTheme = theme }", theme)
    if before:
        page.set_viewport_size(before)
    assert not found, "\n".join(found)


def _problems(page: Page) -> list[str]:
    # Colours that are still on their way to another theme would be measured half-way.
    page.evaluate(
        "() => Promise.all(document.getAnimations().filter((one) => one.effect.getTiming()"
        ".iterations !== Infinity).map((one) => one.finished.catch(() => {})))"
    )
    sideways = [f"wider than the window: {element}" for element in page.evaluate(SIDEWAYS)]
    violations = Axe().run(page).response["violations"]
    return sideways + [_told(violation) for violation in violations]


def _told(violation: dict[str, Any]) -> str:
    nodes = "; ".join(
        f"{node['html'][:150]} ({node['failureSummary'][:200]})" for node in violation["nodes"][:3]
    )
    return f"{violation['id']}: {violation['help']}: {nodes}"


def screenshot(page: Page, name: str) -> None:
    if os.environ.get("SCREENSHOTS") == "1":
        folder = ROOT / "var" / "screenshots"
        folder.mkdir(parents=True, exist_ok=True)
        # Hiding the caret would take an inline style, which the pages forbid.
        page.screenshot(path=folder / f"{name}.png", full_page=True, caret="initial")


@dataclass
class Complaints:
    """What a browser complains of while somebody clicks: broken scripts, a policy that forbids, answers of 500."""

    found: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(f"script: {error}"))
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # An answer that is an error by intention (401, 403, 404) is told in the console too, and a request that a
        # newer one replaced.
        expected = (
            "Failed to load resource",
            "htmx:sendAbort",
            "htmx:afterRequest",
            "Response Status Error Code 40",
        )
        if message.type == "error" and not message.text.startswith(expected):
            self.found.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.found.append(f"{response.status}: {response.url}")
