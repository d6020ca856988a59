"""The rules of a sub-audience while they are edited: one sub-audience's at a time, with the segment editor's parts.

The fields of the rules (`r-0-2-attribute`) stand in the campaign's own form, in the card of the sub-audience that
is open; of the others the form carries what differs from the stored campaign.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.http import QueryDict

from campaigns.customers.models import CustomerDatabase
from campaigns.planning.plain import Draft, DraftSubAudience, Problems
from campaigns.segments import plain as segment_draft
from campaigns.segments.board import Board, World, look
from campaigns.segments.editor import data_of, parse, tree_of
from campaigns.segments.named import Named, look_up
from campaigns.segments.rules import MATCHES, READABLE, VERSION, to_data
from campaigns.segments.tree import Branch, act, settled

Stored = Mapping[int | None, dict[str, Any] | None]

# Of a sub-audience by rules that has none yet.
NO_RULES: Mapping[str, Any] = {"version": VERSION, "rules": {"all": []}}
# Buttons after which other rules may be open than the form has fields of.
_OPENING = ("open-rules", "add-rules", "close-rules")


@dataclass(frozen=True)
class Opened:
    """The rules that are open in the editor: `index` is the sub-audience's place, `time_zone` the campaign's."""

    index: int
    branch: Branch
    named: Named
    world: World
    time_zone: str
    focus: str = ""  # the id of the element that gets the focus

    def put_into(self, draft: Draft) -> Draft:
        """The draft with the rules as they stand in the fields, perhaps still wrong."""
        return self._with(draft, data_of(self.branch, self.world.known))

    def acted(self, action: str) -> Opened:
        """After one of the rules' own buttons."""
        branch, focus = act(self.branch, action)
        return replace(self, branch=branch, focus=focus)

    def tried(self) -> Opened:
        """After somebody tried to save: what is missing is an error from now on."""
        return replace(self, branch=settled(self.branch))

    @cached_property
    def board(self) -> Board:
        rules = data_of(self.branch, self.world.known)
        like = segment_draft.Draft("", self.world.database.pk, rules, time_zone=self.time_zone)
        return Board(like, self.branch, self.world, None, self.named)

    def to_count(self, draft: Draft) -> Draft | None:
        """The draft with those of the rules that can be counted already; None where none can."""
        countable = self.board.countable
        return self._with(draft, to_data(countable)) if countable is not None else None

    def _with(self, draft: Draft, rules: Any) -> Draft:
        items = list(draft.sub_audiences)
        items[self.index] = replace(items[self.index], rules={"version": VERSION, "rules": rules})
        return replace(draft, sub_audiences=tuple(items))

    def without_unfilled(self, problems: Problems) -> Problems:
        """Without those of the rules where all that is wrong is not filled in yet."""
        if self.board.shown:
            return problems
        path = ("sub_audiences", self.index, "rules")
        return replace(
            problems, errors=tuple(one for one in problems.errors if one.path[: len(path)] != path)
        )


def is_about_rules(action: str) -> bool:
    """Whether a button is one of the rules' own: "remove:r-0-2", but not "remove-group:0:1"."""
    _, _, place = action.partition(":")
    return place == "r" or place.startswith("r-")


def opened(draft: Draft, post: QueryDict | None = None) -> Opened | None:
    """The open rules, as in the fields of the form, else as in the draft; None where none are open."""
    index = _open_index(draft)
    if index is None:
        return None
    database = CustomerDatabase.objects.filter(pk=draft.customer_database or 0).first()
    if database is None:
        return None
    world = look(database)
    in_form = post is not None and "r-kind" in post
    branch = parse(post, world.known) if post is not None and in_form else _tree(draft, index, world)
    return Opened(index, *look_up(branch, database), world, draft.time_zone)


def reopened(draft: Draft, before: Opened | None, action: str) -> Opened | None:
    """The open rules after a button of the campaign was pressed, which may have moved, closed or removed them."""
    index = _open_index(draft)
    if before is None or index is None or action.partition(":")[0] in _OPENING:
        found = opened(draft)
        return replace(found, focus="r-0-attribute") if found is not None else None
    return replace(before, index=index, focus="")


def _open_index(draft: Draft) -> int | None:
    return next((place for place, item in enumerate(draft.sub_audiences) if item.is_open), None)


def _tree(draft: Draft, index: int, world: World) -> Branch:
    inner = (draft.sub_audiences[index].rules or {}).get("rules") or {}
    return tree_of(inner, world.known) if inner.get("all") != [] else Branch()


def open_at(draft: Draft, index: int | None) -> Draft:
    """The draft with the rules of this sub-audience open, and no others."""
    return replace(
        draft,
        sub_audiences=tuple(
            replace(item, is_open=place == index and item.rules is not None)
            for place, item in enumerate(draft.sub_audiences)
        ),
    )


def carried(item: DraftSubAudience, stored: Stored) -> str:
    """What the form has to hold of closed rules: nothing where they are the stored ones."""
    if item.rules is None or item.is_open or item.rules == stored.get(item.id):
        return ""
    return json.dumps(item.rules)


def stored_rules(stored: Draft | None) -> Stored:
    return {item.id: item.rules for item in stored.sub_audiences} if stored else {}


def read_carried(text: str | None) -> dict[str, Any] | None:
    """Rules that the form carried; what is no JSON is as good as nothing, and what is no rules is refused later."""
    try:
        found = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    is_rules = isinstance(found, dict) and found.get("version") in READABLE and _is_tree(found.get("rules"))
    return found if is_rules else None


def _is_tree(data: object) -> bool:
    """Whether groups hold lists of rules, so that the editor can show them whatever else is wrong."""
    if not isinstance(data, dict):
        return False
    inner = [data[match] for match in MATCHES if match in data]
    where = [data["where"]] if "where" in data else []
    return all(isinstance(rules, list) and all(map(_is_tree, rules)) for rules in inner) and all(
        map(_is_tree, where)
    )
