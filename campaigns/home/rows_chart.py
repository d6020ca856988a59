"""Rows delivered per day, as the bars of an SVG of 640 × 138."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Sum
from django.db.models.functions import TruncDate

from campaigns.launches.models import DeliveryState, LaunchFile, Purpose
from config import clock
from config.scales import round_step, short
from destinations.models import Destination

DAYS = 28
LEFT, RIGHT, TOP, FOOT = 40.0, 640.0, 10.0, 110.0
STEPS = 4

PerDay = Mapping[date, tuple[int, int]]  # rows by e-mail, by phone


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    height: float
    of: str  # s1: e-mail, s2: phone


@dataclass(frozen=True)
class Label:
    at: float
    text: str


@dataclass(frozen=True)
class RowsChart:
    bars: list[Bar]
    width: float
    grid: list[Label]
    days: list[Label]
    first: date
    last: date
    email: int
    phone: int
    busiest: date

    @property
    def total(self) -> int:
        return self.email + self.phone


def rows_chart() -> RowsChart | None:
    """The last 28 days, today included, in UTC; None where nothing was delivered in them. Two queries."""
    last = clock.now().astimezone(UTC).date()
    first = last - timedelta(days=DAYS - 1)
    per_day = _per_day(first)
    return draw(per_day, first) if per_day else None


def _per_day(first: date) -> dict[date, tuple[int, int]]:
    counted = (
        LaunchFile.objects.filter(
            state=DeliveryState.DELIVERED,
            launch__purpose=Purpose.LAUNCH,
            confirmed_at__gte=datetime.combine(first, time(), UTC),
            rows__gt=0,
        )
        .order_by()
        .annotate(on=TruncDate("confirmed_at", tzinfo=UTC))
        .values_list("on", "destination")
        .annotate(all=Sum("rows"))
    )
    found = list(counted)
    destinations = Destination.objects.in_bulk({destination for _, destination, _ in found})
    rows: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for on, destination, number in found:
        rows[on][destinations[destination].identifier == "phone"] += number
    return {on: (email, phone) for on, (email, phone) in rows.items()}


def draw(per_day: PerDay, first: date) -> RowsChart:
    """Geometry alone; `per_day` has at least one day."""
    step = round_step(max(email + phone for email, phone in per_day.values()), STEPS)
    scale = (FOOT - TOP) / (step * STEPS)
    column = (RIGHT - LEFT) / DAYS
    days = [first + timedelta(days=place) for place in range(DAYS)]
    bars: list[Bar] = []
    for place, day in enumerate(days):
        bars += _stack(LEFT + column * place + 3, per_day.get(day, (0, 0)), scale)
    return RowsChart(
        bars=bars,
        width=column - 6,
        grid=[Label(FOOT - step * number * scale + 0.5, short(step * number)) for number in range(STEPS + 1)],
        days=[Label(LEFT + column * place + 3, f"{days[place]:%-d %b}") for place in range(0, DAYS, 7)],
        first=first,
        last=days[-1],
        email=sum(email for email, _ in per_day.values()),
        phone=sum(phone for _, phone in per_day.values()),
        busiest=max(per_day, key=lambda day: sum(per_day[day])),
    )


def _stack(x: float, rows: tuple[int, int], scale: float) -> list[Bar]:
    """Phone stands on e-mail, a gap between them. What was delivered is never too small to be seen."""
    bars: list[Bar] = []
    foot = FOOT
    for number, of in zip(rows, ("s1", "s2"), strict=True):
        if number:
            height = max(number * scale, 1.0)
            bars.append(Bar(x, foot - height, height, of))
            foot -= height + 1.5
    return bars
