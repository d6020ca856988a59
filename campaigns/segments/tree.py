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
Kind = Literal["attribute", "segment", "list", "kept"]


# Rules refuse fewer groups in each other. What is too deep is shown all the same, and carried along where even the page
# could not nest it, so that nothing typed is lost.
DEEPEST_SHOWN, DEEPEST_CARRIED = 30, 120


@dataclass(frozen=True)
class Compared:
    """A comparison as its fields hold it."""

    choice: str = ""  # a key of CHOICES
    values: tuple[str, ...] = ()
    unit: str = "days"
    ignore_case: bool = False


@dataclass(frozen=True)
class Row:
    """One rule as its fields hold it.

    `kept`: what the editor has no fields for, such as a text of several lines: carried as data, shown in words.
    """

    kind: Kind = "attribute"
    attribute: str = ""  # "table.column", or what was typed
    compared: Compared = Compared()
    named: int | None = None  # the segment or the uploaded list
    typed: str = ""  # its name as it stands in the field
    member: bool = True
    data: Mapping[str, Any] = field(default_factory=dict)
    is_fresh: bool = True  # nobody tried to save it yet


@dataclass(frozen=True)
class Relation:
    """What is asked of the rows of a table with many per customer: any row, no row, or an aggregate compared."""

    table: str = ""
    verb: str = "any"  # a key of VERBS
    of: str = ""  # "table.column"
    ordered_by: str = ""
    compared: Compared = Compared()
    is_fresh: bool = True


@dataclass(frozen=True)
class Branch:
    """A group of rules; with a relation, the conditions on its rows, perhaps none."""

    match: Match = "all"
    rules: tuple[Branch | Row, ...] = (Row(),)
    relation: Relation | None = None


def id_of(place: Place) -> str:
    return "-".join(("r", *map(str, place)))


def place_of(text: str) -> Place:
    """Raises ValueError for what is no id."""
    if not re.fullmatch(rf"r(-\d{{1,5}}){{0,{DEEPEST_SHOWN + 1}}}", text, re.ASCII):
        raise ValueError(text)
    return tuple(int(part) for part in text.split("-")[1:])


def place_at(path: Path, branch: Branch) -> Place:
    """The rule that a path of the file format leads to or into: ("all", 0, "any", 2, "is") is (0, 2)."""
    place: Place = ()
    here: Branch | Row = branch
    steps = list(path)
    while isinstance(here, Branch) and steps:
        if here.relation is not None and steps.pop(0) != "where":
            break
        if len(steps) < 2 or steps[0] != here.match or steps[1] not in range(len(here.rules)):
            break
        number = int(steps[1])
        place, here, steps = (*place, number), here.rules[number], steps[2:]
    return place


def at(branch: Branch, place: Place) -> Branch | Row:
    """Raises IndexError for a place that is not there."""
    here: Branch | Row = branch
    for number in place:
        if not isinstance(here, Branch):
            raise IndexError(place)
        here = here.rules[number]
    return here


def items(branch: Branch, place: Place = ()) -> Iterator[tuple[Place, Branch | Row]]:
    """Every rule and group below, with its place, in the order of the page; conditions on rows included."""
    for number, item in enumerate(branch.rules):
        yield (*place, number), item
        if isinstance(item, Branch):
            yield from items(item, (*place, number))


def countable(branch: Branch) -> Iterator[tuple[Place, Branch | Row]]:
    """Every rule that matches customers by itself: conditions on rows count with their rows."""
    for place, item in items(branch):
        is_rule = isinstance(item, Row) or item.relation is not None
        if is_rule and relation_of(branch, place) in (None, place):
            yield place, item


def relation_of(branch: Branch, place: Place) -> Place | None:
    """Where the relation stands that a place is, or lies in; None outside of any."""
    for length in range(1, len(place) + 1):
        here = at(branch, place[:length])
        if isinstance(here, Branch) and here.relation is not None:
            return place[:length]
    return None


def without(branch: Branch, places: set[Place], at_place: Place = ()) -> Branch | None:
    """The tree without the rules at these places and the groups that this empties; None where nothing is left.

    Rows without conditions are all rows, so a relation stays.
    """
    kept: list[Branch | Row] = []
    for number, item in enumerate(branch.rules):
        here = (*at_place, number)
        if here in places:
            continue
        left = item if isinstance(item, Row) else without(item, places, here)
        if left is not None:
            kept.append(left)
    return replace(branch, rules=tuple(kept)) if kept or branch.relation is not None else None


def settled(branch: Branch) -> Branch:
    """The tree after somebody tried to save it: what is missing is an error from now on."""
    done = tuple(
        settled(item) if isinstance(item, Branch) else replace(item, is_fresh=False) for item in branch.rules
    )
    relation = replace(branch.relation, is_fresh=False) if branch.relation is not None else None
    return replace(branch, rules=done, relation=relation)


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


def _add_rows(branch: Branch, place: Place) -> tuple[Branch, str]:
    if relation_of(branch, place) is not None:
        raise IndexError(place)
    return _add(branch, place, Branch("all", (), Relation()))


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
    if isinstance(item, Branch) and item.relation is not None:
        return f"{id_of(place)}-table"
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
        if isinstance(here, Row) or not here.rules:
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

    A group does not go into another one, and a condition stays with its rows.
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
        if not isinstance(outer, Branch) or len(outer.rules) > 1 or outer.relation is not None:
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
        if len(place) == 1 or outer.relation is not None:
            return None
        return (*place[:-2], place[-2] + (1 if by > 0 else 0))
    neighbour = outer.rules[beside]
    if _takes(neighbour) and not _takes(outer.rules[place[-1]]):
        assert isinstance(neighbour, Branch)
        return (*place[:-1], beside, len(neighbour.rules) if by < 0 else 0)
    return (*place[:-1], place[-1] + (2 if by > 0 else -1))


def _takes(item: Branch | Row) -> bool:
    """Whether it is a group, which rules can be moved into."""
    return isinstance(item, Branch) and item.relation is None


def _wrap(branch: Branch, place: Place) -> tuple[Branch, str]:
    """A rule goes into a group of its own, where others can join it."""
    outer = at(branch, place[:-1])
    match: Match = "any" if isinstance(outer, Branch) and outer.match == "all" else "all"

    def wrap(rules: list[Branch | Row], number: int) -> None:
        rules[number] = Branch(match, (rules[number],))

    return _changed(branch, place, wrap), _menu((*place, 0))


def _unwrap(branch: Branch, place: Place) -> tuple[Branch, str]:
    """The rules of a group take its place."""

    def unwrap(rules: list[Branch | Row], number: int) -> None:
        group = rules[number]
        if isinstance(group, Branch) and group.relation is None:
            rules[number : number + 1] = group.rules

    return _changed(branch, place, unwrap), _menu(place)


def can_move(branch: Branch, place: Place, by: int) -> bool:
    return _target(branch, place, by) is not None


_ACTIONS: dict[str, Callable[[Branch, Place], tuple[Branch, str]]] = {
    "add-rule": _add_rule,
    "add-rows": _add_rows,
    "add-group": _add_group,
    "duplicate": _duplicate,
    "remove": _remove,
    "wrap": _wrap,
    "unwrap": _unwrap,
    "up": lambda branch, place: _move(branch, place, -1),
    "down": lambda branch, place: _move(branch, place, 1),
}
