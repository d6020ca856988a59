"""The editor's form: a whole campaign in one POST, and the buttons that change it before it is saved.

Every field is named by its place (`sub-0-group-1-name`); ids ride along in hidden fields. A button's `action`
is a verb with its arguments, divided by colons (`remove-group:0:1`), so that it works with and without htmx.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from campaigns.planning import groups, moving, naming, sub_audiences
from campaigns.planning.groups import alike, change_sub_audience, lost_by_the_same
from campaigns.planning.plain import Draft, DraftGroup, DraftSubAudience
from campaigns.planning.rule_editing import NO_RULES, open_at, read_carried, stored_rules
from campaigns.planning.when import parsed
from config.requests import number
from destinations.kind import Identifier

IDENTIFIERS: tuple[Identifier, ...] = ("email", "phone")


def starting_groups(destinations: tuple[int, ...] = ()) -> tuple[DraftGroup, ...]:
    """What a new sub-audience starts with, so that the warning about default names is met at once."""
    return (
        DraftGroup("Control", Decimal("10.00"), is_control=True),
        DraftGroup("Recipient1", Decimal("90.00"), destinations=destinations),
    )


def new_draft(customer_database: int | None, destinations: tuple[int, ...] = ()) -> Draft:
    """An empty campaign: everybody who is included, split into the starting groups."""
    rest = DraftSubAudience(naming.REST_NAME, starting_groups(destinations))
    return Draft(name="", customer_database=customer_database, sub_audiences=(rest,))


def parse(post: QueryDict, stored: Draft | None) -> Draft:
    """The form as plain data.

    Rules that nobody changed come from the stored campaign; `rule_editing` reads those that are open.
    """
    kept_rules = stored_rules(stored)
    draft = Draft(
        id=stored.id if stored else None,
        name=post.get("name", ""),
        customer_database=number(post.get("customer_database")),
        include=_numbers(post, "include"),
        exclude=_numbers(post, "exclude"),
        assign_to_first_match_only="assign_to_first_match_only" in post,
        same_groups=post.get("groups") == "same",
        sub_audiences=tuple(
            _sub_audience(post, index, kept_rules) for index in _indexes(post, r"sub-(\d+)-name")
        ),
        attributes=_attributes(post),
        **parsed(post, stored),
    )
    if draft.same_groups and "groups-agreed" not in post and lost_by_the_same(draft):
        return replace(draft, same_groups=False)
    return alike(draft)


def asks_for_the_same(post: QueryDict, draft: Draft) -> bool:
    """Whether the same groups were chosen in a form that would lose groups by it: that is asked first."""
    return post.get("groups") == "same" and not draft.same_groups


def _numbers(post: QueryDict, name: str) -> tuple[int, ...]:
    """The chosen ids, and the one that stands in the searched field beside them but was not added yet."""
    found = [number(value) for value in (*post.getlist(name), post.get(f"new-{name}", ""))]
    return tuple(dict.fromkeys(value for value in found if value is not None))


def _indexes(post: QueryDict, pattern: str) -> list[int]:
    matches = (re.fullmatch(pattern, name, re.ASCII) for name in post)
    return sorted(int(match[1][:6]) for match in matches if match)


def _sub_audience(
    post: QueryDict, index: int, kept_rules: Mapping[int | None, dict[str, Any] | None]
) -> DraftSubAudience:
    prefix = f"sub-{index}"
    pk = number(post.get(f"{prefix}-id"))
    rules = kept_rules.get(pk) if pk is not None else None
    if post.get(f"{prefix}-how") == "rules":
        rules = read_carried(post.get(f"{prefix}-rules")) or rules or dict(NO_RULES)
    numbers = _indexes(post, rf"{prefix}-group-(\d+)-name")
    return DraftSubAudience(
        id=pk,
        name=post.get(f"{prefix}-name", ""),
        rules=rules,
        segments=_numbers(post, f"{prefix}-segments"),
        by_segments=rules is None and post.get(f"{prefix}-how") == "segments",
        is_open=rules is not None and post.get("open") == str(index),
        groups=tuple(_group(post, f"{prefix}-group-{number}") for number in numbers),
        on_change=moving.chosen(post, prefix),
    )


def _group(post: QueryDict, prefix: str) -> DraftGroup:
    return DraftGroup(
        id=number(post.get(f"{prefix}-id")),
        name=post.get(f"{prefix}-name", ""),
        percent=post.get(f"{prefix}-percent", "").strip(),
        is_control=f"{prefix}-control" in post,
        destinations=_numbers(post, f"{prefix}-to"),
    )


def _attributes(post: QueryDict) -> dict[int, dict[Identifier, str]]:
    """`attributes` names the destinations whose ticks were on the page; the others keep their default."""
    return {
        pk: {
            identifier: post.get(f"attribute-{pk}-{identifier}-column", "")
            for identifier in IDENTIFIERS
            if f"attribute-{pk}-{identifier}" in post
        }
        for pk in _numbers(post, "attributes")
    }


def without_unsent(draft: Draft) -> Draft:
    """For saving: a control group's destinations, kept while its tick can still be taken back, go."""
    return replace(
        draft,
        sub_audiences=tuple(
            replace(
                item,
                groups=tuple(
                    replace(group, destinations=()) if group.is_control else group for group in item.groups
                ),
            )
            for item in draft.sub_audiences
        ),
    )


