"""Rules as words, to read: "Loyalty tier is gold and not a member of Unsubscribed". Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from campaigns.segments.choices import CHOICES, VERBS
from campaigns.segments.operators import OPERATORS
from campaigns.segments.rules import Path

_JOINS = {"all": " and ", "any": " or ", "none": ", "}


def own_name(attribute: str) -> str:
    """customer_360.city as “city”."""
    return attribute.rpartition(".")[2]


@dataclass(frozen=True)
class Names:
    """What people read for what rules name: segments and lists by id (None: unknown), attributes as "table.column"."""

    segments: Mapping[int, str] = field(default_factory=dict)
    lists: Mapping[int, str] | None = None
    attribute: Callable[[str], str] = own_name


def in_words(stored: Mapping[str, Any], names: Names) -> str:
    """Rules as segments/rules.py dumps them."""
    return _rule(stored.get("rules", stored), names, outermost=True)


def _rule(rule: Mapping[str, Any], names: Names, *, outermost: bool = False) -> str:
    for key, join in _JOINS.items():
        if key in rule:
            text = join.join(_rule(part, names) for part in rule[key])
            if key == "none":
                return f"none of: {text}"
            return text if outermost or len(rule[key]) < 2 else f"({text})"
    if "segment" in rule:
        name = names.segments.get(rule["segment"], "a segment that is gone")
        return f"{'' if rule.get('member', True) else 'not '}a member of {name}"
    if "list" in rule:
        return f"{'' if rule.get('member', True) else 'not '}on {_list(rule['list'], names.lists)}"
    if "sql" in rule:
        return "what a query in SQL finds"
    if "rows" in rule:
        return _relation(rule, names)
    return f"{names.attribute(rule.get('attribute', ''))} {_comparison(rule)}"


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
    data: Mapping[str, Any], names: Names, problems: Mapping[Path, str], path: Path = ()
) -> Outline | Line:
    """Rules in words as they are nested. `problems`: by the path that leads to a rule or into it."""
    for match in _JOINS:
        if match in data:
            parts = [
                outline(rule, names, problems, (*path, match, number))
                for number, rule in enumerate(data[match])
            ]
            return Outline(match, tuple(parts), problems.get(path, ""))
    wrong = (text for place, text in problems.items() if place[: len(path)] == path)
    return Line(_rule(data, names), next(wrong, ""))


def _relation(rule: Mapping[str, Any], names: Names) -> str:
    inside = _rule(rule["where"], names, outermost=True) if rule.get("where") else ""
    rows = f"in {rule['rows']}{f' (where {inside})' if inside else ''}"
    if "exists" in rule:
        return f"{VERBS['any' if rule['exists'] else 'no']} {rows}"
    of = f" of {names.attribute(rule['of'])}" if rule.get("of") else ""
    return f"{VERBS.get(rule.get('aggregate', ''), '')}{of} {rows} {_comparison(rule)}"


def _comparison(rule: Mapping[str, Any]) -> str:
    operator = next((name for name in OPERATORS if name in rule), None)
    if operator is None:
        return ""
    value = rule[operator]
    choice = CHOICES.get(f"{operator}:{str(value).lower()}")
    if choice is not None and isinstance(value, bool):
        return choice.label
    if isinstance(value, list | tuple):
        value = (" and " if operator == "between" else ", ").join(map(str, value))
    case = " in any case" if rule.get("ignore_case") else ""
    return f"{OPERATORS[operator].label} {value}{case}"
