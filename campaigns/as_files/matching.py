"""Which stored part of a campaign an entry of a file means: by id, else by name, else by the name it had. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from campaigns.as_files.keys import Entry
from campaigns.as_files.marks import FileProblem


def match_parts(entries: Sequence[Entry], stored: Mapping[int, str], what: str) -> list[int | None]:
    """The id of each entry, None for a new one. `stored`: the names of what is there, by id.

    People are assigned to groups by id, so a rename that looked like a removal and an addition would deal them
    out anew: FileProblem where something vanishes while something new appears.
    """
    found: dict[int, int] = {}
    for place, one in enumerate(entries):
        if one.id in stored and one.id not in found.values():
            found[place] = one.id  # type: ignore[assignment] # one of the ids
    for key in ("name", "was"):
        names = {name: pk for pk, name in stored.items() if pk not in found.values()}
        for place, one in enumerate(entries):
            pk = names.pop(one.get(key, None), None) if place not in found else None
            if pk is not None:
                found[place] = pk
    matched = [found.get(place) for place in range(len(entries))]
    _refuse_a_doubtful_rename(entries, matched, stored, what)
    return matched


def _refuse_a_doubtful_rename(
    entries: Sequence[Entry], matched: Sequence[int | None], stored: Mapping[int, str], what: str
) -> None:
    gone = [name for pk, name in stored.items() if pk not in matched]
    fresh = [one for one, pk in zip(entries, matched, strict=True) if pk is None]
    if gone and fresh:
        raise _doubt(fresh[0], gone[0], what)


def _doubt(fresh: Entry, gone: str, what: str) -> FileProblem:
    return fresh.at("name").problem(
        f"The {what} “{fresh.name}” is new while “{gone}” vanishes. If it was renamed, add was: {gone} (or its id:); "
        "if not, remove the one first and add the other in a second file."
    )
