"""Rules that older Musters stored are read with the meaning they had; stored_rules/README.md tells about the files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from campaigns.segments.operators import AGGREGATES, OPERATORS
from campaigns.segments.rules import (
    VERSION,
    Condition,
    Group,
    InList,
    InSegment,
    Node,
    Query,
    Rows,
    dump,
    load,
    to_data,
    walk,
)

FOLDER = Path(__file__).parent / "stored_rules"
FILES = sorted(FOLDER.glob("*.json"))
# What is here once has to stay.
NAMES = {
    "version_1_deepest",
    "version_1_nested",
    "version_1_numbers",
    "version_1_rows",
    "version_1_text",
    "version_1_times",
    "version_1_yes_no",
    "version_2_lists",
    "version_2_query",
}


def _stored(path: Path) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(path.read_text())
    return stored


def _nodes() -> list[Node]:
    return [node for path in FILES for node in walk(load(_stored(path)))]


def test_all_that_was_ever_stored_is_here() -> None:
    assert {path.stem for path in FILES} >= NAMES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_rules_are_read_as_they_were_meant(path: Path) -> None:
    stored = _stored(path)
    assert path.stem.startswith(f"version_{stored['version']}_")
    group = load(stored)
    assert to_data(group) == stored["rules"]
    assert dump(group) == {"version": VERSION, "rules": stored["rules"]}
    assert load(dump(group)) == group


def test_every_kind_of_rule_is_among_them() -> None:
    found = {type(node) for node in _nodes()}
    assert found == {Group, Condition, Rows, InSegment, InList, Query}
    assert {node.match for node in _nodes() if isinstance(node, Group)} == {"all", "any", "none"}


def test_every_operator_and_aggregate_is_among_them() -> None:
    compared = [node.comparison for node in _nodes() if isinstance(node, Condition | Rows)]
    assert {one.operator for one in compared if one is not None} == set(OPERATORS)
    assert {node.aggregate for node in _nodes() if isinstance(node, Rows)} == {"", *AGGREGATES}
