"""Whether a due run is outside its campaign's brakes: judged by a pre-flight, so by the launch's own code."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.customers.connection import CustomerDatabaseError
from campaigns.customers.freshness import newest_change
from campaigns.launches.compare import newest_built
from campaigns.launches.models import Preflight
from campaigns.planning.models import Campaign
from config import clock


def outside(campaign: Campaign, counted: Preflight) -> list[str]:
    """Why a person has to decide, a sentence with its numbers for each brake; empty where the run may go."""
    audience = int(counted.result["counts"]["audience"])
    return [*_size(campaign, audience), *_change(campaign, audience), *_age(campaign)]


def _size(campaign: Campaign, audience: int) -> Iterator[str]:
    smallest, largest = campaign.brakes.get("smallest"), campaign.brakes.get("largest")
    if smallest is not None and audience < smallest:
        yield f"The audience is {audience:,}, and {smallest:,} is the smallest that goes by itself."
    if largest is not None and audience > largest:
        yield f"The audience is {audience:,}, and {largest:,} is the largest that goes by itself."


def _change(campaign: Campaign, audience: int) -> Iterator[str]:
    """A first launch has nothing to be compared with."""
    allowed, previous = campaign.brakes.get("change"), newest_built(campaign)
    if allowed is None or previous is None:
        return
    before = int(previous.counts["audience"])
    # In whole numbers: 100 × difference against percent × before, so that the limit itself passes.
    if 100 * abs(audience - before) > allowed * before:
        word = "more" if audience > before else "less"
        by = f"{100 * abs(audience - before) / before:,.1f} % {word}" if before else word
        yield (
            f"The audience is {audience:,}, {by} than the {before:,} of launch {previous.pk}, "
            f"and {allowed} % is the most that goes by itself."
        )


def _age(campaign: Campaign) -> Iterator[str]:
    allowed = campaign.brakes.get("data_age")
    if allowed is None:
        return
    try:
        newest = newest_change(campaign.customer_database, campaign.brakes["data_by"])
    except CustomerDatabaseError as error:
        yield f"How old the customer data is could not be told. {error.message}"
        return
    by = campaign.brakes["data_by"]
    if newest is None:
        yield f"How old the customer data is cannot be told: {by} has no date up to now."
        return
    hours = (clock.now() - newest).total_seconds() / 3600
    if hours > allowed:
        yield (
            f"The customer data is {hours:,.0f} hours old (newest: {newest:%Y-%m-%d %H:%M} UTC), "
            f"and {allowed:,} hours is the oldest that goes by itself."
        )
