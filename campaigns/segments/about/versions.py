"""A segment's versions: who saved what, when, how each differs from the one before; and one of them again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from campaigns.customers.catalogue import stored
from campaigns.segments.about.difference import Change, changes
from campaigns.segments.masked import Personal, masked
from campaigns.segments.models import Segment, SegmentVersion
from campaigns.segments.named import stored_names
from campaigns.segments.plain import Draft
from campaigns.segments.saving import draft_of, store
from campaigns.segments.words import Names, in_words
from config.accounts.models import User

_FIELDS = {"name": "Name", "description": "Description", "time_zone": "Time zone"}


@dataclass(frozen=True)
class Saved:
    """A version as the page shows it; `changes` is None where the version before is not known."""

    version: SegmentVersion
    changes: Sequence[Change] | None
    is_current: bool
    # What it says is what the segment says now, so there is nothing to restore.
    is_as_now: bool


def saved_versions(
    segment: Segment, versions: Sequence[SegmentVersion], before: SegmentVersion | None, *, hide: bool
) -> list[Saved]:
    """Newest first; `before` is the one before the last of them. `hide`: personal values are masked."""
    rules = [one.rules for one in (*versions, before) if one is not None]
    catalogue = stored(segment.customer_database)
    names = stored_names(rules, catalogue)
    now = _content(segment)
    personal = catalogue.personal if hide else None
    return [
        Saved(
            version,
            None if previous is None else tuple(_differences(previous, version, names, personal)),
            is_current=version.number == segment.version,
            is_as_now=_content(version) == now,
        )
        for version, previous in pairwise([*versions, before])
        if version is not None
    ]


def _content(one: Segment | SegmentVersion) -> list[Any]:
    return [*(getattr(one, field) for field in _FIELDS), one.rules.get("rules")]


def _differences(
    before: SegmentVersion, after: SegmentVersion, names: Names, personal: Personal | None
) -> Iterator[Change]:
    """`personal`: what operators said about columns, for those who may not see personal data."""
    for field, word in _FIELDS.items():
        was, now = getattr(before, field), getattr(after, field)
        if was != now:
            yield Change("changed", f"{word}: {now or 'none'}", was or "none")

    def words(rule: Mapping[str, Any]) -> str:
        return in_words(masked(rule, personal) if personal else rule, names)

    found = changes(before.rules.get("rules", {}), after.rules.get("rules", {}), words)
    # In which places of a query a value stands cannot be told here.
    yield from (replace(one, lines=()) for one in found) if personal else found


def restore(segment: Segment, version: SegmentVersion, user: User, expected_version: int | None) -> Segment:
    """What the version says becomes the newest version. Raises as `store` does."""
    return store(_draft(segment, version), segment, user, expected_version)


def _draft(segment: Segment, version: SegmentVersion) -> Draft:
    return replace(
        draft_of(segment),
        name=version.name,
        description=version.description,
        time_zone=version.time_zone,
        rules=version.rules.get("rules", {}),
    )
