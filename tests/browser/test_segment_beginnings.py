"""Before a segment or a list can begin: whose customers it is about, or that there are none yet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.looking import look
from tests.browser.shops import open_shop

ARCHIVE = """
from campaigns.customers.models import CustomerDatabase
from config import clock
active = CustomerDatabase.objects.active()
print(*active.values_list("pk", flat=True))
active.update(archived_at=clock.now())
"""
BACK = """
from campaigns.customers.models import CustomerDatabase
CustomerDatabase.objects.filter(pk__in={pks}).update(archived_at=None)
"""


@pytest.fixture
def no_database(house) -> Iterator[None]:
    ended = house.manage("shell", "-v", "0", "-c", ARCHIVE)
    assert ended.returncode == 0, ended.stderr
    yield
    house.manage("shell", "-v", "0", "-c", BACK.format(pks=[int(pk) for pk in ended.stdout.split()]))


def test_whose_customers_is_asked_first(visit, house):
    open_shop(house, "Second shop", "Anybody", {"attribute": "customer_360.city", "empty": False})
    page = visit("marketer")
    page.goto("/segments/new/")
    expect(page.get_by_role("heading", name="Whose customers?")).to_be_visible()
    look(page, "segment-choose")
    page.get_by_role("link", name="Second shop").click()
    expect(page.locator("#r-0-attribute")).to_be_visible()


def test_without_a_customer_database_the_pages_say_whom_to_ask(visit, no_database):
    page = visit("marketer")
    page.goto("/segments/new/")
    expect(page.get_by_text("Demo Datagrid Operator")).to_be_visible()
    look(page, "segment-no-database")
    page.goto("/segments/lists/new/")
    expect(page.get_by_text("Demo Datagrid Operator")).to_be_visible()
    look(page, "list-no-database")
