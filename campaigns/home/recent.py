"""The latest launches, each with how its campaign went before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, Sum, Window
from django.db.models.functions import RowNumber

from campaigns.launches.models import DeliveryState, Launch, LaunchFile, Purpose

SHOWN = 6
BEFORE = 8  # launches of the campaign in the line beside each


@dataclass(frozen=True)
class Recent:
    launch: Launch
    rows: int
    history: tuple[int, ...]  # rows delivered by the campaign's latest launches, this one last

    @property
    def audience(self) -> int | None:
        return self._count("audience")

    @property
    def control(self) -> int | None:
        return self._count("control")

    def _count(self, name: str) -> int | None:
        """None until the launch is built."""
        found: int | None = self.launch.counts.get(name)
        return found


def recent() -> list[Recent]:
    """The latest first; three queries, whatever their number."""
    launches = list(
        Launch.objects.filter(purpose=Purpose.LAUNCH).select_related("campaign").order_by("-pk")[:SHOWN]
    )
    before = _before({launch.campaign_id for launch in launches})
    rows = _rows({pk for ids in before.values() for pk in ids} | {launch.pk for launch in launches})
    return [
        Recent(
            launch,
            rows.get(launch.pk, 0),
            tuple(rows.get(pk, 0) for pk in before[launch.campaign_id] if pk <= launch.pk),
        )
        for launch in launches
    ]


def _before(campaigns: Iterable[int]) -> dict[int, list[int]]:
    """{campaign: its latest launches, the oldest first}"""
    numbered = Launch.objects.filter(campaign__in=campaigns, purpose=Purpose.LAUNCH).annotate(
        place=Window(RowNumber(), partition_by=F("campaign"), order_by=F("pk").desc())
    )
    found: dict[int, list[int]] = defaultdict(list)
    pairs = numbered.filter(place__lte=BEFORE).order_by("pk").values_list("campaign_id", "pk")
    for campaign, pk in pairs:
        found[campaign].append(pk)
    return found


def _rows(ids: Iterable[int]) -> dict[int, int]:
    counted = LaunchFile.objects.filter(launch__in=ids, state=DeliveryState.DELIVERED).order_by()
    return dict(counted.values("launch").annotate(all=Sum("rows")).values_list("launch", "all"))


@dataclass(frozen=True)
class Spark:
    """A line of 88 × 24; `last` is where its dot stands."""

    line: str
    last: tuple[float, float]


def spark(values: Sequence[int]) -> Spark | None:
    """Highest at the top, lowest at the foot; None where there is nothing to compare."""
    if len(values) < 2:
        return None
    low, high = min(values), max(values)
    span = (high - low) or 1
    points = [
        (88 * place / (len(values) - 1), 21 - 17 * (value - low) / span if high > low else 12.5)
        for place, value in enumerate(values)
    ]
    return Spark(
        " ".join(f"{'L' if place else 'M'}{x:.1f} {y:.1f}" for place, (x, y) in enumerate(points)), points[-1]
    )
