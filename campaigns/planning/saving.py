"""Storing a draft: ids kept, nobody's work overwritten, what launches have used marked instead of deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from campaigns.planning.models import (
    Campaign,
    CampaignAttribute,
    CampaignExclude,
    CampaignInclude,
    SubAudience,
    TreatmentGroup,
)
from campaigns.planning.moving import last_shares, note_edit
from campaigns.planning.plain import Draft, DraftGroup, DraftSubAudience
from campaigns.planning.sending import ticked
from campaigns.planning.world import World
from config import clock
from config.accounts.models import User
from config.audit.models import record
from config.versions import EditedMeanwhile, claim


class ScheduledMeanwhile(EditedMeanwhile):
    """A scheduled campaign is to be unscheduled before it is edited."""

    def __init__(self, name: str) -> None:
        self.message = f"“{name}” is scheduled. Nothing of yours is stored; unschedule it, then save."
        Exception.__init__(self, self.message)


def store(
    draft: Draft,
    world: World,
    campaign: Campaign | None,
    user: User | None,
    expected_version: int | None,
    form_token: UUID | None = None,
) -> Campaign:
    """Write a draft that was found right.

    The same `form_token` again gives the campaign that it made. Raises EditedMeanwhile where the stored
    version is not the expected one (None: whatever it is).
    """
    try:
        with transaction.atomic():
            return _store(draft, world, campaign, user, expected_version, form_token)
    except IntegrityError:
        # The other of two equal posts was quicker.
        if campaign is None and form_token is not None:
            made = Campaign.objects.filter(form_token=form_token).first()
            if made is not None:
                return made
        raise


def _store(
    draft: Draft,
    world: World,
    campaign: Campaign | None,
    user: User | None,
    expected_version: int | None,
    form_token: UUID | None,
) -> Campaign:
    if campaign is None:
        verb, stored = "created", Campaign(created_by=user, form_token=form_token)
    else:
        verb, stored = "edited", claim(Campaign.objects.all(), campaign.pk, expected_version)
        if stored.is_scheduled:
            raise ScheduledMeanwhile(stored.name)
    _write_fields(stored, draft, user)
    _write_segments(stored, draft)
    _write_sub_audiences(stored, draft.sub_audiences)
    _write_attributes(stored, draft, world)
    record(user, verb, stored, version=stored.version)
    return stored


def _write_fields(stored: Campaign, draft: Draft, user: User | None) -> None:
    stored.name = draft.name
    stored.customer_database_id = draft.customer_database  # type: ignore[assignment]
    stored.assign_to_first_match_only = draft.assign_to_first_match_only
    stored.same_groups = draft.same_groups
    stored.schedule = dict(draft.schedule)
    stored.time_zone = draft.time_zone
    stored.launch_date = draft.launch_date
    stored.grace = int(draft.grace)
    stored.brakes = dict(draft.brakes)
    # Whose schedule is over and who is edited starts anew, as a draft.
    stored.scheduled_at = stored.scheduled_by = stored.next_run_at = None
    stored.edited_by = user
    stored.updated_at = clock.now()
    stored.full_clean(validate_unique=False, validate_constraints=False)
    stored.save()


def _write_segments(stored: Campaign, draft: Draft) -> None:
    stored.includes.all().delete()
    stored.excludes.all().delete()
    CampaignInclude.objects.bulk_create(
        CampaignInclude(campaign=stored, segment_id=pk, position=position)
        for position, pk in enumerate(draft.include)
    )
    CampaignExclude.objects.bulk_create(
        CampaignExclude(campaign=stored, segment_id=pk, position=position)
        for position, pk in enumerate(draft.exclude)
    )


def _write_sub_audiences(stored: Campaign, items: Sequence[DraftSubAudience]) -> None:
    last_launch = stored.launches.aggregate(last=Max("pk"))["last"] or 0
    last = last_shares(stored)
    live = {sub_audience.pk: sub_audience for sub_audience in stored.live_sub_audiences()}
    for position, item in enumerate(items):
        sub_audience = live.pop(item.id, None) if item.id is not None else None
        if sub_audience is None:
            sub_audience = SubAudience(campaign=stored)
        sub_audience.position, sub_audience.name, sub_audience.rules = position, item.name, item.rules
        note_edit(sub_audience, item, last, last_launch)
        sub_audience.full_clean(exclude=["campaign"])
        sub_audience.save()
        sub_audience.segments.set(item.segments)
        _write_groups(sub_audience, item.groups, used=last_launch > 0)
    _remove(live.values(), used=last_launch > 0)


def _write_groups(sub_audience: SubAudience, items: Sequence[DraftGroup], *, used: bool) -> None:
    live = {group.pk: group for group in sub_audience.live_groups()}
    for position, item in enumerate(items):
        group = live.pop(item.id, None) if item.id is not None else None
        if group is None:
            group = TreatmentGroup(sub_audience=sub_audience)
        group.position, group.name, group.is_control = position, item.name, item.is_control
        group.percent = (item.share or Decimal(0)).quantize(Decimal("0.01"))
        group.full_clean(exclude=["sub_audience"])
        group.save()
        group.destinations.set(() if item.is_control else item.destinations)
    _remove(live.values(), used=used)


def _remove(gone: Iterable[SubAudience | TreatmentGroup], *, used: bool) -> None:
    """A campaign with launches keeps what they may have assigned people to, even one that still waits."""
    for item in gone:
        if used:
            item.removed_at = clock.now()
            item.save(update_fields=["removed_at"])
        else:
            item.delete()


def _write_attributes(stored: Campaign, draft: Draft, world: World) -> None:
    """Only what differs from the default attribute, so that a changed default reaches the campaign."""
    stored.attributes.all().delete()
    for pk in draft.sent_destinations():
        destination = world.destinations[pk]
        for identifier, column in ticked(draft, world, destination).items():
            if column != world.defaults.get(pk):
                CampaignAttribute.objects.create(
                    campaign=stored, destination=destination, identifier=identifier, column=column
                )
