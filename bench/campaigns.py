"""The list of campaigns with 10,000 of them, against the same list with 100: seconds and queries of each page.

    python -m bench.campaigns --campaigns 10000

Half of the campaigns are launched, each up to 20 times; they have labels, lie in folders, and some are archived or
scheduled. Each page is asked for by Django's test client, whole, as a marketer gets it; the quickest of some rounds.
The number of queries has to be the same, however many campaigns there are.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

from bench.measuring import circumstances, live_in, scratch, write
from bench.scene import start_django

if TYPE_CHECKING:
    from django.test import Client

FEW = 100
ROUNDS = 5
MOST_SECONDS = 1.0
MOST_LAUNCHES = 20
STATES = ("delivered", "failed", "partly_delivered", "needs_you", "cancelled", "nothing_to_send")
SCHEDULES: tuple[dict[str, Any], ...] = (
    {},
    {"asap": True},
    {"daily": "09:00"},
    {"monthly": 1, "time": "09:00"},
)
# {what is asked for: the address below /campaigns/}
PAGES = {
    "first page": "",
    "last page": "?page=last",
    "search": "?q=sale 7",
    "status": "?status=delivered",
    "cadence": "?cadence=daily",
    "destination": "?destination={destination}",
    "label": "?label=label3",
    "creator": "?creator={person}",
    "folder": "?folder={folder}",
    "all at once": "?q=sale&status=delivered&cadence=none&destination={destination}&label=label20&folder={folder}",
    "archived": "?archived=1",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--campaigns", type=int, default=10_000, help="how many (default: 10,000)")
    parser.add_argument("--check", action="store_true", help="exit 1 where the target is missed")
    options = parser.parse_args()
    found = circumstances(1) | {"campaigns": options.campaigns}
    with scratch() as data:
        live_in(data, 1)
        start_django()
        client, ids = _house()
        _make(0, FEW, ids)
        few = {name: _asked(client, path.format(**ids)) for name, path in PAGES.items()}
        _make(FEW, options.campaigns, ids)
        many = {name: _asked(client, path.format(**ids)) for name, path in PAGES.items()}
    _tell(options, found, few, many)


def _house() -> tuple[Client, dict[str, int]]:
    """A marketer who is signed in, and what the campaigns are about."""
    from django.conf import settings
    from django.test import Client

    from campaigns.customers.models import CustomerDatabase
    from campaigns.planning.filing.folders import at_path
    from config.accounts.models import Role, User
    from destinations.models import Credential, Destination

    settings.ALLOWED_HOSTS = ["testserver"]
    person = User.objects.create(username="marketer", role=Role.MARKETER, sees_personal_data=True)
    database = CustomerDatabase.objects.create(name="Nobody", url="files:nowhere", customer_key="customer_id")
    credential = Credential.objects.create(kind="https_upload", name="Login")
    destination = Destination.objects.create(
        kind="https_upload", name="Mail", credential=credential, settings={}
    )
    folder = at_path("Retail / Spring / Outlet", None)
    assert folder is not None
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    ids = {"person": person.pk, "database": database.pk, "destination": destination.pk, "folder": folder.pk}
    return client, ids


def _make(first: int, last: int, ids: dict[str, int]) -> None:
    """Campaigns of these numbers, with their launches, labels and groups."""
    from django.utils import timezone

    from campaigns.launches.models import Launch
    from campaigns.planning.filing.models import CampaignLabel
    from campaigns.planning.models import Campaign, SubAudience, TreatmentGroup

    now = timezone.now()
    made = Campaign.objects.bulk_create(
        Campaign(
            name=f"Sale {number}",
            customer_database_id=ids["database"],
            created_by_id=ids["person"],
            edited_by_id=ids["person"],
            folder_id=ids["folder"] if number % 3 == 0 else None,
            schedule=SCHEDULES[number % len(SCHEDULES)],
            scheduled_at=now if number % 10 == 2 else None,
            next_run_at=now if number % 10 == 2 else None,
            archived_at=now if number % 20 == 1 else None,
        )
        for number in range(first, last)
    )
    places = list(enumerate(made, start=first))
    CampaignLabel.objects.bulk_create(
        CampaignLabel(campaign=one, name=f"label{(number + place) % 40}")
        for number, one in places
        for place in range(3)
    )
    parts = SubAudience.objects.bulk_create(SubAudience(campaign=one, position=0, name="All") for one in made)
    groups = TreatmentGroup.objects.bulk_create(
        TreatmentGroup(sub_audience=part, position=0, name="Offer", percent=100) for part in parts
    )
    to = TreatmentGroup.destinations.through
    to.objects.bulk_create(
        to(treatmentgroup_id=group.pk, destination_id=ids["destination"]) for group in groups
    )
    Launch.objects.bulk_create(
        Launch(campaign=one, frozen={}, state=STATES[(number + launch) % len(STATES)])
        for number, one in places
        if number % 2 == 0
        for launch in range(number % MOST_LAUNCHES + 1)
    )


def _asked(client: Client, path: str) -> tuple[float, int]:
    """(the seconds of the quickest round, the queries of one)."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    taken, queries = [], 0
    for _ in range(ROUNDS):
        with CaptureQueriesContext(connection) as captured:
            started = time.perf_counter()
            answer = client.get(f"/campaigns/{path}")
            taken.append(time.perf_counter() - started)
        queries = len(captured)
        assert answer.status_code == 200
        assert b"<tbody>" in answer.content, f"nothing is found by {path}"
    return min(taken), queries


def _tell(
    options: argparse.Namespace,
    found: dict[str, Any],
    few: dict[str, tuple[float, int]],
    many: dict[str, tuple[float, int]],
) -> None:
    for name, (seconds, queries) in many.items():
        before, queries_before = few[name]
        print(
            f"{name:12} {seconds * 1000:7.1f} ms, {queries} queries;"
            f" with {FEW}: {before * 1000:.1f} ms, {queries_before}"
        )
    # With more than one page, the pager's buttons stand on each.
    is_constant = all(many[name][1] == few[name][1] for name in PAGES)
    slowest = max(seconds for seconds, _ in many.values())
    is_met = is_constant and slowest <= MOST_SECONDS
    told = "the same number of queries" if is_constant else "ANOTHER number of queries"
    print(f"{told}; slowest {slowest:.2f} s, at most {MOST_SECONDS}: {'reached' if is_met else 'MISSED'}")
    figures = {name: {"seconds": round(one[0], 4), "queries": one[1]} for name, one in many.items()}
    write("campaigns", {**found, "constant_queries": is_constant, "pages": figures})
    if options.check and not is_met:
        sys.exit(1)


if __name__ == "__main__":
    main()
