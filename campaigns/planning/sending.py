"""Where a campaign's groups go, and by which column: destinations and attributes of a draft."""

from __future__ import annotations

from collections.abc import Mapping

from campaigns.customers.contacts import guess
from campaigns.planning.headcount import Column
from campaigns.planning.plain import Draft, Problem
from campaigns.planning.world import World
from destinations.kind import Identifier
from destinations.models import Destination

IDENTIFIER_WORDS: dict[Identifier, str] = {"email": "e-mail", "phone": "phone"}
_VALUES: dict[Identifier, str] = {"email": "e-mail addresses", "phone": "phone numbers"}
_OTHER: dict[Identifier, Identifier] = {"email": "phone", "phone": "email"}


def check_destinations(draft: Draft, world: World, errors: list[Problem], warnings: list[Problem]) -> None:
    """Each exists and is this person's to choose; what others chose before stays."""
    for path, _, group in draft.sent_groups():
        here = (*path, "destinations")
        for pk in dict.fromkeys(group.destinations):
            destination = world.destinations.get(pk)
            is_kept = (group.id, pk) in world.kept
            if destination is None or destination.archived_at is not None:
                errors.append(Problem(here, "A chosen destination no longer exists. Choose another."))
            elif pk not in world.allowed and not is_kept:
                # Says no name: this person may not know of it.
                errors.append(Problem(here, "You may not send to a chosen destination. Choose another."))
            elif destination.disabled_at is not None:
                text = f"{destination} is disabled."
                if is_kept:
                    warnings.append(Problem(here, text, "Ask an operator to enable it before you launch."))
                else:
                    errors.append(Problem(here, text, "Choose another destination."))
        if not group.destinations:
            warnings.append(
                Problem(
                    here, f"“{group.name}” goes nowhere.", "Its people receive nothing; choose a destination."
                )
            )


def check_attributes(draft: Draft, world: World, errors: list[Problem], warnings: list[Problem]) -> None:
    """Of e-mail and phone exactly one, the destination's, feeds each, from a column that is there."""
    for pk in draft.sent_destinations():
        destination = world.destinations.get(pk)
        if destination is None:
            continue
        chosen = ticked(draft, world, destination)
        path = ("attributes", pk)
        if problem := _attribute_problem(destination, chosen, world):
            errors.append(Problem(path, problem, proposal=_column(chosen, world, destination)))
        elif problem := _mistaken(destination, chosen[destination.identifier], world):
            warnings.append(Problem(path, problem, proposal=_column({}, world, destination)))


def _column(chosen: Mapping[Identifier, str], world: World, destination: Destination) -> str:
    """What could feed the destination: what is chosen, its default attribute, what a column's name says."""
    takes = destination.identifier
    possible = (chosen.get(takes, ""), world.defaults.get(destination.pk, ""), _guess(takes, world))
    return next((one for one in possible if one and one in (world.columns or ())), "")


def _guess(identifier: Identifier, world: World) -> str:
    return guess(world.catalogue, identifier, world.database.contact_table if world.database else "")


def _mistaken(destination: Destination, column: str, world: World) -> str:
    """Where the column's name says that it holds what the destination does not take."""
    takes = destination.identifier
    other = _OTHER[takes]
    if column != _guess(other, world) or column == world.defaults.get(destination.pk):
        return ""
    return (
        f"{destination} takes {_VALUES[takes]}, and {column} seems to hold {_VALUES[other]}. "
        "If over half of it is unusable, the delivery summary refuses it."
    )


def ticked(draft: Draft, world: World, destination: Destination) -> Mapping[Identifier, str]:
    """The ticked attributes and their columns: as the draft says, else the default attribute."""
    if destination.pk in draft.attributes:
        return draft.attributes[destination.pk]
    default = world.defaults.get(destination.pk)
    return {destination.identifier: default} if default else {destination.identifier: ""}


def column_of(draft: Draft, world: World, destination: Destination) -> Column | None:
    """What feeds the destination, where that is a column there is."""
    path = ticked(draft, world, destination).get(destination.identifier, "")
    is_known = world.columns is not None and path in world.columns
    return Column(path, destination.identifier) if is_known else None


def columns_of(draft: Draft, world: World) -> list[Column]:
    """Of all destinations that are sent to, each once."""
    sent = [world.destinations[pk] for pk in draft.sent_destinations() if pk in world.destinations]
    return list(dict.fromkeys(filter(None, (column_of(draft, world, one) for one in sent))))


def _attribute_problem(destination: Destination, chosen: Mapping[Identifier, str], world: World) -> str:
    takes = destination.identifier
    word = IDENTIFIER_WORDS[takes]
    other = IDENTIFIER_WORDS[_OTHER[takes]]
    if not chosen:
        return f"{destination} identifies people by {word}, and nothing is ticked. Tick {word}."
    if len(chosen) > 1:
        return (
            f"{destination} identifies people by {word}, and a list holds e-mails or phones, never both. "
            f"Untick {other}."
        )
    if takes not in chosen:
        return f"{destination} identifies people by {word}, not by {other}. Untick {other} and tick {word}."
    column = chosen[takes]
    if not column:
        return f"Choose which column holds the {word} for {destination}, under “Edit attributes”."
    if world.columns is not None and column not in world.columns:
        return f"{world.database} has no column {column} any more. Choose the column that holds the {word}."
    return ""
