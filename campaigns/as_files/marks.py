"""YAML as a tree that knows where everything stands, so that an error can name file, line and key. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

Key = str | int
DEEPEST = 100


class FileProblem(Exception):
    """What is wrong with a file, and where, as one sentence."""

    def __init__(self, message: str, line: int = 0, key: str = "", file: str = "") -> None:
        super().__init__(message)
        self.message, self.line, self.key, self.file = message, line, key, file

    def __str__(self) -> str:
        place = [self.file, f"line {self.line}" if self.line else "", self.key]
        before = ", ".join(part for part in place if part)
        return f"{before}: {self.message}" if before else self.message


@dataclass(frozen=True)
class Node:
    """A value of the file. `raw`: a scalar's text as typed."""

    value: Mapping[str, Node] | Sequence[Node] | str | int | float | bool | None
    line: int
    key: str = ""  # campaigns[0].treatment_groups[1].percent
    raw: str = ""

    def problem(self, message: str) -> FileProblem:
        return FileProblem(message, self.line, self.key)

    def at(self, path: Sequence[Key]) -> Node:
        """What stands at the path, or the last thing on the way to it that is in the file."""
        node = self
        for key in path:
            if isinstance(node.value, Mapping) and key in node.value:
                node = node.value[str(key)]
            elif isinstance(node.value, list) and isinstance(key, int) and 0 <= key < len(node.value):
                node = node.value[key]
            else:
                break
        return node

    def data(self) -> Any:
        """The value as plain Python."""
        if isinstance(self.value, Mapping):
            return {key: node.data() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.data() for node in self.value]
        return self.value


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain scalars: `no`, `10:00`, `0123` and `2027-03-01` are text, as they look."""


# Each a part of what YAML 1.1 takes for the same type, so that PyYAML quotes all that would be read as one of them.
_TYPES: Final = {
    "bool": (re.compile(r"true|false|True|False|TRUE|FALSE"), "tTfF"),
    "int": (re.compile(r"[-+]?(0|[1-9][0-9]*)"), "-+0123456789"),
    "float": (re.compile(r"[-+]?[0-9]+\.[0-9]*([eE][-+][0-9]+)?"), "-+0123456789"),
    "null": (re.compile(r"~|null|Null|NULL|"), ["~", "n", "N", ""]),
}
_Loader.yaml_implicit_resolvers = {}
for _name, (_pattern, _first) in _TYPES.items():
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_name}", re.compile(f"(?:{_pattern.pattern})$"), list(_first)
    )

_SCALARS: Final[Mapping[str, Callable[[str], str | int | float | bool | None]]] = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:bool": lambda text: text.lower() == "true",
    "tag:yaml.org,2002:null": lambda text: None,
}


def read(text: str, file: str = "") -> Node:
    """The file's outermost mapping. FileProblem where it is no YAML, or no mapping."""
    try:
        top = yaml.compose(text, Loader=_Loader)
        node = Node({}, 1) if top is None else _node(top, "", 0)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FileProblem("This character cannot stand in a file. Remove it.", line, file=file) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context
        raise FileProblem(f"This is no YAML: {problem}.", mark.line + 1 if mark else 0, file=file) from None
    except FileProblem as error:
        error.file = file
        raise
    if not isinstance(node.value, dict):
        raise FileProblem("The file begins with a key such as campaigns.", node.line, file=file)
    return node


def _node(node: yaml.Node, key: str, depth: int) -> Node:
    line = node.start_mark.line + 1
    if depth > DEEPEST:
        raise FileProblem(f"The file is nested more than {DEEPEST} deep.", line, key)
    if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
        return Node(_mapping(node, key, depth), line, key)
    if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
        items = [_node(item, f"{key}[{number}]", depth + 1) for number, item in enumerate(node.value)]
        return Node(items, line, key)
    if not isinstance(node, yaml.ScalarNode) or node.tag not in _SCALARS:
        raise FileProblem(f"The tag {node.tag} is not known here. Remove it.", line, key)
    try:
        return Node(_SCALARS[node.tag](node.value), line, key, node.value)
    except ValueError:
        raise FileProblem(f"This is no {node.tag.rpartition(':')[2]}. Correct it.", line, key) from None


def _mapping(node: yaml.MappingNode, key: str, depth: int) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for name, value in node.value:
        line = name.start_mark.line + 1
        if not isinstance(name, yaml.ScalarNode):
            raise FileProblem("A key is a word.", line, key)
        inner = f"{key}.{name.value}" if key else name.value
        if name.value in found:
            raise FileProblem("This key stands here twice. Remove one.", line, inner)
        found[name.value] = _node(value, inner, depth + 1)
    return found
