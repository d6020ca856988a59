"""A launch, or what would be launched now, beside the launch before it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import QuerySet

from campaigns.launches.models import Launch, Purpose
from campaigns.launches.summary import Summary, launch_summary
from campaigns.launches.sums import Sums, sums_of
from campaigns.planning.models import Campaign
from config.templatetags.muster import percent


@dataclass(frozen=True)
class Line:
    label: str
    now: str
    before: str
    change: str = ""
    share: str = ""  # the change in percent


@dataclass(frozen=True)
class Comparison:
    previous: Launch
    lines: tuple[Line, ...]
    moved: int  # who changed the treatment group by an edit
    changed: int  # who entered another sub-audience
    audience: int
    audience_before: int
    entered: int
    left: int

    @classmethod
    def of(cls, now: Summary, previous: Launch) -> Comparison:
        before = launch_summary(previous)
        assert before is not None  # a built one has counts
        sums, earlier = sums_of(now), sums_of(before)
        lines = (
            _sized("Audience", now.audience, before.audience),
            Line("Entered", f"{now.entered:,}", f"{before.entered:,}"),
            Line("Left", f"{now.left:,}", f"{before.left:,}"),
            Line("Changed sub-audience", f"{_changed(now):,}", f"{_changed(before):,}"),
            Line("Moved by an edit", f"{_moved(now):,}", f"{_moved(before):,}"),
            _counted("Control", now.control, before.control),
            *_missing(sums, earlier),
            _names(sums, earlier),
            _counted("Rows", now.rows, before.rows),
        )
        return cls(
            previous, lines, _moved(now), _changed(now), now.audience, before.audience, now.entered, now.left
        )

    def warnings(self, percent: int) -> tuple[str, ...]:
        """A sentence for each change that is more than so many percent of the audience before."""
        growth = self.audience - self.audience_before
        larger, smaller = (self._is_past(percent, size) for size in (growth, -growth))
        told = []
        if larger or smaller:
            by = f"{self._percent(abs(growth))} {'more' if larger else 'less'} than"
            told.append(
                f"The audience is {self.audience:,}, {by} the {self.audience_before:,} of {self._launch}."
            )
        # Who made the audience larger or smaller is told by its size already.
        counted = {
            "entered": 0 if larger else self.entered,
            "left": 0 if smaller else self.left,
            "changed sub-audience": self.changed,
            "would be moved to another treatment group by an edit": self.moved,
        }
        return (*told, *(self._told(what, n) for what, n in counted.items() if self._is_past(percent, n)))

    def _is_past(self, percent: int, customers: int) -> bool:
        """In whole numbers, so that the limit itself passes."""
        return 100 * customers > percent * self.audience_before

    def _told(self, what: str, customers: int) -> str:
        return (
            f"{customers:,} customers {what}, {self._percent(customers)} of the {self.audience_before:,}"
            f" in the audience of {self._launch}."
        )

    def _percent(self, customers: int) -> str:
        return f"{100 * customers / self.audience_before:,.1f} %" if self.audience_before else "100 %"

    @property
    def _launch(self) -> str:
        return f"launch {self.previous.pk}"


def previous_of(launch: Launch) -> Launch | None:
    """The campaign's built launch before this one; a test compares with nothing."""
    if launch.purpose == Purpose.TEST:
        return None
    return _built(launch.campaign).filter(pk__lt=launch.pk).first()


def newest_built(campaign: Campaign) -> Launch | None:
    return _built(campaign).first()


def _built(campaign: Campaign) -> QuerySet[Launch]:
    """Those that counted: one that sent an earlier list again has no numbers of its own."""
    launches = Launch.objects.filter(campaign=campaign, purpose=Purpose.LAUNCH, built_at__isnull=False)
    return launches.filter(instead_of=None).order_by("-pk")


def _counted(label: str, now: int, before: int) -> Line:
    return Line(label, f"{now:,}", f"{before:,}", signed(now - before))


def _sized(label: str, now: int, before: int) -> Line:
    """With the change in percent too."""
    line = _counted(label, now, before)
    if not line.change or not before:
        return line
    share = f"{100 * (now - before) / before:+,.1f}".replace("-", "−")
    return replace(line, share=f"{share} %")


def signed(number: int) -> str:
    return f"{number:+,}".replace("-", "−") if number else ""


def _changed(summary: Summary) -> int:
    return sum(group.changed_sub_audience for group in summary.groups)


def _moved(summary: Summary) -> int:
    return sum(group.moved_by_edit for group in summary.groups)


def _missing(now: Sums, before: Sums) -> list[Line]:
    """The share without a value, for each identifier that both launches sent to."""
    lines = []
    for identifier in ("email", "phone"):
        shares = _share(now, identifier), _share(before, identifier)
        if shares[0] is not None and shares[1] is not None:
            points = 100 * (shares[0] - shares[1])
            change = f"{points:+.1f} pts".replace("-", "−") if abs(points) >= 0.05 else ""
            lines.append(Line(f"Missing {identifier}", percent(shares[0]), percent(shares[1]), change))
    return lines


def _share(sums: Sums, identifier: str) -> float | None:
    here = [column for column in sums.columns if column.identifier == identifier]
    asked = sum(column.total - column.control - column.elsewhere - column.no_sub_audience for column in here)
    return sum(column.outcomes.missing for column in here) / asked if asked else None


def _names(now: Sums, before: Sums) -> Line:
    new = len(set(now.segment_names) - set(before.segment_names))
    word = f"{new:,} new" if new else ""
    return Line("Segment names", f"{len(now.segment_names):,}", f"{len(before.segment_names):,}", word)
