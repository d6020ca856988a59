"""A folder for files, and one that describes a campaign of the cast's customer database and destination."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from campaigns.as_files.applying import Applied, apply_file

SEGMENTS = """
segments:
  - name: Chicago regulars
    customer_database: Demo customers
    time_zone: America/Chicago
    rules:
      all:
        - {attribute: customer_360.city, is: Chicago}
        - any:
            - {attribute: customer_360.state, in: [IL, WI]}
            - {attribute: customer_360.loyalty_tier, is_not: none}
        - rows: orders
          where: {all: [{attribute: orders.amount, gte: 50}, {attribute: orders.ordered_at, in_last: 90 days}]}
          aggregate: count
          gte: 3
        - {segment: Opted in to email}
  - name: Opted in to email
    customer_database: Demo customers
    rules: {all: [{attribute: customer_360.email_opt_in, is: true}]}
  - name: Unsubscribed
    customer_database: Demo customers
    rules: {none: [{segment: Opted in to email}]}
"""
CAMPAIGN = """
campaigns:
  - name: Spring Sale
    customer_database: Demo customers
    include: [Chicago regulars]
    exclude: [Unsubscribed]
    assign_to_first_match_only: true
    sub_audiences:
      - name: Gold
        rules: {all: [{attribute: customer_360.loyalty_tier, is: gold}]}
        treatment_groups:
          - {name: GoldHoldout, percent: 10, is_control: true}
          - {name: GoldOffer, percent: 90, destinations: [Attentive Segments (email)]}
      - name: All remaining recipients
        treatment_groups:
          - {name: EveryoneElse, percent: 100, destinations: [Attentive Segments (email)]}
    schedule: {at: 2027-03-01T09:00, time_zone: America/Chicago}
    launch_date: 2027-03-02T09:00
    scheduled: false
"""


@pytest.fixture
def apply(db: None, tmp_path: Path) -> Callable[..., Applied]:
    """Applies a text as a file would be."""

    def apply_text(text: str, **options: Any) -> Applied:
        path = tmp_path / "muster.yaml"
        path.write_text(text)
        return apply_file(path, **options)

    return apply_text
