"""Rules between file and database: segments stand by name in the one, by id in the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from campaigns.as_files.marks import Node
from campaigns.segments.models import Segment
from campaigns.segments.rules import RuleError, ids_in, map_named, parse, to_data


def rules_from(node: Node, find: Callable[[Node], Segment]) -> dict[str, Any]:
    """The rules as data, segments by id. FileProblem at the rule that cannot be."""
    data = _with_ids(node, find)
    try:
        return to_data(parse(data))
    except RuleError as error:
        raise node.at(error.path).problem(error.message) from None


def _with_ids(node: Node, find: Callable[[Node], Segment]) -> Any:
    if isinstance(node.value, dict):
        return {
            key: find(inner).pk if key == "segment" else _with_ids(inner, find)
            for key, inner in node.value.items()
        }
    if isinstance(node.value, list):
        return [_with_ids(item, find) for item in node.value]
    return node.value


def named_in(node: Node) -> list[Node]:
    """Where the rules name a segment."""
    if isinstance(node.value, dict):
        own = [node.value["segment"]] if "segment" in node.value else []
        return own + [found for inner in node.value.values() for found in named_in(inner)]
    if isinstance(node.value, list):
        return [found for item in node.value for found in named_in(item)]
    return []


def with_names(data: Any) -> Any:
    """Stored rules in the file's form."""
    names = dict(Segment.objects.filter(pk__in=ids_in(data)).values_list("pk", "name"))
    return map_named(data, "segment", lambda pk: names.get(pk, pk))
