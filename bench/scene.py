"""What has to stand in the database before a bench: `python -m bench.scene`, the task as JSON on the standard input.

It runs in a process of its own, so that the bench itself stays small and its children's peaks are their own.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from campaigns.customers.models import CustomerDatabase
    from campaigns.planning.models import Campaign
    from destinations.models import Destination

RULES = {
    "all": [
        {"attribute": "customer_360.state", "in": ["IL", "WA"]},
        {"attribute": "customer_360.orders", "gte": 5},
    ]
}
SHARES = {"Holdout": 1000, "MorningOffer": 4500, "EveningOffer": 4500}
CONTROL = "Holdout"


def start_django() -> None:
    """With a database of its own for this run."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def customers_of(folder: str) -> CustomerDatabase:
    """The customer database over a folder of Parquet files, its catalogue read."""
    from campaigns.customers.catalogue import read_catalogue
    from campaigns.customers.models import CustomerDatabase

    made = CustomerDatabase.objects.filter(name=folder[-100:]).first()
    if made is not None:
        return made
    database = CustomerDatabase(
        name=folder[-100:], url=f"files:{folder}", customer_key="customer_id", profile_table="customer_360"
    )
    database.catalogue = read_catalogue(database).to_json()
    database.save()
    return database


def _destination(task: dict[str, Any]) -> Destination:
    from destinations.models import Credential, Destination

    fields = {"hostname": "127.0.0.1", "port": task["port"], "username": task["user"]}
    fields["private_key"] = Path(task["key"]).read_text()
    name = f"OpenSSH on port {task['port']}"
    credential = Credential.objects.create(kind="attentive_segments", name=name, fields=fields)
    settings = {
        "client_domain": "bench",
        "remote_folder": task["uploads"].replace(" ", "\\ "),
        "identifier": "email",
        "segment_name_template": "{{ campaign_name }}_{{ group_name }}",
        "files": "separate",
        "large_audiences": "numbered_segments",
        "time_zone": "UTC",
    }
    found = Destination(kind="attentive_segments", name=name, credential=credential, settings=settings)
    found.host_key = task["fingerprint"]
    found.account_key = found.the_kind.account_key(settings, fields)
    found.drop_point = found.the_kind.drop_point(settings, fields)
    found.save()
    return found


def _campaign(name: str, database: CustomerDatabase, destination: Destination) -> Campaign:
    from campaigns.customers.models import DefaultAttribute
    from campaigns.planning.draft import Draft, DraftGroup, DraftSubAudience, save
    from campaigns.segments.models import Segment
    from campaigns.segments.rules import dump, parse

    DefaultAttribute.objects.create(
        destination=destination, customer_database=database, column="merged_customers.email"
    )
    segment = Segment.objects.create(customer_database=database, name=name, rules=dump(parse(RULES)))
    groups = tuple(
        DraftGroup(
            group,
            f"{share / 100:.2f}",
            is_control=group == CONTROL,
            destinations=() if group == CONTROL else (destination.pk,),
        )
        for group, share in SHARES.items()
    )
    draft = Draft(
        name=name,
        customer_database=database.pk,
        include=(segment.pk,),
        sub_audiences=(DraftSubAudience("All remaining recipients", groups),),
    )
    return save(draft, None, None, None)


def set_up(task: dict[str, Any]) -> dict[str, Any]:
    """A campaign that only waits for its launch; what the floor needs to know of it."""
    from campaigns.launches.audience import SEPARATOR

    destination = _destination(task)
    name = f"Bench {destination.pk}"
    campaign = _campaign(name, customers_of(task["customers"]), destination)
    sub_audience = campaign.live_sub_audiences().get()
    kind = destination.the_kind
    return {
        "campaign": name,
        "prefix": SEPARATOR.join((campaign.salt, str(sub_audience.pk), "")),
        "treated": {
            kind.segment_name(destination.settings, name, group): share
            for group, share in SHARES.items()
            if group != CONTROL
        },
    }


if __name__ == "__main__":
    start_django()
    json.dump(set_up(json.loads(sys.argv[1])), sys.stdout)
