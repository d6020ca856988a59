"""Segment names: the template that makes them, and what a far side can carry. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

VARIABLES = ("campaign_name", "group_name")
DEFAULT_TEMPLATE = "{{ campaign_name }}{{ group_name }}"
EXAMPLE_TEMPLATE = "{{ campaign_name }}_{{ group_name }}"
# {character: what it is called}; no far side of ours takes these in a name.
FORBIDDEN: Mapping[str, str] = {
    ",": "a comma",
    '"': "a double quote",
    "/": "a slash",
    "\\": "a backslash",
}
LONGEST = 240  # Attentive: a segment's name has 1 to 240 characters
_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def template_problem(template: str) -> str:
    """What is wrong with a segment name template, naming the bad part; empty when it is right."""
    for place in _PLACE.finditer(template):
        if place[1] not in VARIABLES:
            return f"“{place[0]}” is no variable. There are {{{{ campaign_name }}}} and {{{{ group_name }}}}."
    rest = _PLACE.sub("", template)
    if "{" in rest or "}" in rest:
        return "A brace is not closed. Write variables as {{ campaign_name }} and {{ group_name }}."
    if found := _forbidden_in(rest):
        words = " and ".join(found)
        return f"The template has {words} in it, which a segment name cannot carry. Remove {_them(found)}."
    if any(ord(character) < 32 for character in rest):
        return "The template has a line break or another control character in it. Remove it."
    if template and not _PLACE.search(template):
        return "Every list would get the same name. Put {{ group_name }} into the template."
    return ""


def _forbidden_in(text: str) -> list[str]:
    return [f"{name} (“{character}”)" for character, name in FORBIDDEN.items() if character in text]


def _them(found: list[str]) -> str:
    return "them" if len(found) > 1 else "it"


def segment_name(template: str, campaign_name: str, group_name: str) -> str:
    """The name of a list: the template over both names, whose white space is removed."""
    names = {
        "campaign_name": "".join(campaign_name.split()),
        "group_name": "".join(group_name.split()),
    }
    return _PLACE.sub(lambda found: names[found[1]], template or DEFAULT_TEMPLATE).strip()


def name_problem(name: str, where: str) -> str:
    """Why a name cannot be carried `where` ("in Attentive"), as a sentence; empty when it can."""
    if found := _forbidden_in(name):
        return f"A segment name {where} cannot have {' or '.join(found)}. Remove {_them(found)}."
    if any(ord(character) < 32 or character in "\u0085\u2028\u2029" for character in name):
        return f"A segment name {where} has no line breaks. Write it on one line."
    if name != name.strip("_"):
        return f"A segment name {where} neither starts nor ends with “_”. Remove it."
    if len(name) > LONGEST:
        return (
            f"A segment name {where} has {LONGEST} characters at most; this one has {len(name)}. Shorten it."
        )
    return ""
