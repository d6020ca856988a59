"""Rules while they are edited: a tree of groups and rows that may still be wrong, and what buttons do to it. Pure.

A place is the way to a rule from the outermost group: (0, 2) is the third rule of its first one, "r-0-2" in the form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from campaigns.segments.rules import Match, Path

Place = tuple[int, ...]
Kind = Literal["attribute", "segment", "kept"]


@dataclass(frozen=True)
class Row:
    """One rule as its fields hold it.

    `kept`: what the editor has no fields for, such as rows of a table: carried as data, shown in words.
    """

    kind: Kind = "attribute"
    attribute: str = ""  # "table.column", or what was typed
    choice: str = ""  # a key of CHOICES
    values: tuple[str, ...] = ()
    unit: str = "days"
    ignore_case: bool = False
    segment: int | None = None
    member: bool = True
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Branch:
    """A group of rules."""

    match: Match = "all"
    rules: tuple[Branch | Row, ...] = (Row(),)


def id_of(place: Place) -> str:
    return "-".join(("r", *map(str, place)))


def place_of(text: str) -> Place:
    """Raises ValueError for what is no id."""
    if not re.fullmatch(r"r(-\d{1,5}){0,30}", text, re.ASCII):
        raise ValueError(text)
    return tuple(int(part) for part in text.split("-")[1:])


def place_at(path: Path, branch: Branch) -> Place:
    """The rule that a path of the file format leads to or into: ("all", 0, "any", 2, "is") is (0, 2)."""
    place: Place = ()
    here: Branch | Row = branch
    for number in path[1::2]:
        if not isinstance(here, Branch) or not isinstance(number, int) or number >= len(here.rules):
            break
        place, here = (*place, number), here.rules[number]
    return place


def at(branch: Branch, place: Place) -> Branch | Row:
    """Raises IndexError for a place that is not there."""
    here: Branch | Row = branch
    for number in place:
        if not isinstance(here, Branch):
            raise IndexError(place)
        here = here.rules[number]
    return here


def rows(branch: Branch, place: Place = ()) -> Iterator[tuple[Place, Row]]:
    """Every rule with its place, in the order of the page."""
    for number, item in enumerate(branch.rules):
        if isinstance(item, Row):
            yield (*place, number), item
        else:
            yield from rows(item, (*place, number))


def without(branch: Branch, places: set[Place], at_place: Place = ()) -> Branch | None:
    """The tree without the rules at these places and the groups that this empties; None where nothing is left."""
    kept: list[Branch | Row] = []
    for number, item in enumerate(branch.rules):
        here = (*at_place, number)
        if here in places:
            continue
        left = item if isinstance(item, Row) else without(item, places, here)
        if left is not None:
            kept.append(left)
    return replace(branch, rules=tuple(kept)) if kept else None


# What buttons do ----------------------------------------------------------------------------------------


def act(branch: Branch, action: str) -> tuple[Branch, str]:
    """The tree after a button was pressed, and the id of the element that gets the focus.

    `action` is a verb and a place, "add-rule:r-0"; unknown verbs and places that are gone change nothing.
    """
    verb, _, where = action.partition(":")
    try:
        place = place_of(where)
        at(branch, place)
        return _ACTIONS[verb](branch, place)
    except (KeyError, ValueError, IndexError):
        return branch, ""


def _add_rule(branch: Branch, place: Place) -> tuple[Branch, str]:
    return _add(branch, place, Row())


def _add_group(branch: Branch, place: Place) -> tuple[Branch, str]:
    outer = at(branch, place)
    inner: Match = "any" if isinstance(outer, Branch) and outer.match == "all" else "all"
    return _add(branch, place, Branch(inner))


def _add(branch: Branch, place: Place, item: Branch | Row) -> tuple[Branch, str]:
    outer = at(branch, place)
    if isinstance(outer, Row):
        raise IndexError(place)
    where = (*place, len(outer.rules))
    return _insert(branch, where, item), _first_field(where, item)


def _first_field(place: Place, item: Branch | Row) -> str:
    inner = (*place, 0) if isinstance(item, Branch) else place
    return f"{id_of(inner)}-attribute"


def _menu(place: Place) -> str:
    return f"{id_of(place)}-menu"


def _duplicate(branch: Branch, place: Place) -> tuple[Branch, str]:
    copy = (*place[:-1], place[-1] + 1)
    return _insert(branch, copy, at(branch, place)), _menu(copy)


def _remove(branch: Branch, place: Place) -> tuple[Branch, str]:
    """A group that this empties goes too; the outermost keeps an empty rule."""
    left = without(branch, {place}) or Branch(branch.match)
    return left, _menu(_nearest(left, place))


def _nearest(branch: Branch, place: Place) -> Place:
    """The rule that now stands where one was taken away, or the last before it."""
    here: Branch | Row = branch
    found: Place = ()
    for number in place:
        if isinstance(here, Row):
            break
        number = min(number, len(here.rules) - 1)
        found, here = (*found, number), here.rules[number]
    return found


def _insert(branch: Branch, place: Place, item: Branch | Row) -> Branch:
    def insert(rules: list[Branch | Row], number: int) -> None:
        rules.insert(number, item)

    return _changed(branch, place, insert)


def _changed(branch: Branch, place: Place, change: Callable[[list[Branch | Row], int], None]) -> Branch:
    """`change` gets the rules of the group that holds the place, and the place's number in it."""
    number, deeper = place[0], place[1:]
    rules = list(branch.rules)
    if not deeper:
        change(rules, number)
    else:
        inner = rules[number]
        if isinstance(inner, Row):
            raise IndexError(place)
        rules[number] = _changed(inner, deeper, change)
    return replace(branch, rules=tuple(rules))


