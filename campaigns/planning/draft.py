"""The door to a campaign's configuration: read, check, store. The editor and `apply` come through here."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.db import transaction

from campaigns.customers.turns import alone_with
from campaigns.planning.braking import check_brakes
from campaigns.planning.clashes import check_names
from campaigns.planning.history.keeping import keep_version
from campaigns.planning.launch_date import check_launch_date
from campaigns.planning.models import Campaign, SubAudience, TreatmentGroup
from campaigns.planning.moving import pending_moves
from campaigns.planning.plain import (
    KEEP,
    MOVE,
    Draft,
    DraftGroup,
    DraftRefused,
    DraftSubAudience,
    Problem,
    Problems,
)
from campaigns.planning.saving import store
from campaigns.planning.sending import check_attributes, check_destinations, ticked
from campaigns.planning.validation import check_campaign, check_segments, check_sub_audiences
from campaigns.planning.world import World, look
from config.accounts.models import User

__all__ = [
    "Draft",
    "DraftGroup",
    "DraftRefused",
    "DraftSubAudience",
    "Problem",
    "Problems",
    "draft_of",
    "keep",
    "save",
    "says_the_same",
    "tidy",
    "validate",
]


def tidy(draft: Draft) -> Draft:
    """The draft without white space around its names."""
    return replace(
        draft,
        name=draft.name.strip(" "),
        sub_audiences=tuple(
            replace(
                sub_audience,
                name=sub_audience.name.strip(" "),
                groups=tuple(replace(group, name=group.name.strip(" ")) for group in sub_audience.groups),
            )
            for sub_audience in draft.sub_audiences
        ),
    )


def validate(draft: Draft, user: User | None) -> Problems:
    """Everything that is wrong or unclear. Without a user every destination may be chosen."""
    return problems_in(tidy(draft), look(draft, user))


def problems_in(draft: Draft, world: World) -> Problems:
    """`validate` for who has looked already."""
    errors: list[Problem] = []
    warnings: list[Problem] = []
    check_campaign(draft, world, errors)
    check_segments(draft, world, errors, warnings)
    check_sub_audiences(draft, world, errors)
    check_destinations(draft, world, errors, warnings)
    check_attributes(draft, world, errors, warnings)
    check_brakes(draft, world, errors)
    check_launch_date(draft, world, warnings)
    check_names(draft, world, errors, warnings)
    return Problems(tuple(errors), tuple(warnings))


def save(
    draft: Draft,
    campaign: Campaign | None,
    user: User | None,
    expected_version: int | None,
    *,
    form_token: UUID | None = None,
) -> Campaign:
    """Store the draft as `campaign`, or as a new one.

    Raises DraftRefused where it has errors, EditedMeanwhile where the stored version is not
    `expected_version` (None: whatever it is). The same `form_token` again gives the campaign that it made.
    """
    draft = replace(tidy(draft), id=campaign.pk if campaign is not None else None)
    with alone_with(draft.customer_database):
        world = look(draft, user)
        if campaign is None and form_token is not None:
            made = Campaign.objects.filter(form_token=form_token).first()
            if made is not None and says_the_same(draft, draft_of(made), world):
                return made
            # A page that was saved, gone back to and changed: another campaign, for its work is not to be lost.
            form_token = None if made is not None else form_token
        problems = problems_in(draft, world)
        if problems.errors:
            raise DraftRefused(problems)
        return keep(draft, world, campaign, user, expected_version, form_token)


def keep(
    draft: Draft,
    world: World,
    campaign: Campaign | None,
    user: User | None,
    expected_version: int | None,
    form_token: UUID | None = None,
) -> Campaign:
    """`store`, with what was and what is kept for the campaign's history."""
    with transaction.atomic():
        if campaign is not None:
            before = Campaign.objects.get(pk=campaign.pk)
            if not before.versions.filter(number=before.version).exists():
                keep_version(before, draft_of(before))
        saved = store(draft, world, campaign, user, expected_version, form_token)
        keep_version(saved, draft_of(saved))
    return saved


def says_the_same(one: Draft, other: Draft, world: World) -> bool:
    """Whether two drafts are alike but for ids."""
    return _without_ids(one, world) == _without_ids(other, world)


def _without_ids(draft: Draft, world: World) -> Draft:
    sent = [world.destinations[pk] for pk in draft.sent_destinations() if pk in world.destinations]
    return replace(
        draft,
        id=None,
        attributes={one.pk: dict(ticked(draft, world, one)) for one in sent},
        sub_audiences=tuple(
            replace(
                item,
                id=None,
                is_open=False,
                by_segments=False,
                groups=tuple(_without_id(group) for group in item.groups),
            )
            for item in draft.sub_audiences
        ),
    )


def _without_id(group: DraftGroup) -> DraftGroup:
    share = group.share if group.share is not None else group.percent
    return replace(group, id=None, percent=share, destinations=tuple(sorted(group.destinations)))


def draft_of(campaign: Campaign) -> Draft:
    """The stored campaign as plain data."""
    sub_audiences = campaign.live_sub_audiences().prefetch_related(
        "segments", "treatment_groups", "treatment_groups__destinations"
    )
    pending = pending_moves(sub_audiences)
    return Draft(
        id=campaign.pk,
        name=campaign.name,
        customer_database=campaign.customer_database_id,
        include=tuple(campaign.includes.values_list("segment_id", flat=True)),
        exclude=tuple(campaign.excludes.values_list("segment_id", flat=True)),
        assign_to_first_match_only=campaign.assign_to_first_match_only,
        same_groups=campaign.same_groups,
        sub_audiences=tuple(
            _drafted(sub_audience, sub_audience.pk in pending) for sub_audience in sub_audiences
        ),
        attributes={
            attribute.destination_id: {attribute.destination.identifier: attribute.column}
            for attribute in campaign.attributes.select_related("destination")
        },
        schedule=campaign.schedule,
        time_zone=campaign.time_zone,
        launch_date=campaign.launch_date,
        grace=campaign.grace,
        brakes=campaign.brakes,
    )


def _drafted(sub_audience: SubAudience, moves: bool) -> DraftSubAudience:
    return DraftSubAudience(
        id=sub_audience.pk,
        name=sub_audience.name,
        rules=sub_audience.rules,
        segments=tuple(segment.pk for segment in sub_audience.segments.all()),
        groups=tuple(
            _drafted_group(group) for group in sub_audience.treatment_groups.all() if group.removed_at is None
        ),
        on_change=MOVE if moves else KEEP,
    )


def _drafted_group(group: TreatmentGroup) -> DraftGroup:
    return DraftGroup(
        id=group.pk,
        name=group.name,
        percent=group.percent,
        is_control=group.is_control,
        destinations=tuple(sorted(destination.pk for destination in group.destinations.all())),
    )
