"""Size over time, as the line of an SVG of 640 × 168; launches are marked on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.segments.models import Segment, SegmentSize
from config import clock
from config.scales import round_step, short

RANGES = {30: "30 days", 365: "1 year"}
LEFT, RIGHT, TOP, FOOT = 52.0, 630.0, 12.0, 138.0
STEPS = 4
FEW = 100
LABELS = 5
# What a page can hold of a segment that is launched all the time; the newest are shown.
MOST_POINTS = 1000


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    size: SegmentSize


@dataclass(frozen=True)
class Label:
    at: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class SizeChart:
    """`points` as SVG takes them; `sizes` newest first."""

    points: str
    marks: list[Point]  # launches
    last: Point
    grid: list[Label]
    days: list[Label]
    sizes: list[SegmentSize]

    @property
    def area(self) -> str:
        first, last = self.points.split(" ", 1)[0].split(",")[0], self.last.x
        return f"{first},{FOOT:.1f} {self.points} {last:.1f},{FOOT:.1f}"

    @property
    def smallest(self) -> SegmentSize:
        return min(self.sizes, key=lambda one: one.customers)

    @property
    def largest(self) -> SegmentSize:
        return max(self.sizes, key=lambda one: one.customers)


def size_chart(segment: Segment, days: int) -> SizeChart | None:
    """The last `days` days, those of RANGES; None where nothing was counted in them. One query."""
    now = clock.now()
    since = now - timedelta(days=days)
    rows = segment.sizes.filter(counted_at__gte=since).select_related("launch__campaign")
    newest = list(rows.order_by("-counted_at", "-pk")[:MOST_POINTS])
    return draw(newest[::-1], since, now) if newest else None


def draw(sizes: Sequence[SegmentSize], since: datetime, until: datetime) -> SizeChart:
    """Geometry alone; there is at least one, in the order of time."""
    base, step = _scale([one.customers for one in sizes])
    wide, high = (RIGHT - LEFT) / (until - since).total_seconds(), (FOOT - TOP) / (step * STEPS)

    def place(one: SegmentSize) -> Point:
        x = LEFT + (one.counted_at - since).total_seconds() * wide
        return Point(x, FOOT - (one.customers - base) * high, one)

    points = [place(one) for one in sizes]
    return SizeChart(
        points=" ".join(f"{point.x:.1f},{point.y:.1f}" for point in points),
        marks=[point for point in points if point.size.launch_id is not None],
        last=points[-1],
        grid=[
            Label(FOOT - step * number * high + 0.5, short(base + step * number))
            for number in range(STEPS + 1)
        ],
        days=_days(since, until),
        sizes=list(reversed(sizes)),
    )


def _scale(customers: Sequence[int]) -> tuple[int, int]:
    """Where the scale begins, and its step: at nought, unless they differ too little to be told apart from there.

    A hundredth of the size is the least that fills the height: a handful of customers more is no steep rise.
    """
    low, high = min(customers), max(customers)
    if low == high or low * 2 < high or high < FEW:
        return 0, round_step(max(high, 1), STEPS)
    step = round_step(max(high - low, high // 100), STEPS - 1)
    return low // step * step, step


def _days(since: datetime, until: datetime) -> list[Label]:
    """Evenly spread, the first and the last at the ends of the line."""
    anchors = ["start", *["middle"] * (LABELS - 2), "end"]
    return [
        Label(LEFT + (RIGHT - LEFT) * part, f"{since + (until - since) * part:%-d %b}", anchor)
        for number, anchor in enumerate(anchors)
        for part in [number / (LABELS - 1)]
    ]
