"""Where the focus goes after a button of the editor, and what a screen reader is told of what changed place."""

from __future__ import annotations

from collections.abc import Callable

from campaigns.planning.plain import Draft
from campaigns.planning.sub_audiences import movable


def told(draft: Draft, action: str) -> tuple[str, str]:
    """(the id of what gets the focus, what is said): empty where nothing is to be. `draft`: after the button."""
    verb, _, rest = action.partition(":")
    try:
        return _TOLD[verb](draft, rest) if verb in _TOLD else ("", "")
    except (IndexError, ValueError):
        return "", ""


def _moved(draft: Draft, place: int) -> tuple[str, str]:
    return f"grip-{place}", f"{_called(draft, place)} is now {place + 1} of {len(draft.sub_audiences)}."


def _copied(draft: Draft, place: int) -> tuple[str, str]:
    words = f"{_called(draft, place)} is a copy, {place + 1} of {len(draft.sub_audiences)}."
    return f"sub-{place}-name", words


def _called(draft: Draft, place: int) -> str:
    if not 0 <= place < movable(draft):
        raise IndexError(place)
    return draft.sub_audiences[place].name.strip() or f"Sub-audience {place + 1}"


def _at_removed(draft: Draft, rest: str) -> tuple[str, str]:
    place = min(int(rest), len(draft.sub_audiences) - 1)
    return f"sub-{max(place, 0)}-name", f"{len(draft.sub_audiences)} sub-audiences are left."


def _at_group(draft: Draft, rest: str, *, new: bool = False) -> tuple[str, str]:
    index, _, number = rest.partition(":")
    last = len(draft.sub_audiences[int(index)].groups) - 1
    place = last if new else max(min(int(number), last), 0)
    return f"sub-{int(index)}-group-{place}-name", ""


def _at_used(draft: Draft, rest: str) -> tuple[str, str]:
    index, _, more = rest.partition(":")
    return _at_group(draft, f"{index}:{more.partition(':')[0]}") if index else ("name", "")


_TOLD: dict[str, Callable[[Draft, str], tuple[str, str]]] = {
    "put": lambda draft, rest: _moved(draft, int(rest.partition(":")[2])),
    "up": lambda draft, rest: _moved(draft, int(rest) - 1),
    "down": lambda draft, rest: _moved(draft, int(rest) + 1),
    "duplicate": lambda draft, rest: _copied(draft, int(rest) + 1),
    "add-segments": lambda draft, rest: (f"sub-{movable(draft) - 1}-name", ""),
    "add-rest": lambda draft, rest: (f"sub-{len(draft.sub_audiences) - 1}-name", ""),
    "remove-sub-audience": _at_removed,
    "add-group": lambda draft, rest: _at_group(draft, rest, new=True),
    "remove-group": _at_group,
    "split-evenly": lambda draft, rest: (f"sub-{int(rest)}-group-0-percent", ""),
    "use": _at_used,
}
