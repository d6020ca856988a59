"""What runs now, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField, Case, Count, F, Q, Sum, When
from django.db.models.functions import NullIf

from campaigns.launches.models import LAUNCH_UNFINISHED, Delivery, DeliveryState, Launch, LaunchFile

SHOWN = 5
# A delivery in one of these is through.
_THROUGH = (DeliveryState.DELIVERED, DeliveryState.NOTHING_TO_SEND)


@dataclass(frozen=True)
class Again:
    """A file that waits for its next try."""

    segment_name: str
    destination: str
    at: datetime | None


@dataclass(frozen=True)
class Running:
    launch: Launch
    deliveries: int
    delivered: int
    rows: int
    rows_gone: int  # delivered or on their way
    again: Again | None

    @property
    def fraction(self) -> float:
        return self.rows_gone / self.rows if self.rows else 0.0


def under_way() -> list[Running]:
    """The latest started first; four queries, whatever their number."""
    launches = list(
        Launch.objects.filter(state__in=LAUNCH_UNFINISHED).select_related("campaign").order_by("-pk")[:SHOWN]
    )
    ids = [launch.pk for launch in launches]
    deliveries, files, again = _deliveries(ids), _files(ids), _again(ids)
    return [
        Running(
            launch,
            *deliveries.get(launch.pk, (0, 0)),
            *files.get(launch.pk, (0, 0)),
            again.get(launch.pk),
        )
        for launch in launches
    ]


def _deliveries(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    counted = Delivery.objects.filter(launch__in=ids).order_by().values("launch")
    counted = counted.annotate(all=Count("pk"), through=Count("pk", filter=Q(state__in=_THROUGH)))
    return {row["launch"]: (row["all"], row["through"]) for row in counted}


def _files(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    gone = Case(
        When(state=DeliveryState.DELIVERED, then=F("rows")),
        default=F("rows") * F("sent_bytes") / NullIf(F("size"), 0),
        output_field=BigIntegerField(),
    )
    counted = LaunchFile.objects.filter(launch__in=ids).order_by().values("launch")
    counted = counted.annotate(all=Sum("rows"), gone=Sum(gone))
    return {row["launch"]: (row["all"] or 0, row["gone"] or 0) for row in counted}


def _again(ids: Sequence[int]) -> dict[int, Again]:
    waiting = (
        LaunchFile.objects.filter(launch__in=ids, state=DeliveryState.RETRYING)
        .select_related("destination")
        .order_by("-next_attempt_at")
    )
    return {
        file.launch_id: Again(
            file.sections[0]["segment_name"] if file.sections else file.name,
            file.destination.name,
            file.next_attempt_at,
        )
        for file in waiting
    }
