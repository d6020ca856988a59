"""A campaign that only waits for Launch, put into the house by a command: its customers, segment and destination."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.browser.house import House
    from tests.fakes import SftpFarSide


def put_campaign(
    house: House, far_side: SftpFarSide, name: str = "Spring Launch", ending: str = " to launch to"
) -> int:
    """To everybody in Chicago, 10 % in control; gives its id. What it is made of has names with this ending."""
    folder = str(house.folder.with_name("launching" + ending))
    words = json.dumps([folder, far_side.credential, far_side.fingerprint, name, ending])
    code = f"from tests.browser.campaign import make; print('made', make(*{words}))"
    done = house.manage("shell", "-c", code)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.rpartition("made ")[2])


def make(folder: str, login: dict[str, Any], host_key: str, name: str, ending: str) -> int:
    """In the house's own process."""
    from campaigns.customers.catalogue import read_catalogue
    from campaigns.customers.models import CustomerDatabase
    from destinations.models import Credential
    from tests.base import make_customers
    from tests.launches.on_page import make_campaign, make_destination

    make_customers(Path(folder))
    database = CustomerDatabase(
        name=f"Customers{ending}",
        url=f"files:{folder}",
        customer_key="customer_id",
        profile_table="customer_360",
    )
    database.catalogue = read_catalogue(database).to_json()
    database.save()
    fields: Any = login
    credential = Credential.objects.create(kind="attentive_segments", name=f"Login{ending}", fields=fields)
    destination = make_destination(database, credential=credential, host_key=host_key, name=f"Mail{ending}")
    return make_campaign(database, destination, name=name, ending=ending).pk
