"""Customer databases with one segment, in the house that runs."""

from __future__ import annotations

import json

from tests.base import make_customers
from tests.browser.house import House

MAKE = """
import json
from campaigns.customers.catalogue import read_catalogue
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.models import Segment
shop = CustomerDatabase(name={name!r}, customer_key="customer_id", profile_table="customer_360")
shop.url = "files:{folder}"
shop.catalogue = read_catalogue(shop).to_json()
shop.save()
rules = {{"version": 2, "rules": {{"all": [json.loads({rule!r})]}}}}
made = Segment.objects.create(customer_database=shop, name={segment!r}, rules=rules)
print(shop.pk, made.pk)
"""


def open_shop(house: House, name: str, segment: str, rule: dict[str, object]) -> tuple[int, int]:
    """The ids of a customer database and of a segment with one rule."""
    folder = house.folder.with_name(name.lower())
    make_customers(folder)
    code = MAKE.format(name=name, folder=folder, rule=json.dumps(rule), segment=segment)
    ended = house.manage("shell", "-v", "0", "-c", code)
    assert ended.returncode == 0, ended.stderr
    database, made = ended.stdout.split()[-2:]
    return int(database), int(made)
