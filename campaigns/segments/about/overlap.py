"""Which customers several segments share: one pass gives every combination, and all else adds up from those."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from campaigns.customers.models import CustomerDatabase
from campaigns.segments.models import Segment
from campaigns.segments.plain import LONGEST_NAME, Draft
from campaigns.segments.rules import Group, InSegment
from campaigns.segments.sizing import opened
from config.requests import number

MOST_OTHERS = 4
UTC = ZoneInfo("UTC")
Pattern = tuple[bool, ...]  # for each segment in order, whether its members are meant


@dataclass(frozen=True)
class Combination:
    """Those who are in exactly these segments."""

    segments: Sequence[Segment]
    pattern: Pattern
    customers: int
    of: int  # all who are in at least one

    @property
    def fraction(self) -> float:
        return self.customers / self.of if self.of else 0.0

    @property
    def words(self) -> str:
        return in_words(self.segments, self.pattern)

    @property
    def code(self) -> str:
        """The pattern in a URL: "101"."""
        return "".join("1" if is_in else "0" for is_in in self.pattern)


@dataclass(frozen=True)
class Row:
    """A segment beside all of them: how many of it are in each, None for itself."""

    segment: Segment
    size: int
    shared: Sequence[int | None]


@dataclass(frozen=True)
class Overlap:
    segments: Sequence[Segment]
    customers: Mapping[Pattern, int]

    @property
    def everybody(self) -> int:
        return sum(self.customers.values())

    @cached_property
    def in_any(self) -> int:
        return sum(number for pattern, number in self.customers.items() if any(pattern))

    @property
    def in_all(self) -> int:
        return self.customers.get((True,) * len(self.segments), 0)

    @property
    def lettered(self) -> list[tuple[str, Segment]]:
        """A, B, C … for where their names are too long."""
        return list(zip("ABCDE", self.segments, strict=False))

    @property
    def combinations(self) -> list[Combination]:
        """The largest first, without those that nobody is in."""
        found = [
            Combination(self.segments, pattern, number, self.in_any)
            for pattern, number in self.customers.items()
            if any(pattern) and number
        ]
        return sorted(found, key=lambda one: (-one.customers, one.pattern))

    @property
    def query(self) -> str:
        """The segments, as the editor is asked for one of a combination."""
        database = self.segments[0].customer_database_id
        return urlencode([("customer_database", database), *(("of", one.pk) for one in self.segments)])

    @property
    def nobody_in(self) -> int:
        """How many combinations are empty."""
        return (1 << len(self.segments)) - 1 - len(self.combinations)

    @property
    def rows(self) -> list[Row]:
        places = range(len(self.segments))
        return [
            Row(
                segment,
                self._in_both(place, place),
                [None if place == other else self._in_both(place, other) for other in places],
            )
            for place, segment in enumerate(self.segments)
        ]

    def _in_both(self, one: int, other: int) -> int:
        return sum(number for pattern, number in self.customers.items() if pattern[one] and pattern[other])


def overlap(segments: Sequence[Segment]) -> Overlap:
    """Of one customer database. Raises SizeUnknown, also after COUNT_SECONDS."""
    groups = [Group("all", (InSegment(one.pk),)) for one in segments]
    names = [f"in_{place}" for place in range(len(segments))]
    with opened(segments[0].customer_database, groups) as (connection, context):
        from campaigns.segments.compile import flags

        found = flags(context, {name: (group, UTC) for name, group in zip(names, groups, strict=True)})
        rows = connection.rows(found.group_by(names).aggregate(customers=found.count()))
    return Overlap(
        segments, {tuple(bool(row[name]) for name in names): int(row["customers"]) for row in rows}
    )


def in_words(segments: Sequence[Segment], pattern: Pattern) -> str:
    pairs = list(zip(segments, pattern, strict=True))
    inside = " and ".join(str(one) for one, is_in in pairs if is_in)
    outside = " or ".join(str(one) for one, is_in in pairs if not is_in)
    return f"{inside}, not {outside}" if outside else inside


def drafted(database: CustomerDatabase, ids: Iterable[str], code: str) -> Draft | None:
    """A segment of those in exactly this combination, to be looked at and saved; None for what is no combination."""
    pks = list(dict.fromkeys(pk for text in ids if (pk := number(text))))
    found = database.segments.active().in_bulk(pks)
    segments = [found[pk] for pk in pks if pk in found]
    pattern = tuple(sign == "1" for sign in code)
    if not any(pattern) or len(pattern) != len(segments):
        return None
    members = zip(segments, pattern, strict=True)
    rules = [{"segment": one.pk} | ({} if is_in else {"member": False}) for one, is_in in members]
    return Draft(
        name=_free_name(in_words(segments, pattern)),
        customer_database=database.pk,
        rules={"all": rules},
        time_zone=segments[0].time_zone,
    )


def _free_name(name: str) -> str:
    endings = ("" if number == 1 else f" {number}" for number in count(1))
    names = (name[: LONGEST_NAME - len(ending)].strip() + ending for ending in endings)
    return next(made for made in names if not Segment.objects.active().filter(name=made).exists())
