"""The editor's form: a whole segment in one POST, and rules as the texts of their fields and back.

Every field of a rule is named by its place (`r-0-2-attribute`), so that the form works with and without htmx.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import QueryDict

from campaigns.customers.catalogue import ColumnType
from campaigns.segments.choices import (
    CHOICES,
    SEGMENT,
    UNITS,
    Attribute,
    as_fields,
    as_value,
    attribute_typed,
    control,
    kind_of,
    offered,
)
from campaigns.segments.operators import OPERATORS
from campaigns.segments.rules import DEEPEST, MATCHES
from campaigns.segments.tree import Branch, Row

Known = Mapping[str, Attribute]

# Controls between which a value can be carried over when another comparison is chosen.
_FAMILIES = {"text": "plain", "number": "plain", "list": "plain", "date": "when", "time": "when"}


# Reading the form -----------------------------------------------------------------------------------------


def parse(post: QueryDict, known: Known) -> Branch:
    """The rules of the form. What was chosen for another attribute before gives way to what fits the new one."""
    found = _item(post, "r", known, 0)
    return found if isinstance(found, Branch) else Branch()


def _item(post: QueryDict, prefix: str, known: Known, depth: int) -> Branch | Row:
    if f"{prefix}-match" not in post or depth > DEEPEST:
        return _row(post, prefix, known)
    match = post.get(f"{prefix}-match", "")
    rules: list[Branch | Row] = []
    while f"{prefix}-{len(rules)}-kind" in post:
        rules.append(_item(post, f"{prefix}-{len(rules)}", known, depth + 1))
    return Branch(match if match in MATCHES else "all", tuple(rules) or (Row(),))  # type: ignore[arg-type]


def _row(post: QueryDict, prefix: str, known: Known) -> Row:
    if f"{prefix}-kept" in post:
        return Row("kept", data=_kept(post.get(f"{prefix}-kept", "")))
    text = post.get(f"{prefix}-attribute", "")
    if text.strip().lower() == SEGMENT.lower():
        return Row(
            "segment",
            segment=number(post.get(f"{prefix}-segment")),
            member=post.get(f"{prefix}-member", "is") == "is",
        )
    attribute = attribute_typed(text, known)
    unit = post.get(f"{prefix}-unit", "days")
    row = Row(
        attribute=attribute,
        choice=post.get(f"{prefix}-choice", ""),
        values=_texts(post, prefix),
        unit=unit if unit in UNITS else "days",
        ignore_case=f"{prefix}-ignore_case" in post,
    )
    is_new = attribute != post.get(f"{prefix}-was", "")
    return _fitting(row, kind_of(attribute, known), post.get(f"{prefix}-control", ""), is_new=is_new)


def _kept(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _texts(post: QueryDict, prefix: str) -> tuple[str, ...]:
    """The values as typed; a day and a time beside it are one value."""
    found = []
    for name in (f"{prefix}-value", f"{prefix}-value2"):
        if name in post:
            time = post.get(f"{name}-time", "").strip()
            text = post.get(name, "")
            found.append(f"{text.strip()}T{time}" if time else text)
    return tuple(found)


def _fitting(row: Row, kind: ColumnType | None, was: str, *, is_new: bool) -> Row:
    """The row with a comparison for its type of column, and without values that were entered for another control."""
    keys = [choice.key for choice in offered(kind)] if kind is not None else []
    if keys and row.choice not in keys and (is_new or row.choice not in CHOICES):
        row = replace(row, choice=keys[0])
    if row.choice not in CHOICES:
        return replace(row, choice="", values=())
    now = control(CHOICES[row.choice], kind)
    if _FAMILIES.get(now, now) != _FAMILIES.get(was, was):
        row = replace(row, values=(), unit="days")
    if not can_ignore_case(row, kind):
        row = replace(row, ignore_case=False)
    return row


def can_ignore_case(row: Row, kind: ColumnType | None) -> bool:
    choice = CHOICES.get(row.choice)
    return (
        choice is not None
        and choice.value is None
        and kind in ("text", None)
        and OPERATORS[choice.operator].for_text
    )


def number(text: str | None) -> int | None:
    """A positive number that a database can hold, else None."""
    return int(text) if text and re.fullmatch(r"\d{1,18}", text, re.ASCII) else None


# Rules as data, and back ------------------------------------------------------------------------------------


def data_of(item: Branch | Row, known: Known) -> dict[str, Any]:
    """The form of the file format, with what is missing left out."""
    if isinstance(item, Branch):
        return {item.match: [data_of(rule, known) for rule in item.rules]}
    if item.kind == "kept":
        return dict(item.data)
    if item.kind == "segment":
        named: dict[str, Any] = {"segment": item.segment}
        return named if item.member else {**named, "member": False}
    data: dict[str, Any] = {"attribute": item.attribute}
    choice = CHOICES.get(item.choice)
    if choice is not None:
        data[choice.operator] = as_value(choice, item.values, item.unit, kind_of(item.attribute, known))
    return {**data, "ignore_case": True} if item.ignore_case else data


def tree_of(data: Any, known: Known) -> Branch:
    """Stored rules as the editor shows them."""
    found = _shown(data, known)
    return found if isinstance(found, Branch) else Branch("all", (found,))


def _shown(data: Any, known: Known) -> Branch | Row:
    if not isinstance(data, Mapping):
        return Row("kept", data={})
    for match in MATCHES:
        if match in data:
            return Branch(match, tuple(_shown(rule, known) for rule in data[match]))  # type: ignore[arg-type]
    if "segment" in data:
        return Row("segment", segment=data["segment"], member=data.get("member", True))
    row = _plain(data)
    if row is None or (data_of(row, known) != data and not _will_be_refused(row, known)):
        return Row("kept", data=data)
    return row


def _plain(data: Mapping[str, Any]) -> Row | None:
    """A comparison with an attribute as the texts of its fields; None for anything else."""
    operator = next((name for name in OPERATORS if name in data), None)
    if operator is None or "attribute" not in data:
        return None
    value = data[operator]
    key = f"{operator}:{str(value).lower()}" if isinstance(value, bool) else operator
    if key not in CHOICES:
        return None
    values, unit = as_fields(CHOICES[key], value)
    if CHOICES[key].shape != "list" and any(end in text for text in values for end in "\r\n"):
        return None  # a browser drops the ends of lines from such a field
    return Row("attribute", data["attribute"], key, values, unit, data.get("ignore_case", False))


def _will_be_refused(row: Row, known: Known) -> bool:
    """Whether the rule fits its column no longer, so that saving needs a change by a person anyway."""
    kind = kind_of(row.attribute, known)
    return bool(known) and (kind is None or kind not in OPERATORS[CHOICES[row.choice].operator].types)
