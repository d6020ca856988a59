"""A house with one campaign whose launches the tests make up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from campaigns.customers.models import CustomerDatabase
from campaigns.launches.models import Delivery, Launch, LaunchFile, LaunchGroup
from campaigns.planning.models import Campaign
from destinations.models import Credential, Destination

Launched = Callable[..., Launch]


@pytest.fixture
def destination(db: None) -> Destination:
    credential = Credential.objects.create(kind="attentive_segments", name="Login")
    return Destination.objects.create(
        kind="attentive_segments",
        name="Mail",
        credential=credential,
        settings={"identifier": "email"},
        open_without_personal_data=True,
    )


@pytest.fixture
def campaign(db: None) -> Campaign:
    database = CustomerDatabase.objects.create(name="Demo customers", url="files:none", customer_key="id")
    return Campaign.objects.create(name="Spring Sale", customer_database=database)


@pytest.fixture
def launched(campaign: Campaign, destination: Destination) -> Launched:
    """A launch with one delivery and one file of 100 rows; keywords change it, `file__…` its file."""

    def make(**fields: Any) -> Launch:
        file = {name[6:]: fields.pop(name) for name in list(fields) if name.startswith("file__")}
        state = fields.setdefault("state", "delivered")
        fields.setdefault("campaign", campaign)
        fields.setdefault("counts", {"audience": 1200, "control": 120})
        launch = Launch.objects.create(frozen={}, **fields)
        group = LaunchGroup.objects.create(
            launch=launch, position=0, sub_audience_id=1, group_id=1, group_name="Gold", is_control=False
        )
        states = {"needs_you": "unknown", "building": "waiting", "partly_delivered": "failed"}
        sent = {"state": states.get(state, state), "destination": destination, "rows": 100}
        delivery = Delivery.objects.create(
            launch=launch, group=group, position=0, segment_name="SpringSale_Gold", **sent
        )
        if state == "delivered":
            sent["confirmed_at"] = launch.created_at
        one = LaunchFile.objects.create(
            launch=launch,
            position=0,
            size=1000,
            sections=[{"segment_name": "SpringSale_Gold"}],
            **{**sent, **file},
        )
        one.deliveries.add(delivery)
        return launch

    return make
