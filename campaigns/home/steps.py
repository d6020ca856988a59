"""The first steps of a new house: what is done, what comes next, and who may do it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from campaigns.customers.models import CustomerDatabase
from campaigns.launches.models import Launch, Purpose
from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
from config.accounts.models import Role, User
from destinations.models import Destination


@dataclass(frozen=True)
class Step:
    title: str
    text: str
    is_done: bool
    url: str
    button: str
    role: Role  # who may do it


def first_steps(user: User) -> list[Step]:
    """All of them until something was launched, then none."""
    if Launch.objects.filter(purpose=Purpose.LAUNCH).exists():
        return []
    campaign = Campaign.objects.active().order_by("-updated_at", "-pk").first()
    return [
        Step(
            "Connect a customer database",
            "Where the customers are read from: a folder of Parquet or CSV files, or a database.",
            CustomerDatabase.objects.active().exists(),
            reverse("customer_database_list"),
            "Connect a customer database",
            Role.OPERATOR,
        ),
        Step(
            "Add a destination",
            "Where lists go: a credential, a folder, and whether people are known by e-mail or phone.",
            Destination.objects.for_user(user).enabled().exists(),
            reverse("destination_list"),
            "Add a destination",
            Role.OPERATOR,
        ),
        Step(
            "Build a segment",
            "Rules that say who belongs, with their number as you go.",
            Segment.objects.active().exists(),
            reverse("segment_new"),
            "Build a segment",
            Role.MARKETER,
        ),
        Step(
            "Plan a campaign",
            "Whom to include, how to split them into treatment groups, where each group goes.",
            campaign is not None,
            reverse("campaign_new"),
            "New campaign",
            Role.MARKETER,
        ),
        Step(
            "Launch it",
            "The delivery summary shows what will arrive before anything is sent.",
            False,
            reverse("campaign", args=[campaign.pk]) if campaign else reverse("campaign_list"),
            f"Open {campaign}" if campaign else "Go to campaigns",
            Role.MARKETER,
        ),
    ]


def next_step(steps: list[Step]) -> Step | None:
    return next((step for step in steps if not step.is_done), None)


def may_do(user: User, step: Step) -> bool:
    return user.may_operate if step.role == Role.OPERATOR else user.may_market
