"""Names as the destinations see them: what a kind cannot carry, which lists replace each other, what is better."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from campaigns.planning import naming
from campaigns.planning.arriving import Arrival, Index, arrival, arrivals, elsewhere
from campaigns.planning.models import Campaign
from campaigns.planning.plain import Draft, DraftGroup, DraftSubAudience, Path, Problem
from campaigns.planning.world import World
from config import clock
from destinations.models import Destination


def check_names(draft: Draft, world: World, errors: list[Problem], warnings: list[Problem]) -> None:
    """Adds what is wrong or unclear, and gives every refused name a better one."""
    names = _Names(draft, world)
    carried = [one for one in names.own.lists if not _cannot_carry(draft, one, errors)]
    names.check_within(errors)
    names.warn_of_others(carried, warnings)
    names.warn_of_unclear(warnings)
    errors[:] = [names.with_proposal(problem) for problem in errors]


def _cannot_carry(draft: Draft, one: Arrival, errors: list[Problem]) -> bool:
    """Adds the error, at the name that causes it, unless the same one stands there already."""
    kind = one.destination.the_kind
    path: Path = (*one.path, "name")
    text = "" if naming.name_problem(one.group) else kind.name_problem(one.group)
    if not text and _spoils(draft.name, one):
        path = ("name",)
        text = "" if naming.name_problem(draft.name) else kind.name_problem(draft.name)
    elif not text and not naming.name_problem(one.group) and (text := kind.name_problem(one.segment_name)):
        text = f"“{one.segment_name}” is the segment name this leads to. {text}"
    problem = Problem(path, text)
    if text and problem not in errors:
        errors.append(problem)
    return bool(text)


def _spoils(campaign: str, one: Arrival) -> bool:
    """Whether it is the campaign's name that makes this segment name one that the kind cannot carry."""
    kind = one.destination.the_kind
    is_wrong = naming.name_problem(campaign) or kind.name_problem(campaign)
    return bool(kind.name_problem(one.segment_name) and is_wrong)


_TEMPLATE = (
    "The destination's segment name template does not hold the group's name: send one group only, "
    "or ask an operator to add {{ group_name }} to the template."
)


def _follows_the_group(one: Arrival, campaign: str) -> bool:
    """Whether another group name would give another segment name."""
    other = arrival(one.destination, campaign, f"{one.group}x")
    return other.segment_name != one.segment_name


def _identifier_names(earlier: Arrival, later: Arrival) -> list[str]:
    if earlier.destination.identifier == later.destination.identifier:
        return []
    ending = "_Email" if later.destination.identifier == "email" else "_SMS"
    return [f"{later.group.strip()}{ending}"]


