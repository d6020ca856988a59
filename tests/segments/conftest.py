"""A customer database known by its catalogue, people in front of its segments, and the form as a browser posts it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from campaigns.customers.models import CustomerDatabase
from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
from tests.segments.saved import CHICAGO, shop_like


@pytest.fixture
def database(db: None) -> CustomerDatabase:
    return shop_like("Shop")


@pytest.fixture
def make_segment(database: CustomerDatabase) -> Callable[..., Segment]:
    def make(name: str = "Chicago", *rules: dict[str, Any], **more: Any) -> Segment:
        stored = {"version": 1, "rules": {"all": list(rules) or [CHICAGO]}}
        return Segment.objects.create(name=name, **{"customer_database": database, "rules": stored, **more})

    return make


@pytest.fixture
def make_campaign(database: CustomerDatabase) -> Callable[..., Campaign]:
    """`include` and `exclude`: segments."""

    def make(name: str = "Spring Sale", include: Any = (), exclude: Any = (), **more: Any) -> Campaign:
        campaign = Campaign.objects.create(customer_database=database, name=name, **more)
        for position, segment in enumerate(include):
            campaign.includes.create(segment=segment, position=position)
        for position, segment in enumerate(exclude):
            campaign.excludes.create(segment=segment, position=position)
        return campaign

    return make


@pytest.fixture
def client(client_of: Callable[..., Client], marketer: Any) -> Client:
    return client_of(marketer)
