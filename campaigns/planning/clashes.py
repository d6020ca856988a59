"""Names as the destinations see them: what a kind cannot carry, which lists would replace each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from campaigns.planning import naming
from campaigns.planning.models import Campaign, TreatmentGroup
from campaigns.planning.plain import Draft, DraftGroup, DraftSubAudience, Path, Problem
from campaigns.planning.world import World
from config import clock
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

    def replaces(self, other: Arrival) -> bool:
        return self.destination.account_key == other.destination.account_key and naming.equal_names(
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
    return Arrival(path, group, sub_audience, destination, name, numbered)


def arrivals(draft: Draft, world: World) -> list[Arrival]:
    """Every list this draft would send, in order."""
    return [
        arrival(world.destinations[pk], draft.name, group.name, path, sub_audience.name)
        for path, sub_audience, group in draft.sent_groups()
        for pk in dict.fromkeys(group.destinations)
        if pk in world.destinations
    ]


def check_names(draft: Draft, world: World, errors: list[Problem], warnings: list[Problem]) -> None:
    lists = arrivals(draft, world)
    carried = [one for one in lists if not _cannot_carry(draft, one, errors)]
    _check_within(draft, lists, world, errors)
    _warn_of_others(draft, carried, warnings)
    _warn_of_unclear(draft, world, warnings)


def _cannot_carry(draft: Draft, one: Arrival, errors: list[Problem]) -> bool:
    """Adds the error, at the name that causes it, unless the same one stands there already."""
    kind = one.destination.the_kind
    path: Path = (*one.path, "name")
    text = "" if naming.name_problem(one.group) else kind.name_problem(one.group)
    if not text and _spoils(draft.name, one):
        path = ("name",)
        text = "" if naming.name_problem(draft.name) else kind.name_problem(draft.name)
    elif not text and (text := kind.name_problem(one.segment_name)):
        text = f"“{one.segment_name}” is the segment name this leads to. {text}"
    problem = Problem(path, text)
    if text and problem not in errors:
        errors.append(problem)
    return bool(text)


def _spoils(campaign: str, one: Arrival) -> bool:
    """Whether it is the campaign's name that makes this segment name one that the kind cannot carry."""
    kind = one.destination.the_kind
    return bool(kind.name_problem(one.segment_name) and kind.name_problem(campaign))


def _check_within(draft: Draft, lists: Sequence[Arrival], world: World, errors: list[Problem]) -> None:
    """Two lists of one account and one name: the error stands at the later group."""
    told: set[Path] = set()
    for index, later in enumerate(lists):
        for earlier in lists[:index]:
            if later.path not in told and earlier.replaces(later):
                told.add(later.path)
                errors.append(_clash(draft, earlier, later, world))


def _clash(draft: Draft, earlier: Arrival, later: Arrival, world: World) -> Problem:
    if earlier.path == later.path:
        return _clash_with_itself(draft, earlier, later, world)
    where = "" if earlier.sub_audience == later.sub_audience else f" in {earlier.sub_audience}"
    same = earlier.destination.pk == later.destination.pk
    places = (
        f"{later.destination}"
        if same
        else f"{earlier.destination} and {later.destination}, which share an account"
    )
    how = (
        f"Two groups would arrive as {later.segment_name}."
        if naming.comparison_key(earlier.segment_name) == naming.comparison_key(later.segment_name)
        else f"{later.segment_name} and {earlier.segment_name} count as one name."
    )
    advice = (
        f"“{later.group}” here and “{earlier.group}”{where} both go to {places}; "
        "the second list would replace the first."
    )
    if not _follows_the_group(later, draft.name):
        return Problem((*later.path, "name"), how, f"{advice} {_TEMPLATE}")
    proposal = _free_name(draft, later, world, _identifier_names(earlier, later))
    return Problem((*later.path, "name"), how, f"{advice} Rename one.", proposal)


_TEMPLATE = (
    "The destination's segment name template does not hold the group's name: send one group only, "
    "or ask an operator to add {{ group_name }} to the template."
)


def _clash_with_itself(draft: Draft, earlier: Arrival, later: Arrival, world: World) -> Problem:
    message = f"“{later.group}” would arrive as {later.segment_name} twice."
    shared = f"{earlier.destination} and {later.destination} share an account"
    advice = f"{shared}; the second list would replace the first. Send it to one of them, or make two groups."
    if (
        not _follows_the_group(later, draft.name)
        or earlier.destination.identifier == later.destination.identifier
    ):
        return Problem((*later.path, "destinations"), message, advice)
    is_free = _is_free(draft, later.path, [earlier.destination, later.destination], world)
    email, phone = f"{later.group}_Email", f"{later.group}_SMS"
    if is_free(email) and is_free(phone):
        return Problem((*later.path, "destinations"), message, advice, email, phone)
    return Problem((*later.path, "destinations"), message, advice)


def _follows_the_group(one: Arrival, campaign: str) -> bool:
    """Whether another group name would give another segment name."""
    other = arrival(one.destination, campaign, f"{one.group}x")
    return other.segment_name != one.segment_name


def _identifier_names(earlier: Arrival, later: Arrival) -> list[str]:
    if earlier.destination.identifier == later.destination.identifier:
        return []
    ending = "_Email" if later.destination.identifier == "email" else "_SMS"
    return [f"{later.group.strip()}{ending}"]


