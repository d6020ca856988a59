"""A customer database with three segments, two destinations of one account, and the form of the editor."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from campaigns.customers.models import CustomerDatabase, DefaultAttribute
from campaigns.planning.draft import Draft, DraftGroup, DraftSubAudience, save
from campaigns.segments.models import Segment
from destinations.models import Credential, Destination

RULES = {"version": 1, "rules": {"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}}


def _table(name: str, *columns: str) -> dict[str, Any]:
    return {
        "name": name,
        "key": "customer_id",
        "many": False,
        "columns": [{"name": column, "type": "text"} for column in columns],
    }


@pytest.fixture
def database(db: None) -> CustomerDatabase:
    """Known by its catalogue alone; nothing is read from it."""
    return CustomerDatabase.objects.create(
        name="Demo customers",
        url="files:nowhere",
        customer_key="customer_id",
        profile_table="customer_360",
        catalogue={
            "tables": [
                _table("customer_360", "customer_id", "city", "loyalty_tier"),
                _table("merged_customers", "customer_id", "email", "phone"),
            ]
        },
    )


@pytest.fixture
def segments(database: CustomerDatabase) -> list[Segment]:
    names = ["Chicago regulars", "Unsubscribed", "Gold members"]
    return [Segment.objects.create(customer_database=database, name=name, rules=RULES) for name in names]


def make_destination(name: str, identifier: str, account: str = "sftp:one", **more: Any) -> Destination:
    credential, _ = Credential.objects.get_or_create(kind="attentive_segments", name="Login")
    settings = {
        "client_domain": "acme",
        "remote_folder": "/uploads",
        "identifier": identifier,
        "segment_name_template": "{{ campaign_name }}_{{ group_name }}",
        "files": "separate",
        "large_audiences": "numbered_segments",
        "time_zone": "UTC",
        **more.pop("settings", {}),
    }
    return Destination.objects.create(
        kind="attentive_segments",
        name=name,
        credential=credential,
        settings=settings,
        account_key=account,
        drop_point=account,
        **more,
    )


@pytest.fixture
def mail(database: CustomerDatabase) -> Destination:
    destination = make_destination("Mail", "email")
    DefaultAttribute.objects.create(
        destination=destination, customer_database=database, column="merged_customers.email"
    )
    return destination


@pytest.fixture
def text(database: CustomerDatabase) -> Destination:
    """Takes phones, at the same account as `mail`."""
    destination = make_destination("Text", "phone")
    DefaultAttribute.objects.create(
        destination=destination, customer_database=database, column="merged_customers.phone"
    )
    return destination


def group(name: str, percent: str = "100.00", *to: Destination, **more: Any) -> DraftGroup:
    return DraftGroup(name, Decimal(percent), destinations=tuple(one.pk for one in to), **more)


def control(name: str = "Holdout", percent: str = "10.00", **more: Any) -> DraftGroup:
    return DraftGroup(name, Decimal(percent), is_control=True, **more)


def rest(*groups: DraftGroup, **more: Any) -> DraftSubAudience:
    return DraftSubAudience("All remaining recipients", groups, **more)


@pytest.fixture
def draft(database: CustomerDatabase, segments: list[Segment], mail: Destination) -> Callable[..., Draft]:
    """A right draft; keywords change it."""

    def make(*sub_audiences: DraftSubAudience, **changes: Any) -> Draft:
        fields = {
            "name": "Spring Sale",
            "customer_database": database.pk,
            "include": (segments[0].pk,),
            "exclude": (segments[1].pk,),
            "sub_audiences": sub_audiences or (rest(control(), group("GoldOffer", "90.00", mail)),),
        }
        return Draft(**{**fields, **changes})

    return make


# The editor's form ------------------------------------------------------------------------------------------

CONTROL = {"sub-0-group-0-name": "Holdout", "sub-0-group-0-percent": "10.00", "sub-0-group-0-control": "on"}


@pytest.fixture
def form(database, segments, mail):
    """A right form of a new campaign; keywords change it (`__` stands for `-`), None takes a field away."""

    def make(**changes):
        fields = {
            "name": "Spring Sale",
            "customer_database": database.pk,
            "include": [segments[0].pk],
            "exclude": [segments[1].pk],
            "assign_to_first_match_only": "on",
            "sub-0-id": "",
            "sub-0-how": "rest",
            "sub-0-name": "All remaining recipients",
            **CONTROL,
            "sub-0-group-1-name": "GoldOffer",
            "sub-0-group-1-percent": "90.00",
            "sub-0-group-1-to": [mail.pk],
            "time_zone": "UTC",
            "form_token": str(uuid4()),
            "action": "save",
        }
        fields |= {name.replace("__", "-"): value for name, value in changes.items()}
        return {name: value for name, value in fields.items() if value is not None}

    return make


@pytest.fixture
def client(client_of, marketer):
    return client_of(marketer)


@pytest.fixture
def campaign(draft, marketer):
    return save(draft(), None, marketer, None)


@pytest.fixture
def stored_form(form, campaign):
    """The form as the editor of the stored campaign would post it."""

    def make(**changes):
        sub_audience = campaign.live_sub_audiences().get()
        ids = [one.pk for one in sub_audience.live_groups()]
        fields = {"version": campaign.version, "sub-0-id": sub_audience.pk, "form_token": None}
        return form(**{**fields, "sub-0-group-0-id": ids[0], "sub-0-group-1-id": ids[1], **changes})

    return make
