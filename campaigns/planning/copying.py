"""A copy of a campaign: everything but its ids, its salt and its launch date."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from campaigns.planning.draft import draft_of, keep
from campaigns.planning.filing.folders import move
from campaigns.planning.filing.labels import labels_of, set_labels
from campaigns.planning.models import Campaign
from campaigns.planning.naming import LONGEST_NAME
from campaigns.planning.plain import Draft, DraftGroup
from campaigns.planning.world import look
from config.accounts.models import User


def copy(campaign: Campaign, user: User, form_token: UUID | None) -> tuple[Campaign, int]:
    """The stored copy, and how many destinations it leaves out because this person may not choose them.

    It is not checked: what is wrong with the original is shown when the copy is opened.
    """
    draft = replace(draft_of(campaign), id=None, name=_free_name(campaign.name), launch_date="")
    allowed = look(draft, user).allowed
    left_out = {pk for pk in draft.sent_destinations() if pk not in allowed}
    fresh = _without_ids(draft, allowed)
    made = keep(fresh, look(fresh, user), None, user, None, form_token)
    if not made.labels.exists():
        set_labels(made, labels_of(campaign), user)
    Campaign.objects.filter(pk=made.pk).update(warn_past_change=campaign.warn_past_change)
    if made.folder_id is None:
        move([made], campaign.folder, user)
    return made, len(left_out)


def _without_ids(draft: Draft, allowed: frozenset[int]) -> Draft:
    def group_of(group: DraftGroup) -> DraftGroup:
        return replace(group, id=None, destinations=tuple(pk for pk in group.destinations if pk in allowed))

    return replace(
        draft,
        sub_audiences=tuple(
            replace(item, id=None, groups=tuple(group_of(group) for group in item.groups))
            for item in draft.sub_audiences
        ),
    )


def _free_name(name: str) -> str:
    for number in range(1, 1000):
        ending = "" if number == 1 else f" {number}"
        made = f"Copy of {name}"[: LONGEST_NAME - len(ending)] + ending
        if not Campaign.objects.named(made).exists():
            return made
    return made