class _Names:
    """The lists of a draft, beside those that other live campaigns send to the same accounts."""

    def __init__(self, draft: Draft, world: World) -> None:
        self.draft = draft
        self.world = world
        self.own = Index(arrivals(draft, world))
        self.others = Index(elsewhere(draft, (one.account for one in self.own.lists)))

    # Lists that would replace each other ------------------------------------------------------------------

    def check_within(self, errors: list[Problem]) -> None:
        """Two lists of one account and one name: the error stands at the later group."""
        told: set[Path] = set()
        for place, later in enumerate(self.own.lists):
            first = self.own.places(later)[0]
            if first < place and later.path not in told:
                told.add(later.path)
                errors.append(self._clash(self.own.lists[first], later))

    def _clash(self, earlier: Arrival, later: Arrival) -> Problem:
        if earlier.path == later.path:
            return self._clash_with_itself(earlier, later)
        where = "" if earlier.path[1] == later.path[1] else f" in {earlier.where}"
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
        path = (*later.path, "name")
        if not _follows_the_group(later, self.draft.name):
            return Problem(path, how, f"{advice} {_TEMPLATE}", account=later.account)
        proposal = self._free_name(later.path, _identifier_names(earlier, later))
        return Problem(path, how, f"{advice} Rename one.", proposal, account=later.account)

    def _clash_with_itself(self, earlier: Arrival, later: Arrival) -> Problem:
        message = f"“{later.group}” would arrive as {later.segment_name} twice."
        shared = f"{earlier.destination} and {later.destination} share an account"
        advice = (
            f"{shared}; the second list would replace the first. Send it to one of them, or make two groups."
        )
        problem = Problem((*later.path, "destinations"), message, advice, account=later.account)
        if (
            not _follows_the_group(later, self.draft.name)
            or earlier.destination.identifier == later.destination.identifier
        ):
            return problem
        is_free = self._is_free(later.path, [earlier.destination, later.destination])
        email, phone = f"{later.group}_Email", f"{later.group}_SMS"
        return (
            replace(problem, proposal=email, second=phone) if is_free(email) and is_free(phone) else problem
        )

    def warn_of_others(self, lists: Sequence[Arrival], warnings: list[Problem]) -> None:
        """Lists that another live campaign sends under an equal name to the same account."""
        told: set[tuple[Path, str, str]] = set()
        for one in lists:
            for other in self.others.replaced(one):
                if (one.path, one.account, other.campaign) not in told:
                    told.add((one.path, one.account, other.campaign))
                    warnings.append(self._clash_with_other(one, other))

    def _clash_with_other(self, one: Arrival, other: Arrival) -> Problem:
        message = (
            f"The campaign “{other.campaign}” also sends {other.segment_name} to the account "
            f"of {one.destination}."
        )
        advice = "Whichever is launched later replaces the other's list."
        proposal = self._free_name(one.path) if _follows_the_group(one, self.draft.name) else ""
        return Problem((*one.path, "name"), message, advice, proposal, account=one.account)

    # Better names -----------------------------------------------------------------------------------------

    def with_proposal(self, problem: Problem) -> Problem:
        """A refused name with a better one, where there is one."""
        path = problem.path
        if problem.proposal or path[-1:] != ("name",) or problem.account:
            return problem
        if path == ("name",):
            name = self.draft.name.strip()
            return replace(problem, proposal=self._propose_campaign(naming.plain(name))) if name else problem
        if len(path) != 5:
            return problem
        stem = naming.joined(self._group(path).name)
        return replace(problem, proposal=self._free_name(path[:4], [stem] if stem else []))

    def _free_name(self, path: Path, first: Iterable[str] = ()) -> str:
        """A better name for the group at `path`: the first of `first` that is free, else a made one."""
        is_free = self._is_free(path, self._destinations(path))
        free = (name for name in first if not naming.is_default_name(name) and is_free(name))
        return next(free, "") or naming.propose(self._stems(path), is_free)

    def _destinations(self, path: Path) -> list[Destination]:
        known, group = self.world.destinations, self._group(path)
        return [known[pk] for pk in dict.fromkeys(group.destinations) if pk in known and not group.is_control]

    def _stems(self, path: Path) -> Iterator[str]:
        """What a group's name may be made of, best first."""
        sub_audience = self._sub_audience(path)
        if sub_audience.is_rest:
            yield "Everyone" if len(self.draft.sub_audiences) == 1 else "Everyone else"
        else:
            yield sub_audience.name
        for pk in (*sub_audience.segments, *self.draft.include):
            if pk in self.world.segments:
                yield self.world.segments[pk].name
        yield "Audience"

    def _is_free(self, path: Path, destinations: Sequence[Destination]) -> Callable[[str], bool]:
        """Whether the group at `path` could have a name: carried everywhere, equal to no other list's."""
        siblings = {
            naming.comparison_key(group.name)
            for number, group in enumerate(self._sub_audience(path).groups)
            if number != path[3]
        }

        def is_free(name: str) -> bool:
            if naming.name_problem(name) or naming.comparison_key(name) in siblings:
                return False
            made = [arrival(one, self.draft.name, name, path) for one in destinations]
            return all(self._is_carried(name, one) and self._is_own(one) for one in made)

        return is_free

    def _is_carried(self, name: str, one: Arrival) -> bool:
        kind = one.destination.the_kind
        spoilt = kind.name_problem(one.segment_name) and not _spoils(self.draft.name, one)
        return not kind.name_problem(name) and not spoilt

    def _is_own(self, one: Arrival) -> bool:
        return not self.others.places(one) and all(other.path == one.path for other in self.own.replaced(one))

    def _sub_audience(self, path: Path) -> DraftSubAudience:
        return self.draft.sub_audiences[int(path[1])]

    def _group(self, path: Path) -> DraftGroup:
        return self._sub_audience(path).groups[int(path[3])]

    # Names that say nothing -------------------------------------------------------------------------------

    def warn_of_unclear(self, warnings: list[Problem]) -> None:
        for path, _, group in self.draft.sent_groups():
            if naming.name_problem(group.name):
                continue
            to = self._destinations(path)
            for found in naming.warnings_for_group(
                group.name,
                campaign=self.draft.name,
                destinations=[destination.name for destination in to],
                platform=to[0].the_kind.platform if to else "",
                propose=self._proposer(path),
            ):
                warnings.append(Problem((*path, "name"), found.message, found.advice, found.proposal))
        if naming.name_problem(self.draft.name):
            return
        for found in naming.warnings_for_campaign(self.draft.name, propose=self._propose_campaign):
            warnings.append(Problem(("name",), found.message, found.advice, found.proposal))

    def _proposer(self, path: Path) -> Callable[[str], str]:
        return lambda stem: self._free_name(path, [stem] if stem else [])

    def _propose_campaign(self, stem: str) -> str:
        included = [self.world.segments[pk].name for pk in self.draft.include if pk in self.world.segments]
        return naming.propose_campaign(
            [stem, *included, "Audience"], clock.now().date(), self._is_campaigns_name
        )

    def _is_campaigns_name(self, name: str) -> bool:
        if naming.name_problem(name) or Campaign.objects.named(name, but=self.draft.id).exists():
            return False
        made = arrivals(replace(self.draft, name=name), self.world)
        return all(not one.destination.the_kind.name_problem(one.segment_name) for one in made)
