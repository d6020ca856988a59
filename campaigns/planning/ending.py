"""What ends campaigns or brings them back: delete, archive, restore; each names what it refuses, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from django.db import transaction

from campaigns.planning.lists import Row, rows
from campaigns.planning.models import Campaign
from config import clock
from config.accounts.models import User
from config.audit.models import record_all

Reasons = Mapping[int, str]  # {campaign: why not}


def not_deleted(found: Sequence[Row]) -> Reasons:
    """What was launched or tested stays, for its launches are part of the record."""
    reason = "was launched or tested, so it can only be archived"
    return {row.campaign.pk: reason for row in found if not row.can_be_deleted}


def not_archived(found: Sequence[Row]) -> Reasons:
    return {row.campaign.pk: reason for row in found if (reason := _keeps_it_in_use(row))}


def _keeps_it_in_use(row: Row) -> str:
    if row.status == "archived":
        return "is archived already"
    if row.status == "running":
        return "is being launched; archive it when that has ended"
    return "is scheduled; unschedule it, then archive it" if row.is_scheduled else ""


def not_restored(found: Sequence[Row]) -> Reasons:
    """Names are unique among campaigns in use."""
    names = [row.campaign.name for row in found]
    taken = set(Campaign.objects.active().filter(name__in=names).values_list("name", flat=True))
    reasons = {}
    for row in found:
        if row.status != "archived":
            reasons[row.campaign.pk] = "is in use already"
        elif row.campaign.name in taken:
            reasons[row.campaign.pk] = "has a name that another campaign has now; rename that one first"
        taken.add(row.campaign.name)
    return reasons


def delete(ids: Iterable[int], user: User | None) -> tuple[int, Reasons]:
    """How many are gone, and why the others are not."""
    return _each(ids, user, not_deleted, "deleted", lambda pks: Campaign.objects.filter(pk__in=pks).delete())


def archive(ids: Iterable[int], user: User | None) -> tuple[int, Reasons]:
    return _each(ids, user, not_archived, "archived", lambda pks: _set_archived(pks, is_archived=True))


def restore(ids: Iterable[int], user: User | None) -> tuple[int, Reasons]:
    return _each(ids, user, not_restored, "restored", lambda pks: _set_archived(pks, is_archived=False))


def _set_archived(pks: Sequence[int], *, is_archived: bool) -> None:
    Campaign.objects.filter(pk__in=pks).update(archived_at=clock.now() if is_archived else None)


def _each(
    ids: Iterable[int],
    user: User | None,
    refused: Callable[[Sequence[Row]], Reasons],
    verb: str,
    act: Callable[[Sequence[int]], object],
) -> tuple[int, Reasons]:
    """What was shown may be launched or scheduled since: it is looked at again, and held meanwhile."""
    with transaction.atomic():
        held = Campaign.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk")
        found = rows([campaign.pk for campaign in held])
        reasons = refused(found)
        chosen = [row.campaign for row in found if row.campaign.pk not in reasons]
        record_all(user, verb, ((campaign, {}) for campaign in chosen))
        act([campaign.pk for campaign in chosen])
    return len(chosen), reasons
