"""From a campaign to the plain data that a launch keeps, whatever is edited later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q, Sum

from campaigns.launches.frozen import (
    Frozen,
    FrozenDestination,
    FrozenGroup,
    FrozenSegment,
    FrozenSubAudience,
)
from campaigns.launches.ledger import parts_standing
from campaigns.launches.models import Launch, LaunchGroup, Purpose
from campaigns.planning.models import Campaign, SubAudience, TreatmentGroup
from campaigns.planning.moving import LastShares, last_shares
from campaigns.planning.shares import Share
from campaigns.segments.models import Segment
from campaigns.segments.rules import load, segment_ids
from config import clock
from destinations.models import Destination


def freeze(campaign: Campaign) -> Frozen:
    """The campaign as it is now, with the one clock reading of the run."""
    database = campaign.customer_database
    include = tuple(campaign.includes.values_list("segment_id", flat=True))
    exclude = tuple(campaign.excludes.values_list("segment_id", flat=True))
    if database.suppression_id is not None:
        exclude = (database.suppression_id, *(pk for pk in exclude if pk != database.suppression_id))
    sub_audiences = list(campaign.live_sub_audiences().prefetch_related("segments"))
    groups = {one.pk: list(one.live_groups().prefetch_related("destinations")) for one in sub_audiences}
    previous = _newest_built(campaign)
    last = last_shares(campaign)
    frozen_parts = tuple(_sub_audience(campaign, one, groups[one.pk], last) for one in sub_audiences)
    return Frozen(
        campaign_id=campaign.pk,
        campaign_name=campaign.name,
        customer_database_id=database.pk,
        salt=campaign.salt,
        first_match_only=campaign.assign_to_first_match_only,
        now=clock.now().isoformat(),
        default_country=database.default_country,
        include=include,
        exclude=exclude,
        segments=_segments({*include, *exclude}, frozen_parts),
        sub_audiences=frozen_parts,
        destinations=tuple(_destinations(campaign, [one for all_ in groups.values() for one in all_])),
        history_path=previous.history_path if previous else "",
        history_sha256=previous.history_sha256 if previous else "",
        removed_groups=_removed_groups(campaign),
    )


def fingerprint(frozen: Frozen, catalogue_read_at: datetime | None) -> str:
    """SHA-256 of what a count depends on: all of it but the clock, of which the day alone counts."""
    counted: dict[str, Any] = replace(frozen, now=frozen.now[:10]).to_json()
    text = json.dumps([counted, str(catalogue_read_at)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _newest_built(campaign: Campaign) -> Launch | None:
    """The launch whose history the next one goes on from."""
    built = campaign.launches.filter(purpose=Purpose.LAUNCH).exclude(history_path="")
    return built.order_by("-pk").first()


def _sub_audience(
    campaign: Campaign, stored: SubAudience, groups: Iterable[TreatmentGroup], last: LastShares
) -> FrozenSubAudience:
    counted = _given_out(campaign, stored)
    frozen = tuple(_group(group, *counted.get(group.pk, (0, 0))) for group in groups)
    shares = {group.id: Share(group.hundredths, group.is_control) for group in frozen}
    return FrozenSubAudience(
        id=stored.pk,
        name=stored.name,
        rules=stored.rules,
        segment_ids=tuple(segment.pk for segment in stored.segments.all()),
        time_zone=campaign.time_zone,
        groups=frozen,
        before=last.to_move_from(stored, shares),
    )


def _group(stored: TreatmentGroup, assigned: int, dealt: int) -> FrozenGroup:
    sent_to = () if stored.is_control else tuple(sorted(one.pk for one in stored.destinations.all()))
    return FrozenGroup(
        id=stored.pk,
        name=stored.name,
        hundredths=int(stored.percent * 100),
        is_control=stored.is_control,
        destination_ids=sent_to,
        assigned=assigned,
        dealt=dealt,
    )


def _given_out(campaign: Campaign, stored: SubAudience) -> dict[int, tuple[int, int]]:
    """{group: (newcomers by rule 3, people by rule 2)} of the launches since the shares took effect."""
    rows = LaunchGroup.objects.filter(
        launch__campaign=campaign,
        launch__purpose=Purpose.LAUNCH,
        launch_id__gt=stored.shares_since_launch,
        sub_audience_id=stored.pk,
    ).order_by()
    # Carried on by a launch that moved people, the count is of everybody in the history.
    summed = rows.values("group_id").annotate(new=Sum("newcomers") + Sum("carried"), moved=Sum("dealt"))
    return {row["group_id"]: (row["new"], row["moved"]) for row in summed}


def _segments(wanted: set[int], sub_audiences: Iterable[FrozenSubAudience]) -> tuple[FrozenSegment, ...]:
    """These, those of the sub-audiences, and all that their rules name, at any depth."""
    for one in sub_audiences:
        wanted |= {*one.segment_ids, *(segment_ids(load(one.rules)) if one.rules is not None else ())}
    found: dict[int, FrozenSegment] = {}
    missing = set(wanted)
    while missing:
        level = Segment.objects.filter(pk__in=missing)
        found |= {one.pk: FrozenSegment(one.pk, one.name, one.time_zone, one.rules) for one in level}
        missing = {pk for one in level for pk in segment_ids(load(one.rules))} - set(found)
    return tuple(found[pk] for pk in sorted(found))


def _destinations(campaign: Campaign, groups: Iterable[TreatmentGroup]) -> Iterable[FrozenDestination]:
    sent: dict[int, tuple[Destination, dict[int, str]]] = {}
    for group in groups:
        for one in () if group.is_control else group.destinations.all():
            name = one.the_kind.segment_name(one.settings, campaign.name, group.name)
            sent.setdefault(one.pk, (one, {}))[1][group.pk] = name
    for pk in sorted(sent):
        destination, names = sent[pk]
        parts = parts_standing(destination.account_key, names.values())
        yield FrozenDestination(
            id=pk,
            name=destination.name,
            kind=destination.kind,
            identifier=destination.identifier,
            column=campaign.column_for(destination) or "",
            settings=destination.settings,
            account_key=destination.account_key,
            drop_point=destination.drop_point,
            segment_names=names,
            parts={group: parts[name] for group, name in names.items() if name in parts},
        )


def _removed_groups(campaign: Campaign) -> dict[int, bool]:
    """{group: was control} of those that are gone, but may have people in the history.

    As the last launch had them: one flipped and removed before the next never had people on its other side.
    """
    gone = Q(removed_at__isnull=False) | Q(sub_audience__removed_at__isnull=False)
    rows = TreatmentGroup.objects.filter(gone, sub_audience__campaign=campaign)
    found = dict(rows.order_by("pk").values_list("pk", "is_control"))
    launched = LaunchGroup.objects.filter(
        launch__campaign=campaign, launch__purpose=Purpose.LAUNCH, group_id__in=found
    )
    return found | dict(launched.order_by("launch_id").values_list("group_id", "is_control"))
