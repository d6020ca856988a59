"""The labels of a campaign: read as people type them, checked, stored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.db import transaction

from campaigns.planning.filing.models import CampaignLabel
from campaigns.planning.models import Campaign
from config.accounts.models import User
from config.audit.models import record

MOST_LABELS = 10
LONGEST_LABEL = 35
_LABEL = re.compile(r"[\w-]+")


class LabelsRefused(Exception):
    """`message` is one sentence that says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def read_labels(text: str) -> list[str]:
    """What stands in a field, divided by commas or spaces."""
    return re.split(r"[\s,]+", text.strip(" ,")) if text.strip(" ,") else []


def set_labels(campaign: Campaign, names: Iterable[str], user: User | None) -> None:
    """Give a campaign these labels and no others. Raises LabelsRefused.

    One that other campaigns have in other letters ("VIP" for "vip") is taken as it stands there.
    """
    wanted = _right(names)
    there = CampaignLabel.objects.exclude(campaign=campaign).order_by().values_list("name", flat=True)
    spelt = {name.casefold(): name for name in there.distinct()}
    now = sorted(spelt.get(name.casefold(), name) for name in wanted)
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        was = labels_of(campaign)
        if was == now:
            return
        campaign.labels.all().delete()
        CampaignLabel.objects.bulk_create(CampaignLabel(campaign=campaign, name=name) for name in now)
        record(user, "labelled", campaign, was=was, now=now)


def labels_of(campaign: Campaign) -> list[str]:
    return sorted(campaign.labels.values_list("name", flat=True))


def known_labels() -> list[str]:
    return list(CampaignLabel.objects.order_by("name").values_list("name", flat=True).distinct())


def _right(names: Iterable[str]) -> Sequence[str]:
    found: dict[str, str] = {}
    for name in (unicodedata.normalize("NFC", one) for one in names):
        if not _LABEL.fullmatch(name):
            raise LabelsRefused(
                f"The label “{name[:LONGEST_LABEL]}” is not made of letters, digits, “-” and “_” alone. Write it so."
            )
        if len(name) > LONGEST_LABEL:
            raise LabelsRefused(
                f"The label “{name[:LONGEST_LABEL]}…” has {len(name)} characters. Use {LONGEST_LABEL} at most."
            )
        found.setdefault(name.casefold(), name)
    if len(found) > MOST_LABELS:
        raise LabelsRefused(
            f"A campaign has {MOST_LABELS} labels at most; these are {len(found)}. Remove some."
        )
    return list(found.values())
