"""What two sets of rules have that the other has not, in words. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice
from typing import Any, Literal

from campaigns.segments.rules import MATCHES

Rule = Mapping[str, Any]
Words = Callable[[Rule], str]
MOST_LINES = 60
# What two rules that read alike can still differ in.
_UNREAD = {
    "sql": "the query is another one",
    "ordered_by": "the rows are ordered by another column",
    "attribute": "it is about a column of another table",
    "of": "it is about a column of another table",
    "list": "it is another uploaded list",
}
_MASKED = "a value you may not see is another one"


@dataclass(frozen=True)
class Change:
    """One thing that differs; `was` where something stood in its place, `inside` the group that it is in."""

    kind: Literal["added", "removed", "changed", "moved"]
    words: str
    was: str = ""
    inside: str = ""
    note: str = ""
    # Of a query, "+ …" and "- …", with a line before and after what differs.
    lines: tuple[str, ...] = ()


def changes(before: Rule, after: Rule, words: Words, above: Sequence[str] | None = None) -> Iterator[Change]:
    """From one group of rules to another, nested ones included; `words` reads a single rule.

    `above`: the groups that this one stands in; None for the outermost.
    """
    old_match, old = _group(before)
    new_match, new = _group(after)
    path = [] if above is None else [*above, _of_these(new_match)]
    if old_match != new_match:
        yield Change("changed", _of_these(new_match), _of_these(old_match), _joined(above or ()))
    gone, came = _without(old, new), _without(new, old)
    if old != new and not gone and not came:
        yield Change("moved", "The same rules in another order", inside=_joined(path))
    for rule in gone:
        found = _counterpart(rule, came)
        if found is None:
            yield Change("removed", words(rule), inside=_joined(path))
            continue
        came.remove(found)
        if _match(found):
            yield from changes(rule, found, words, path)
        else:
            yield _changed(rule, found, words, _joined(path))
    for rule in came:
        yield Change("added", words(rule), inside=_joined(path))


def _joined(path: Sequence[str]) -> str:
    return " › ".join(path)


def _changed(rule: Rule, found: Rule, words: Words, inside: str) -> Change:
    was, now = words(rule), words(found)
    note = ""
    if was == now:
        unread = (text for key, text in _UNREAD.items() if rule.get(key) != found.get(key))
        note = next(unread, _MASKED)
    lines = _lines(rule["sql"], found["sql"]) if "sql" in rule and "sql" in found else ()
    return Change("changed", now, "" if note else was, inside, note, lines)


def _lines(before: str, after: str) -> tuple[str, ...]:
    told = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    without_names = islice(told, 2, MOST_LINES)
    return tuple(f"{line[:1]} {line[1:]}" for line in without_names if not line.startswith("@@"))


def _match(rule: Rule) -> str:
    return next((match for match in MATCHES if match in rule), "")


def _group(rule: Rule) -> tuple[str, list[Rule]]:
    match = _match(rule) or "all"
    return match, list(rule.get(match, ()))


def _of_these(match: str) -> str:
    return f"{match.capitalize()} of these"


def _text(rule: Rule) -> str:
    return json.dumps(rule, sort_keys=True)


def _without(rules: Sequence[Rule], others: Sequence[Rule]) -> list[Rule]:
    """The rules that do not stand among the others as well, each as often as it is too many."""
    there = Counter(_text(rule) for rule in others)
    kept = []
    for rule in rules:
        if there[_text(rule)]:
            there[_text(rule)] -= 1
        else:
            kept.append(rule)
    return kept


def _counterpart(rule: Rule, others: Sequence[Rule]) -> Rule | None:
    """The rule that took its place: about the same thing, or the group that shares most with it."""
    if not _match(rule):
        return next((one for one in others if _subject(one) == _subject(rule)), None)
    shared = {place: len(_subjects(rule) & _subjects(one)) for place, one in enumerate(others) if _match(one)}
    best = max(shared, key=lambda place: shared[place], default=None)
    return others[best] if best is not None and shared[best] else None


def _subjects(rule: Rule) -> set[tuple[Any, ...]]:
    return {_subject(one) for one in _group(rule)[1]}


def _subject(rule: Rule) -> tuple[Any, ...]:
    """What a rule is about, whatever it says of it."""
    if _match(rule):
        return ("group", *sorted(_subjects(rule), key=repr))
    for key in ("attribute", "segment", "list"):
        if key in rule:
            return (key, rule[key])
    return ("sql",) if "sql" in rule else ("rows", rule.get("rows"), rule.get("aggregate"))
