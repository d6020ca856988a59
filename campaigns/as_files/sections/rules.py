"""Rules between file and database: segments and uploaded lists stand by name in the one, by id in the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from campaigns.as_files.marks import Node
from campaigns.segments.models import Segment
from campaigns.segments.rules import RuleError, ids_in, map_named, parse, to_data
from campaigns.segments.uploaded.models import UploadedList


def rules_from(node: Node, find: Callable[[Node], Segment]) -> dict[str, Any]:
    """The rules as data, segments by id. FileProblem at the rule that cannot be."""
    data = _with_ids(node, find)
    try:
        return to_data(parse(data))
    except RuleError as error:
        raise node.at(error.path).problem(error.message) from None


def _with_ids(node: Node, find: Callable[[Node], Segment]) -> Any:
    if isinstance(node.value, dict):
        by_name: dict[str, Callable[[Node], Segment | UploadedList]] = {
            "segment": find,
            "list": uploaded_list,
        }
        return {
            key: by_name[key](inner).pk if key in by_name else _with_ids(inner, find)
            for key, inner in node.value.items()
        }
    if isinstance(node.value, list):
        return [_with_ids(item, find) for item in node.value]
    return node.value


def uploaded_list(node: Node) -> UploadedList:
    """The one that a file names: it holds customers, so no file can bring it along."""
    name = node.raw.strip(" ")
    found = UploadedList.objects.active().filter(name=name).first()
    if found is None:
        raise node.problem(f"There is no uploaded list “{name}”. Upload it first, or correct the name.")
    return found


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
    lists = dict(UploadedList.objects.filter(pk__in=ids_in(data, "list")).values_list("pk", "name"))
    named = map_named(data, "segment", lambda pk: names.get(pk, pk))
    return map_named(named, "list", lambda pk: lists.get(pk, pk))