def _move(branch: Branch, place: Place, by: int) -> tuple[Branch, str]:
    """Past a neighbour, into a neighbouring group, or out of a group at its end, as an outline does.

    A group does not go into another one.
    """
    target = _target(branch, place, by)
    if target is None:
        return branch, _menu(place)
    both = _insert(branch, target, at(branch, place))
    old = _emptied_by(both, _after_insertion(place, target))
    moved = without(both, {old})
    assert moved is not None
    return moved, _menu(_after_removal(target, old))


def _emptied_by(branch: Branch, place: Place) -> Place:
    """What goes when the rule at a place does: the outermost group that holds nothing else, or the rule itself."""
    while len(place) > 1:
        outer = at(branch, place[:-1])
        if not isinstance(outer, Branch) or len(outer.rules) > 1:
            break
        place = place[:-1]
    return place


def _after_insertion(place: Place, inserted: Place) -> Place:
    """Where something stands once another thing was put at `inserted`."""
    depth = len(inserted) - 1
    if len(place) > depth and place[:depth] == inserted[:depth] and place[depth] >= inserted[depth]:
        return (*place[:depth], place[depth] + 1, *place[depth + 1 :])
    return place


def _after_removal(place: Place, removed: Place) -> Place:
    """Where something stands once what stood at `removed` is gone."""
    depth = len(removed) - 1
    if len(place) > depth and place[:depth] == removed[:depth] and place[depth] > removed[depth]:
        return (*place[:depth], place[depth] - 1, *place[depth + 1 :])
    return place


def _target(branch: Branch, place: Place, by: int) -> Place | None:
    """Where the item is to stand while it still stands where it was; None at the end of everything."""
    outer = at(branch, place[:-1])
    assert isinstance(outer, Branch)
    beside = place[-1] + by
    if not 0 <= beside < len(outer.rules):
        if len(place) == 1:
            return None
        return (*place[:-2], place[-2] + (1 if by > 0 else 0))
    neighbour = outer.rules[beside]
    if isinstance(neighbour, Branch) and isinstance(outer.rules[place[-1]], Row):
        return (*place[:-1], beside, len(neighbour.rules) if by < 0 else 0)
    return (*place[:-1], place[-1] + (2 if by > 0 else -1))


def can_move(branch: Branch, place: Place, by: int) -> bool:
    return _target(branch, place, by) is not None


_ACTIONS: dict[str, Callable[[Branch, Place], tuple[Branch, str]]] = {
    "add-rule": _add_rule,
    "add-group": _add_group,
    "duplicate": _duplicate,
    "remove": _remove,
    "up": lambda branch, place: _move(branch, place, -1),
    "down": lambda branch, place: _move(branch, place, 1),
}
