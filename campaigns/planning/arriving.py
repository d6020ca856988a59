"""Lists as they arrive: under which name, at which account, and which of them are one and the same there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from campaigns.planning import naming
from campaigns.planning.models import TreatmentGroup
from campaigns.planning.plain import Draft, Path
from campaigns.planning.world import World
from destinations.models import Destination


@dataclass(frozen=True)
class Arrival:
    """One list: a group at a destination, under the name it gets there."""

    path: Path  # of the group
    group: str
    sub_audience: str
    destination: Destination
    segment_name: str
    numbered: bool  # whether `_2`, `_3` … may follow it
    campaign: str

    @property
    def account(self) -> str:
        return self.destination.account_key

    @property
    def where(self) -> str:
        return self.sub_audience or f"sub-audience {int(self.path[1]) + 1}"

    def replaces(self, other: Arrival) -> bool:
        return self.account == other.account and naming.equal_names(
            self.segment_name,
            other.segment_name,
            first_numbered=self.numbered,
            second_numbered=other.numbered,
        )


def arrival(
    destination: Destination, campaign: str, group: str, path: Path = (), sub_audience: str = ""
) -> Arrival:
    kind = destination.the_kind
    name, numbered = kind.segment_names(
        destination.settings, kind.segment_name(destination.settings, campaign, group)
    )
    return Arrival(path, group, sub_audience, destination, name, numbered, campaign)


def arrivals(draft: Draft, world: World) -> list[Arrival]:
    """Every list this draft would send, in order."""
    return [
        arrival(world.destinations[pk], draft.name, group.name, path, sub_audience.name)
        for path, sub_audience, group in draft.sent_groups()
        for pk in dict.fromkeys(group.destinations)
        if pk in world.destinations
    ]


def elsewhere(draft: Draft, accounts: Iterable[str]) -> Iterator[Arrival]:
    """All lists of other live campaigns at these accounts; two queries."""
    wanted = set(accounts)
    if not wanted:
        return
    sent = (
        TreatmentGroup.objects.filter(
            removed_at=None,
            is_control=False,
            sub_audience__removed_at=None,
            sub_audience__campaign__archived_at=None,
            destinations__account_key__in=wanted,
        )
        .exclude(sub_audience__campaign=draft.id or 0)
        .order_by("pk")
        .values_list("sub_audience__campaign__name", "name", "destinations__pk")
    )
    destinations = Destination.objects.filter(account_key__in=wanted).in_bulk()
    for campaign, group, pk in sent:
        yield arrival(destinations[pk], campaign, group)


class Index:
    """Finds the lists that one would replace, without looking at all of them."""

    def __init__(self, lists: Iterable[Arrival]) -> None:
        self.lists: Sequence[Arrival] = list(lists)
        self._named: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._following: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, one in enumerate(self.lists):
            key = naming.comparison_key(one.segment_name)
            self._named[one.account, key].append(place)
            if stem := naming.followed(key):
                self._following[one.account, stem].append(place)

    def places(self, one: Arrival) -> list[int]:
        """Where the lists stand that `one` would replace, itself among them."""
        key = naming.comparison_key(one.segment_name)
        near = [*self._named.get((one.account, key), ()), *self._following.get((one.account, key), ())]
        near += self._named.get((one.account, naming.followed(key)), ())
        return sorted(place for place in near if one.replaces(self.lists[place]))

    def replaced(self, one: Arrival) -> list[Arrival]:
        return [self.lists[place] for place in self.places(one)]
