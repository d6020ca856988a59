"""Segments that a campaign once sent and no longer sends: they stay in the platform with their last members."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from campaigns.launches.freeze import freeze
from campaigns.launches.frozen import Frozen
from campaigns.launches.models import Purpose, SentSegment
from campaigns.planning.models import Campaign
from campaigns.planning.naming import comparison_key

Lists = Iterable[tuple[str, str]]  # (account key, segment name)


@dataclass(frozen=True)
class LeftBehind:
    """One list that stands at an account and is not replaced."""

    account_key: str
    destination_name: str
    platform: str
    segment_name: str
    people: int
    since: datetime


def left_behind(
    campaign: Campaign, sent: Lists | None = None, *, after: int | None = None
) -> list[LeftBehind]:
    """What stays if the campaign sends the lists `sent` (None: what its configuration now names).

    `after` a launch, by its id: as it was when that launch had sent them, whatever was launched since.
    """
    if sent is None:
        sent = () if campaign.archived_at is not None else lists_of(freeze(campaign))
    sends = {(account, comparison_key(name)) for account, name in sent}
    return [_left(row) for row in _standing(campaign, after) if (row.account_key, row.name_key) not in sends]


def lists_of(frozen: Frozen) -> list[tuple[str, str]]:
    """Every list by name, with as many numbered parts as already stand there."""
    found = []
    for one in frozen.destinations:
        for group, name in one.segment_names.items():
            found.append((one.account_key, name))
            parts = range(2, one.parts.get(group, 1) + 1)
            found += [(one.account_key, f"{name}_{part}") for part in parts]
    return found


def _standing(campaign: Campaign, after: int | None) -> list[SentSegment]:
    """The newest list of each name that this campaign ever sent, where it is the campaign's own."""
    known = SentSegment.objects.filter(launch__lte=after) if after else SentSegment.objects.all()
    own = known.filter(campaign=campaign, launch__purpose=Purpose.LAUNCH, confirmed_at__isnull=False)
    names = set(own.order_by().values_list("account_key", "name_key").distinct())
    newest = (
        known.filter(
            account_key__in={account for account, _ in names}, name_key__in={key for _, key in names}
        )
        .order_by()
        .values("account_key", "name_key")
        .annotate(newest=Max("pk"))
        .values_list("newest", flat=True)
    )
    rows = SentSegment.objects.filter(pk__in=newest, campaign=campaign).select_related("destination")
    return [row for row in rows.order_by("segment_name") if (row.account_key, row.name_key) in names]


def _left(row: SentSegment) -> LeftBehind:
    return LeftBehind(
        account_key=row.account_key,
        destination_name=row.destination.name,
        platform=row.destination.the_kind.platform or row.destination.name,
        segment_name=row.segment_name,
        people=row.rows,
        since=row.confirmed_at or row.begun_at,
    )
