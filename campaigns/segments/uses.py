"""Where a segment is used: in campaigns, in other segments, as a suppression list. By reverse relations alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from campaigns.customers.mentions import Key, naming_ids
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.models import Segment
from campaigns.segments.uploaded.models import UploadedList

IN_RULES = "names it in the rules of a sub-audience"


@dataclass(frozen=True)
class Use:
    """A campaign that uses a segment, and how: included, excluded or in a sub-audience; or a segment that names it."""

    pk: int
    name: str
    how: str = ""
    when: str = ""  # its schedule runs, in words; empty where no run is to come


@dataclass(frozen=True)
class Suppressed:
    """A customer database whose suppression list it is; or is named by, at any depth: then `through` that one."""

    name: str
    through: str = ""


@dataclass(frozen=True)
class Uses:
    """`beside`: what else runs by a schedule and is changed by an edit, because a suppression list is."""

    campaigns: Sequence[Use]
    segments: Sequence[Use]
    suppresses: Sequence[Suppressed] = ()
    beside: Sequence[Use] = field(default=(), repr=False)

    def __bool__(self) -> bool:
        return bool(self.campaigns or self.segments or self.suppresses)

    @property
    def scheduled(self) -> dict[str, str]:
        """{campaign with runs to come: when}"""
        return {use.name: use.when for use in (*self.campaigns, *self.beside) if use.when}

    @property
    def campaign_count(self) -> int:
        return len({use.pk for use in self.campaigns})

    @property
    def campaign_names(self) -> list[str]:
        return list(dict.fromkeys(use.name for use in self.campaigns))


# {how: the way from a segment to the campaign}
_RELATIONS = {
    "includes it": "included_in",
    "excludes it": "excluded_from",
    "has it in a sub-audience": "sub_audiences__campaign",
}


def uses_of(segment: Segment) -> Uses:
    """By what is not archived; by campaigns also through other segments that name it, at any depth."""
    database = segment.customer_database
    users = _users(database.pk)
    through = _all_users(segment.pk, users)
    found = _uses([segment.pk, *through], [database.pk])
    direct = found.pop(segment.pk)
    known = {use.pk for use in direct}
    names = dict(Segment.objects.filter(pk__in=through).values_list("pk", "name"))
    indirect = {
        replace(use, how=f"through “{names[pk]}”: {use.how}")
        for pk, uses in found.items()
        for use in uses
        if use.pk not in known
    }
    suppresses = _suppressed(segment, names)
    campaigns = direct | indirect
    upcoming = _upcoming(database, None if suppresses else {use.pk for use in campaigns})
    when = {use.pk: use.when for use in upcoming}
    return Uses(
        campaigns=sorted(
            (replace(use, when=when.get(use.pk, "")) for use in campaigns),
            key=lambda use: (use.name, use.how),
        ),
        segments=sorted((Use(pk, names[pk]) for pk in users[segment.pk]), key=lambda use: use.name),
        suppresses=suppresses,
        beside=upcoming if suppresses else (),
    )


def _users(*databases: int) -> Mapping[int, set[int]]:
    """Which segments name each segment of these customer databases in their rules."""
    found: dict[int, set[int]] = defaultdict(set)
    segments = Segment.objects.active().filter(customer_database__in=databases)
    for (pk,), named in naming_ids(segments, "rules", "segment", "pk"):
        for one in named - {pk}:
            found[one].add(pk)
    return found


def _all_users(pk: int, users: Mapping[int, set[int]]) -> set[int]:
    """The segments that name this one, or one that does."""
    found: set[int] = set()
    left = [pk]
    while left:
        more = users.get(left.pop(), set()) - found - {pk}
        found |= more
        left.extend(more)
    return found


def _suppressed(segment: Segment, through: Mapping[int, str]) -> list[Suppressed]:
    lists = CustomerDatabase.objects.active().filter(suppression__in=[segment.pk, *through])
    return [Suppressed(name, through.get(pk, "")) for name, pk in lists.values_list("name", "suppression_id")]


def _upcoming(database: CustomerDatabase, among: Collection[int] | None) -> list[Use]:
    """The campaigns (of these; None: all) with a run to come, by name."""
    rows = database.campaigns.filter(archived_at=None, next_run_at__isnull=False)
    if among is not None:
        rows = rows.filter(pk__in=among)
    found = rows.only("name", "schedule", "time_zone", "next_run_at").order_by("name")
    return [Use(one.pk, one.name, when=one.upcoming) for one in found]


def uses_of_list(one: UploadedList) -> Uses:
    """What names an uploaded list in its rules and is not archived."""
    segments = one.customer_database.segments.active().order_by("name")
    named = naming_ids(segments, "rules", "list", "pk", "name")
    return Uses(
        campaigns=[
            Use(pk, name, IN_RULES)
            for pk, name, ids in _ruled_sub_audiences([one.customer_database_id], "list")
            if one.pk in ids
        ],
        segments=[Use(pk, name) for (pk, name), ids in named if one.pk in ids],
    )


def campaigns_using(segments: Sequence[Segment]) -> dict[int, int]:
    """How many campaigns use each, as `uses_of` has them; a handful of queries, whatever their number."""
    databases = {one.customer_database_id for one in segments}
    users = _users(*databases)
    through = {one.pk: {one.pk} | _all_users(one.pk, users) for one in segments}
    found = _uses(set().union(*through.values()), databases)
    return {
        pk: len({use.pk for one in users_of_it for use in found[one]}) for pk, users_of_it in through.items()
    }


def _uses(pks: Collection[int], databases: Collection[int]) -> dict[int, set[Use]]:
    found: dict[int, set[Use]] = {pk: set() for pk in pks}
    for how, way in _RELATIONS.items():
        conditions = {f"{way}__isnull": False, f"{way}__archived_at": None}
        if way.startswith("sub_audiences"):
            conditions["sub_audiences__removed_at"] = None
        rows = Segment.objects.filter(pk__in=pks, **conditions).values_list(
            "pk", f"{way}__pk", f"{way}__name"
        )
        for pk, campaign, name in rows:
            found[pk].add(Use(campaign, name, how))
    for campaign, name, ids in _ruled_sub_audiences(databases, "segment"):
        for pk in ids & found.keys():
            found[pk].add(Use(campaign, name, IN_RULES))
    return found


def _ruled_sub_audiences(databases: Collection[int], key: Key) -> Iterator[tuple[int, str, frozenset[int]]]:
    """(campaign, its name, the segments or lists that the rules of a sub-audience name)"""
    rows = CustomerDatabase.objects.filter(
        pk__in=databases, campaigns__archived_at=None, campaigns__sub_audiences__removed_at=None
    )
    way = "campaigns__sub_audiences__rules"
    for (pk, name), ids in naming_ids(rows, way, key, "campaigns__pk", "campaigns__name"):
        yield pk, name, ids
