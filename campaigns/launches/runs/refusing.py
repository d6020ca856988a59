"""What was changed under a scheduled campaign, so that a person has to look before it is launched again."""

from __future__ import annotations

from campaigns.customers.place import place
from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
from destinations.models import Destination


def refused_now(campaign: Campaign) -> str:
    """Why its run does not start by itself, as a sentence; empty where it may."""
    return _lost_destination(campaign) or deleted_segment(campaign) or _switched_database(campaign)


def _lost_destination(campaign: Campaign) -> str:
    """Who scheduled it may have lost a destination since."""
    person = campaign.scheduled_by
    if person is None:
        return ""
    groups = campaign.sub_audiences.filter(removed_at=None, treatment_groups__removed_at=None)
    sent = set(groups.values_list("treatment_groups__destinations", flat=True)) - {None}
    if sent <= set(Destination.objects.for_user(person).values_list("pk", flat=True)):
        return ""
    return (
        f"{person.display_name}, who scheduled this campaign, may no longer send to a destination of it. "
        "Somebody who may can launch this run, or schedule the campaign anew."
    )


def deleted_segment(campaign: Campaign) -> str:
    """One in use is not deleted on a page, but a person may have been about to while it was scheduled."""
    in_parts = campaign.sub_audiences.filter(removed_at=None).values_list("segments", flat=True)
    used = {
        campaign.customer_database.suppression_id or 0,
        *campaign.includes.values_list("segment_id", flat=True),
        *campaign.excludes.values_list("segment_id", flat=True),
        *in_parts,
    }
    gone = Segment.objects.filter(pk__in=used).exclude(archived_at=None).order_by("name").first()
    if gone is None:
        return ""
    return (
        f"The segment “{gone}” was deleted under this campaign. Edit the campaign and choose another segment, "
        "then schedule it again."
    )


def _switched_database(campaign: Campaign) -> str:
    then, database = campaign.scheduled_place, campaign.customer_database
    if not then or then == place(database):
        return ""
    return (
        f"{database} reads its customers from another place since this campaign was scheduled. Look at the "
        "delivery summary; if the people are right, launch this run, and the next ones go by themselves again."
    )
