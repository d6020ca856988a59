"""Each save of a campaign becomes a version that stays, from a page or from a file."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from campaigns.planning.history.models import CampaignVersion
from campaigns.planning.models import Campaign
from campaigns.planning.plain import Draft

# What only a form that is being filled in has.
_NOT_STORED = ("by_segments", "is_open")


def keep_version(campaign: Campaign, draft: Draft) -> None:
    """Keep what stands in the database, in the transaction that stored it; a version is kept once."""
    CampaignVersion.objects.get_or_create(
        campaign=campaign, number=campaign.version, defaults={"content": dumped(draft)}
    )


def dumped(draft: Draft) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(json.dumps(asdict(draft), default=str))
    for part in content["sub_audiences"]:
        for key in _NOT_STORED:
            part.pop(key)
    return content
