"""Sub-audiences while they are edited: added, copied, moved, removed. What takes the rest stays last.

Every function gives a new draft; places that are gone raise IndexError or ValueError.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from campaigns.planning import groups, naming
from campaigns.planning.groups import place_in
from campaigns.planning.plain import KEEP, MOST_SUB_AUDIENCES, Draft, DraftSubAudience


def insert(draft: Draft, new: DraftSubAudience) -> Draft:
    """Last, but before the rest."""
    items = list(draft.sub_audiences)
    items.insert(movable(draft), new)
    return replace(draft, sub_audiences=tuple(items))


def movable(draft: Draft) -> int:
    """How many sub-audiences stand before the rest."""
    items = draft.sub_audiences
    return len(items) - 1 if items and items[-1].is_rest else len(items)


def remove(draft: Draft, rest: str) -> Draft:
    items = list(draft.sub_audiences)
    del items[place_in(rest, len(items))]
    return replace(draft, sub_audiences=tuple(items))


def move(draft: Draft, rest: str, by: int) -> Draft:
    return put(draft, f"{rest}:{place_in(rest, len(draft.sub_audiences)) + by}")


def put(draft: Draft, rest: str) -> Draft:
    """`3:0` makes the fourth the first; those between move by one."""
    first, _, to = rest.partition(":")
    items = list(draft.sub_audiences)
    target = place_in(to, movable(draft))
    items.insert(target, items.pop(place_in(first, movable(draft))))
    return replace(draft, sub_audiences=tuple(items))


def duplicate(draft: Draft, rest: str) -> Draft:
    """A copy below it, with groups of its own names; what takes the rest has no copy."""
    items = list(draft.sub_audiences)
    place = place_in(rest, movable(draft))
    if len(items) >= MOST_SUB_AUDIENCES:
        return draft
    source = items[place]
    name = _free(source.name, items)
    copy = replace(
        source,
        id=None,
        is_open=False,
        on_change=KEEP,
        name=name,
        groups=groups.copied(source.groups, source.name, name),
    )
    items.insert(place + 1, copy)
    return replace(draft, sub_audiences=tuple(items))


def _free(name: str, items: Sequence[DraftSubAudience]) -> str:
    """ "Gold 2" beside "Gold", "Gold 3" beside both."""
    taken = {naming.comparison_key(item.name) for item in items}
    stem, _, last = name.strip().rpartition(" ")
    stem = stem if stem and last.isascii() and last.isdigit() else name.strip() or groups.NAMELESS
    made = (f"{stem[: naming.LONGEST_NAME - 4]} {number}" for number in count(2))
    return next(one for one in made if naming.comparison_key(one) not in taken)