def act(draft: Draft, action: str, destinations: tuple[int, ...] = ()) -> Draft:
    """The draft after a button was pressed; unknown verbs and places that are gone change nothing.

    `destinations`: where the groups of a new sub-audience go to begin with.
    """
    verb, _, rest = action.partition(":")
    try:
        if verb in _ADDS:
            return alike(_ADDS[verb](draft, destinations))
        return alike(_ACTIONS[verb](draft, rest)) if verb in _ACTIONS else draft
    except (IndexError, ValueError):
        return draft


def _remove_include(draft: Draft, rest: str) -> Draft:
    return replace(draft, include=tuple(pk for pk in draft.include if str(pk) != rest))


def _remove_exclude(draft: Draft, rest: str) -> Draft:
    return replace(draft, exclude=tuple(pk for pk in draft.exclude if str(pk) != rest))


def _add_segments(draft: Draft, destinations: tuple[int, ...]) -> Draft:
    return sub_audiences.insert(
        draft, DraftSubAudience("", _new_groups(draft, "", destinations), by_segments=True)
    )


def _add_rules(draft: Draft, destinations: tuple[int, ...]) -> Draft:
    made = DraftSubAudience("", _new_groups(draft, "", destinations), rules=dict(NO_RULES), is_open=True)
    return sub_audiences.insert(open_at(draft, None), made)


def _new_groups(draft: Draft, name: str, destinations: tuple[int, ...]) -> tuple[DraftGroup, ...]:
    if draft.same_groups and draft.sub_audiences:
        first = draft.sub_audiences[0]
        return groups.copied(first.groups, first.name, name or groups.NAMELESS)
    return starting_groups(destinations)


def _add_rest(draft: Draft, destinations: tuple[int, ...]) -> Draft:
    if any(item.is_rest for item in draft.sub_audiences):
        return draft
    rest = DraftSubAudience(naming.REST_NAME, _new_groups(draft, naming.REST_NAME, destinations))
    return replace(draft, sub_audiences=(*draft.sub_audiences, rest))


def _remove_segment(draft: Draft, rest: str) -> Draft:
    index, _, pk = rest.partition(":")
    return change_sub_audience(
        draft,
        index,
        lambda item: replace(item, segments=tuple(one for one in item.segments if str(one) != pk)),
    )


def _use_attribute(draft: Draft, rest: str) -> Draft:
    """`attribute:7:email:merged_customers.email`: that alone feeds the destination 7."""
    pk, identifier, column = rest.split(":", 2)
    ticked = {word: column for word in IDENTIFIERS if word == identifier}
    return replace(draft, attributes={**draft.attributes, int(pk): ticked})


_ADDS: dict[str, Callable[[Draft, tuple[int, ...]], Draft]] = {
    "add-segments": _add_segments,
    "add-rules": _add_rules,
    "add-rest": _add_rest,
}
_ACTIONS: dict[str, Callable[[Draft, str], Draft]] = {
    "remove-include": _remove_include,
    "remove-exclude": _remove_exclude,
    "remove-sub-audience": sub_audiences.remove,
    "up": lambda draft, rest: sub_audiences.move(draft, rest, -1),
    "down": lambda draft, rest: sub_audiences.move(draft, rest, 1),
    "put": sub_audiences.put,
    "duplicate": sub_audiences.duplicate,
    "same-groups": lambda draft, rest: replace(draft, same_groups=True),
    "remove-segment": _remove_segment,
    "attribute": _use_attribute,
    "add-group": groups.add_group,
    "remove-group": groups.remove_group,
    "use": groups.use_name,
    "split": groups.split_in_two,
    "split-evenly": groups.split_evenly,
    "open-rules": lambda draft, rest: open_at(draft, groups.place_in(rest, len(draft.sub_audiences))),
    "close-rules": lambda draft, rest: open_at(draft, None),
}