def _free_name(draft: Draft, one: Arrival, world: World, first: Iterable[str] = ()) -> str:
    """A better name for the group of `one`: the first of `first` that is free, else a made one."""
    sub_audience = _sub_audience(draft, one.path)
    group = _group(draft, one.path)
    to = [world.destinations[pk] for pk in group.destinations if pk in world.destinations]
    is_free = _is_free(draft, one.path, to, world)
    for name in first:
        if is_free(name):
            return name
    return naming.propose(_stems(draft, sub_audience, world), is_free)


def _stems(draft: Draft, sub_audience: DraftSubAudience, world: World) -> Iterator[str]:
    """What a group's name may be made of, best first."""
    if sub_audience.is_rest:
        yield "Everyone" if len(draft.sub_audiences) == 1 else "Everyone else"
    else:
        yield sub_audience.name
    for pk in (*sub_audience.segments, *draft.include):
        if pk in world.segments:
            yield world.segments[pk].name
    yield "Audience"


def _is_free(
    draft: Draft, path: Path, destinations: Sequence[Destination], world: World
) -> Callable[[str], bool]:
    """Whether the group at `path` could have a name: carried everywhere, equal to no other list's."""
    sub_audience = _sub_audience(draft, path)
    others = [one for one in arrivals(draft, world) if one.path != path]
    siblings = {
        naming.comparison_key(group.name)
        for number, group in enumerate(sub_audience.groups)
        if number != path[3]
    }

    def is_free(name: str) -> bool:
        if naming.name_problem(name) or naming.comparison_key(name) in siblings:
            return False
        made = [arrival(destination, draft.name, name, path) for destination in destinations]
        return not any(
            one.destination.the_kind.name_problem(name)
            or (one.destination.the_kind.name_problem(one.segment_name) and not _spoils(draft.name, one))
            or any(one.replaces(other) for other in others)
            for one in made
        )

    return is_free


def _sub_audience(draft: Draft, path: Path) -> DraftSubAudience:
    return draft.sub_audiences[int(path[1])]


def _group(draft: Draft, path: Path) -> DraftGroup:
    return _sub_audience(draft, path).groups[int(path[3])]


def _warn_of_others(draft: Draft, lists: Sequence[Arrival], warnings: list[Problem]) -> None:
    """Lists that another live campaign sends under an equal name to the same account."""
    others = list(_others(draft, {one.destination.account_key for one in lists})) if lists else []
    for one in lists:
        for campaign, other in others:
            if one.replaces(other):
                text = f"The campaign “{campaign}” also sends {other.segment_name} to this account."
                advice = "Whichever is launched later replaces the other's list."
                problem = Problem((*one.path, "name"), text, advice)
                if problem not in warnings:
                    warnings.append(problem)


def _others(draft: Draft, accounts: set[str]) -> Iterator[tuple[str, Arrival]]:
    """(campaign, its list) for all lists of other live campaigns at these accounts; two queries."""
    sent = (
        TreatmentGroup.objects.filter(
            removed_at=None,
            is_control=False,
            sub_audience__removed_at=None,
            sub_audience__campaign__archived_at=None,
            destinations__account_key__in=accounts,
        )
        .exclude(sub_audience__campaign=draft.id or 0)
        .order_by("pk")
        .values_list("sub_audience__campaign__name", "name", "destinations__pk")
    )
    destinations = Destination.objects.filter(account_key__in=accounts).in_bulk()
    for campaign, group, pk in sent:
        yield campaign, arrival(destinations[pk], campaign, group)


def _warn_of_unclear(draft: Draft, world: World, warnings: list[Problem]) -> None:
    for path, _, group in draft.sent_groups():
        if naming.name_problem(group.name):
            continue
        to = [world.destinations[pk] for pk in dict.fromkeys(group.destinations) if pk in world.destinations]
        for found in naming.warnings_for_group(
            group.name,
            campaign=draft.name,
            destinations=[destination.name for destination in to],
            platform=to[0].the_kind.platform if to else "",
            propose=_proposer(draft, path, to, world),
        ):
            warnings.append(Problem((*path, "name"), found.message, found.advice, found.proposal))
    if naming.name_problem(draft.name):
        return
    for found in naming.warnings_for_campaign(draft.name, propose=_campaign_proposer(draft, world)):
        warnings.append(Problem(("name",), found.message, found.advice, found.proposal))


def _proposer(
    draft: Draft, path: Path, destinations: Sequence[Destination], world: World
) -> Callable[[str], str]:
    is_free = _is_free(draft, path, destinations, world)
    sub_audience = _sub_audience(draft, path)

    def propose(stem: str) -> str:
        if stem and not naming.is_default_name(stem) and is_free(stem):
            return stem
        return naming.propose(_stems(draft, sub_audience, world), is_free)

    return propose


def _campaign_proposer(draft: Draft, world: World) -> Callable[[str], str]:
    def is_free(name: str) -> bool:
        renamed = replace(draft, name=name)
        taken = Campaign.objects.named(name, but=draft.id).exists()
        carried = all(
            not one.destination.the_kind.name_problem(one.segment_name) for one in arrivals(renamed, world)
        )
        return carried and not naming.name_problem(name) and not taken

    def propose(stem: str) -> str:
        included = [world.segments[pk].name for pk in draft.include if pk in world.segments]
        return naming.propose_campaign([stem, *included, "Audience"], clock.now().date(), is_free)

    return propose
