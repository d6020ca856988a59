"""A campaign that only waits for its launch, over the customers of base.py, to a real SFTP server."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from campaigns.customers.models import CustomerDatabase
from campaigns.launches import here
from campaigns.launches.deliver import deliver
from campaigns.launches.here import finish_here
from campaigns.launches.jobs import nobody_woken
from campaigns.launches.models import Launch
from campaigns.launches.start import launch_campaign
from campaigns.planning.draft import Draft, DraftGroup, DraftSubAudience, save
from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
from campaigns.segments.rules import dump, parse
from destinations.models import Destination


class _ThisThread:
    """Stands in for a pool where a test's own transaction hides its rows from every other connection."""

    def __init__(self, size: int) -> None:
        pass

    def __enter__(self) -> _ThisThread:
        return self

    def __exit__(self, *raised: object) -> None:
        pass

    map = map


@pytest.fixture(autouse=True)
def _files_one_by_one(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        monkeypatch.setattr(here, "ThreadPoolExecutor", _ThisThread)
        monkeypatch.setattr(here, "_deliver", deliver)


@pytest.fixture
def segment(customer_database: CustomerDatabase) -> Callable[..., Segment]:
    """`segment("Chicago", {"attribute": …})`: a stored segment of one rule."""

    def make(name: str, rule: dict[str, Any]) -> Segment:
        return Segment.objects.create(
            customer_database=customer_database, name=name, rules=dump(parse({"all": [rule]}))
        )

    return make


@pytest.fixture
def chicago(segment: Callable[..., Segment]) -> Segment:
    return segment("Chicago", {"attribute": "customer_360.city", "is": "Chicago"})


@pytest.fixture
def campaign(
    customer_database: CustomerDatabase, destination: Destination, chicago: Segment, segment: Any
) -> Campaign:
    """30 of Chicago, less the 5 gold ones born late: 20 % control, two treated groups."""
    gold = segment("Gold", {"attribute": "customer_360.loyalty_tier", "is": "gold"})
    groups = (
        DraftGroup("Holdout", Decimal("20.00"), is_control=True),
        DraftGroup("Offer", Decimal("40.00"), destinations=(destination.pk,)),
        DraftGroup("Reminder", Decimal("40.00"), destinations=(destination.pk,)),
    )
    draft = Draft(
        name="Spring Sale",
        customer_database=customer_database.pk,
        include=(chicago.pk,),
        exclude=(gold.pk,),
        sub_audiences=(DraftSubAudience("All remaining recipients", groups),),
    )
    return save(draft, None, None, None)


@pytest.fixture
def uploads(sandbox: Any) -> Path:
    return Path(sandbox.root) / "uploads"


@pytest.fixture
def launched(campaign: Campaign) -> Callable[[], Launch]:
    """Launch the campaign and do all that can be done."""

    def launch() -> Launch:
        with nobody_woken():
            started = launch_campaign(campaign, None)
        finish_here(started)
        return started

    return launch
