"""Rules as words, to read: "loyalty_tier is gold and not a member of Unsubscribed". Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.segments.rules import Path

_COMPARISONS = {
    "is": "is",
    "is_not": "is not",
    "in": "is one of",
    "not_in": "is none of",
    "contains": "contains",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "lt": "is under",
    "lte": "is at most",
    "gt": "is over",
    "gte": "is at least",
    "before": "is before",
    "after": "is after",
    "on": "is on",
    "in_last": "is in the last",
    "not_in_last": "is not in the last",
    "in_next": "is in the next",
    "anniversary_within": "has its anniversary within",
}
_JOINS = {"all": " and ", "any": " or ", "none": ", "}


def in_words(
    stored: Mapping[str, Any], segments: Mapping[int, str], lists: Mapping[int, str] | None = None
) -> str:
    """Rules as segments/rules.py dumps them; `segments` and `lists` name those in them by id."""
    return _rule(stored.get("rules", stored), segments, lists, outermost=True)


def _rule(
    rule: Mapping[str, Any],
    segments: Mapping[int, str],
    lists: Mapping[int, str] | None,
    *,
    outermost: bool = False,
) -> str:
    for key, join in _JOINS.items():
        if key in rule:
            text = join.join(_rule(part, segments, lists) for part in rule[key])
            if key == "none":
                return f"none of: {text}"
            return text if outermost or len(rule[key]) < 2 else f"({text})"
    if "segment" in rule:
        name = segments.get(rule["segment"], "a segment that is gone")
        return f"{'' if rule.get('member', True) else 'not '}a member of {name}"
    if "list" in rule:
        return f"{'' if rule.get('member', True) else 'not '}on {_list(rule['list'], lists)}"
    if "sql" in rule:
        return "what a query in SQL finds"
    if "rows" in rule:
        return _relation(rule)
    return f"{_short(rule.get('attribute', ''))} {_comparison(rule)}"


def _list(pk: int, lists: Mapping[int, str] | None) -> str:
    if lists is None:
        return "an uploaded list"
    return f"the uploaded list “{lists[pk]}”" if pk in lists else "an uploaded list that is gone"


@dataclass(frozen=True)
class Line:
    """One rule in words, and what is wrong with it."""

    words: str
    problem: str = ""

    is_group = False


@dataclass(frozen=True)
class Outline:
    """A group of rules in words."""

    match: str
    items: tuple[Outline | Line, ...]
    problem: str = ""

    is_group = True


def outline(
    data: Mapping[str, Any],
    segments: Mapping[int, str],
    problems: Mapping[Path, str],
    path: Path = (),
    lists: Mapping[int, str] | None = None,
) -> Outline | Line:
    """Rules in words as they are nested. `problems`: by the path that leads to a rule or into it."""
    for match in _JOINS:
        if match in data:
            parts = [
                outline(rule, segments, problems, (*path, match, number), lists)
                for number, rule in enumerate(data[match])
            ]
            return Outline(match, tuple(parts), problems.get(path, ""))
    wrong = (text for place, text in problems.items() if place[: len(path)] == path)
    return Line(_rule(data, segments, lists), next(wrong, ""))


def _relation(rule: Mapping[str, Any]) -> str:
    # Conditions on rows name neither segments nor lists.
    inside = _rule(rule["where"], {}, {}, outermost=True) if rule.get("where") else ""
    where = f" (where {inside})" if inside else ""
    if "exists" in rule:
        return f"{'any' if rule['exists'] else 'no'} row of {rule['rows']}{where}"
    of = _short(rule["of"]) if rule.get("of") else "rows"
    aggregate = str(rule.get("aggregate", "")).replace("_", " ")
    return f"{aggregate} of {of} in {rule['rows']}{where} {_comparison(rule)}"


def _short(attribute: str) -> str:
    return attribute.rpartition(".")[2]


def _comparison(rule: Mapping[str, Any]) -> str:
    if "empty" in rule:
        return "is empty" if rule["empty"] else "is not empty"
    if "between" in rule:
        first, last = rule["between"]
        return f"is between {first} and {last}"
    for key, words in _COMPARISONS.items():
        if key in rule:
            case = " in any case" if rule.get("ignore_case") else ""
            return f"{words} {_value(rule[key])}{case}"
    return ""


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value)
