"""What a draft is checked against: the stored things it names. Read in a handful of queries."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.customers.catalogue import Catalogue, stored
from campaigns.customers.models import CustomerDatabase, DefaultAttribute
from campaigns.planning.models import Campaign, TreatmentGroup
from campaigns.planning.plain import Draft
from campaigns.segments.models import Segment
from campaigns.segments.rules import ids_in
from campaigns.segments.uploaded.models import UploadedList
from config.accounts.models import User
from destinations.models import Destination


@dataclass(frozen=True)
class World:
    """`allowed`: the destinations this person may choose; `kept`: (treatment group, destination) that
    somebody chose before, which stay."""

    database: CustomerDatabase | None
    columns: frozenset[str] | None  # "table.column"; None where the catalogue was never read
    catalogue: Catalogue
    segments: dict[int, Segment]
    lists: dict[int, UploadedList]
    destinations: dict[int, Destination]
    defaults: dict[int, str]
    allowed: frozenset[int]
    kept: frozenset[tuple[int, int]]
    kept_segments: frozenset[int]
    campaign: Campaign | None  # as stored

    @property
    def offered(self) -> list[str]:
        """The columns that are not hidden, "table.column"."""
        return _paths(self.catalogue.usable())

    def personal(self, attribute: str) -> bool | None:
        return self.catalogue.personal(attribute)


def look(draft: Draft, user: User | None) -> World:
    """Everything the draft names. Without a user (a command at the machine) every destination is allowed."""
    campaign = Campaign.objects.filter(pk=draft.id).first() if draft.id else None
    database = CustomerDatabase.objects.filter(pk=draft.customer_database or 0).first()
    catalogue = stored(database or CustomerDatabase())
    usable = Destination.objects.for_user(user) if user is not None else Destination.objects.active()
    return World(
        database=database,
        columns=frozenset(_paths(catalogue)) if database is not None and database.catalogue else None,
        catalogue=catalogue,
        segments=Segment.objects.in_bulk(_segment_ids(draft)),
        lists=UploadedList.objects.in_bulk(
            {pk for one in draft.sub_audiences for pk in ids_in(one.rules, "list")}
        ),
        destinations=_destinations(draft),
        defaults=dict(
            DefaultAttribute.objects.filter(customer_database=database).values_list(
                "destination_id", "column"
            )
        ),
        allowed=frozenset(usable.values_list("pk", flat=True)),
        kept=_kept(campaign),
        kept_segments=_kept_segments(campaign),
        campaign=campaign,
    )


def _paths(catalogue: Catalogue) -> list[str]:
    return [f"{table.name}.{column.name}" for table in catalogue.tables for column in table.columns]


def _segment_ids(draft: Draft) -> set[int]:
    in_sub_audiences = {
        pk for item in draft.sub_audiences for pk in (*item.segments, *ids_in(item.rules, "segment"))
    }
    return {*draft.include, *draft.exclude, *in_sub_audiences}


def _destinations(draft: Draft) -> dict[int, Destination]:
    ids = {
        pk
        for sub_audience in draft.sub_audiences
        for group in sub_audience.groups
        for pk in group.destinations
    }
    return Destination.objects.select_related("credential").in_bulk(ids | set(draft.attributes))


def _kept(campaign: Campaign | None) -> frozenset[tuple[int, int]]:
    if campaign is None:
        return frozenset()
    groups = TreatmentGroup.objects.filter(
        sub_audience__campaign=campaign, removed_at=None, destinations__isnull=False
    )
    return frozenset(groups.values_list("pk", "destinations"))


def _kept_segments(campaign: Campaign | None) -> frozenset[int]:
    if campaign is None:
        return frozenset()
    return frozenset(
        [
            *campaign.includes.values_list("segment_id", flat=True),
            *campaign.excludes.values_list("segment_id", flat=True),
            *campaign.sub_audiences.values_list("segments", flat=True),
            *ids_in(list(campaign.sub_audiences.values_list("rules", flat=True))),
        ]
    )
