"""Launches as a page finds them: a campaign of two groups, and launches in any state, made without an engine."""

from __future__ import annotations

from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from campaigns.customers.models import CustomerDatabase, DefaultAttribute
from campaigns.launches.built import Counts, DeliveryCounts, GroupCounts, Outcomes
from campaigns.launches.freeze import freeze
from campaigns.launches.frozen import Frozen
from campaigns.launches.models import Attempt, Delivery, Launch, LaunchFile, LaunchGroup
from campaigns.planning.draft import Draft, DraftGroup, DraftSubAudience, save
from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
from config import clock
from destinations.models import Credential, Destination

CHICAGO = {"version": 1, "rules": {"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}}
GOLD = {"version": 1, "rules": {"all": [{"attribute": "customer_360.loyalty_tier", "is": "gold"}]}}
LOGIN: Any = {"hostname": "127.0.0.1", "port": 22, "username": "acme", "passphrase": "an invented passphrase"}


def make_destination(database: CustomerDatabase, identifier: str = "email", **more: Any) -> Destination:
    """Nobody answers there, unless a credential of another server is given."""
    credential = more.pop("credential", None)
    if credential is None:
        credential, _ = Credential.objects.get_or_create(
            kind="attentive_segments", name="Login", defaults={"fields": LOGIN}
        )
    made = Destination(
        kind="attentive_segments",
        name=more.pop("name", f"Attentive ({identifier})"),
        credential=credential,
        settings={
            "client_domain": f"acme{identifier}",
            "remote_folder": "/uploads",
            "identifier": identifier,
            "segment_name_template": f"{{{{ campaign_name }}}}_{{{{ group_name }}}}_{identifier}",
            "files": "separate",
            "large_audiences": "numbered_segments",
            "time_zone": "UTC",
        },
        **more,
    )
    made.account_key = made.the_kind.account_key(made.settings, credential.fields)
    made.drop_point = made.the_kind.drop_point(made.settings, credential.fields)
    made.save()
    DefaultAttribute.objects.create(
        destination=made, customer_database=database, column=f"merged_customers.{identifier}"
    )
    return made


def make_campaign(
    database: CustomerDatabase, *destinations: Destination, name: str = "Spring Sale", ending: str = ""
) -> Campaign:
    """Everybody in Chicago but gold members: Holdout 10 %, GoldOffer 90 % to the destinations.

    `ending` sets its segments' names apart, where other tests have segments in the same house.
    """
    segment, _ = Segment.objects.get_or_create(
        customer_database=database, name=f"Chicago regulars{ending}", defaults={"rules": CHICAGO}
    )
    excluded, _ = Segment.objects.get_or_create(
        customer_database=database, name=f"Unsubscribed{ending}", defaults={"rules": GOLD}
    )
    groups = (
        DraftGroup("Holdout", Decimal("10.00"), is_control=True),
        DraftGroup("GoldOffer", Decimal("90.00"), destinations=tuple(one.pk for one in destinations)),
    )
    rest = DraftSubAudience("All remaining recipients", groups)
    draft = Draft(name, database.pk, (segment.pk,), (excluded.pk,), sub_audiences=(rest,))
    return save(draft, None, None, None)


def counts_of(frozen: Frozen, **changes: Any) -> Counts:
    """1,500 considered, 300 excluded; of 1,200 in the audience 120 in control; of 1,080 treated 1,000 sent."""
    groups = [group for sub_audience in frozen.sub_audiences for group in sub_audience.groups]
    sizes = {group.id: 120 if group.is_control else 1080 for group in groups}
    outcomes = Outcomes(sent=1000, missing=50, invalid=20, duplicate=7, shared_with_control=3)
    first = {"email": ("a···@example.com", "b···@example.com"), "phone": ("+12025550···", "+12025550···")}
    counts = Counts(
        considered=1500,
        excluded=((frozen.exclude[0], 300),),
        audience=1200,
        no_sub_audience=0,
        memberships=1200,
        control=120,
        no_destination=0 if frozen.destinations else 1080,
        sub_audiences=(),
        groups=tuple(GroupCounts(frozen.sub_audiences[0].id, pk, size) for pk, size in sizes.items()),
        deliveries=tuple(
            DeliveryCounts(group, one.id, 1000, outcomes, 0, first[one.identifier])
            for one in frozen.destinations
            for group in one.segment_names
        ),
        entered=30,
        left=12,
    )
    return replace(counts, **changes)


def make_launch(campaign: Campaign, state: str = "delivered", file_state: str = "", **more: Any) -> Launch:
    """A launch with a delivery and a file of 1,000 rows for each destination; `file__…` changes the files."""
    file = {name[6:]: more.pop(name) for name in list(more) if name.startswith("file__")}
    frozen = freeze(campaign)
    counts = more.pop("counts", counts_of(frozen))
    launch = Launch.objects.create(
        campaign=campaign,
        frozen=frozen.to_json(),
        counts=counts.to_json(),
        state=state,
        built_at=clock.now(),
        **more,
    )
    for place, delivered in enumerate(counts.deliveries):
        _make_delivery(launch, frozen, delivered, place, {"state": file_state or state, **file})
    return launch


def _make_delivery(
    launch: Launch, frozen: Frozen, counted: DeliveryCounts, place: int, file: dict[str, Any]
) -> None:
    destination = next(one for one in frozen.destinations if one.id == counted.destination_id)
    name = destination.segment_names[counted.group_id]
    group, _ = LaunchGroup.objects.get_or_create(
        launch=launch,
        group_id=counted.group_id,
        defaults={
            "position": 1,
            "sub_audience_id": frozen.sub_audiences[0].id,
            "sub_audience_name": "All remaining recipients",
            "group_name": "GoldOffer",
            "is_control": False,
            "customers": 1080,
        },
    )
    delivery = Delivery.objects.create(
        launch=launch,
        group=group,
        destination_id=destination.id,
        position=place,
        segment_name=name,
        state=file["state"],
        rows=counted.rows,
        outcomes=asdict(counted.outcomes),
    )
    section = {"segment_name": name, "group_id": group.group_id, "part": 1, "parts": 1, "rows": counted.rows}
    fields = {
        "rows": counted.rows,
        "size": 44_000,
        "sha256": "ab" * 32,
        "name": f"acme_subscriber_segment_20261124_{launch.pk}{place}.csv",
        "sections": [section],
        "confirmed_at": clock.now() if file["state"] == "delivered" else None,
        **file,
    }
    made = LaunchFile.objects.create(launch=launch, destination_id=destination.id, position=place, **fields)
    made.deliveries.add(delivery)


def make_attempt(file: LaunchFile, number: int, error: str = "", **more: Any) -> Attempt:
    return Attempt.objects.create(
        file=file, number=number, token=number, error=error, **{"started_at": clock.now(), **more}
    )
