"""Rules as frozen values: refused on construction, plain data in and out. No database, no engine.

The data is the form of the file format (docs/segments.md): `{"all": [...]}`, `{"attribute": "customer_360.city", "is":
"Chicago"}`, `{"rows": "orders", "aggregate": "count", "gte": 3}`, `{"segment": 12}`, `{"list": 3}`,
`{"sql": "SELECT …"}`. Stored rules carry a version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from campaigns.segments.operators import AGGREGATES, OPERATORS
from campaigns.segments.values import LARGEST, READERS, Span, Value, can_be_stored
from campaigns.segments.values import Path as Path
from campaigns.segments.values import RuleError as RuleError

VERSION = 2
READABLE = (1, VERSION)  # 1 had neither sql nor list
MATCHES = ("all", "any", "none")
DEEPEST = 20
LONGEST_QUERY = 50_000
Match = Literal["all", "any", "none"]


@dataclass(frozen=True)
class Comparison:
    """An operator of OPERATORS and what it compares with."""

    operator: str
    value: Value
    ignore_case: bool = False


@dataclass(frozen=True)
class Condition:
    """A comparison with an attribute, "table.column"."""

    attribute: str
    comparison: Comparison


@dataclass(frozen=True)
class Rows:
    """The rows of a table with many per customer: whether any match, or an aggregate of those that do.

    Without an aggregate `exists` says which; with one, `comparison` does.
    """

    table: str
    where: Group | None = None
    exists: bool | None = None
    aggregate: str = ""
    of: str = ""
    ordered_by: str = ""
    comparison: Comparison | None = None


@dataclass(frozen=True)
class InSegment:
    """Whether a customer is a member of another segment, by its id."""

    segment: int
    member: bool = True


@dataclass(frozen=True)
class InList:
    """Whether a customer is on an uploaded list, by its id."""

    list: int
    member: bool = True


@dataclass(frozen=True)
class Query:
    """Whose keys one SELECT yields, in the customer database's own dialect. It stands alone in its segment."""

    sql: str


@dataclass(frozen=True)
class Group:
    """`all`, `any` or `none` of its rules match."""

    match: Match
    rules: tuple[Node, ...]


Node = Group | Condition | Rows | InSegment | InList | Query


def load(stored: Mapping[str, Any]) -> Group:
    """Rules as the database holds them, of any version that ever was."""
    if stored.get("version") not in READABLE:
        raise RuleError(f"These rules have version {stored.get('version')!r}, which this Muster cannot read.")
    return parse(stored["rules"])


def dump(group: Group) -> dict[str, Any]:
    """Rules as the database holds them."""
    return {"version": VERSION, "rules": to_data(group)}


# Reading ------------------------------------------------------------------------------------------------


def parse(data: Any, path: Path = ()) -> Group:
    """The outermost group. RuleError says what is wrong and where."""
    node = _node(data, path, 0)
    if not isinstance(node, Group):
        raise RuleError("Rules begin with all, any or none.", path)
    if any(isinstance(one, Query) for one in walk(node)) and query_of(node) is None:
        raise RuleError(
            "A query stands alone in its segment. Name that segment in these rules instead.", path
        )
    return node


def query_of(group: Group) -> Query | None:
    """The query that is all there is to a segment; None for rules."""
    only = group.rules[0] if group.match == "all" and len(group.rules) == 1 else None
    return only if isinstance(only, Query) else None


def _node(data: Any, path: Path, depth: int) -> Node:
    if not isinstance(data, Mapping):
        raise RuleError("A rule is a set of keys such as attribute and is.", path)
    if depth > DEEPEST:
        raise RuleError(f"Groups are nested {DEEPEST} deep at most.", path)
    found = [key for key in (*MATCHES, *_LEAVES, "rows") if key in data]
    if len(found) != 1:
        raise RuleError(
            "A rule has exactly one of all, any, none, attribute, rows, segment, list and sql.", path
        )
    key = found[0]
    if key in MATCHES:
        return _group(data, key, path, depth)
    return _rows(data, path, depth) if key == "rows" else _LEAVES[key](data, path)


def _group(data: Mapping[str, Any], match: str, path: Path, depth: int) -> Group:
    _only(data, {match}, path)
    items = data[match]
    if not isinstance(items, list | tuple) or not items:
        raise RuleError("A group needs at least one rule. Add one, or remove the group.", (*path, match))
    rules = tuple(_node(item, (*path, match, number), depth + 1) for number, item in enumerate(items))
    return Group(match, rules)  # type: ignore[arg-type]


def _condition(data: Mapping[str, Any], path: Path) -> Condition:
    attribute = _column(data["attribute"], (*path, "attribute"))
    _only(data, {"attribute", "ignore_case", *OPERATORS}, path)
    return Condition(attribute, _comparison(data, path))


def _in_segment(data: Mapping[str, Any], path: Path) -> InSegment:
    return InSegment(*_membership(data, "segment", "Choose a segment.", path))


def _in_list(data: Mapping[str, Any], path: Path) -> InList:
    return InList(*_membership(data, "list", "Choose an uploaded list.", path))


def _membership(data: Mapping[str, Any], key: str, missing: str, path: Path) -> tuple[int, bool]:
    _only(data, {key, "member"}, path)
    named, member = data[key], data.get("member", True)
    if not _is_id(named):
        raise RuleError(missing, (*path, key))
    if not isinstance(member, bool):
        raise RuleError("member is true or false.", (*path, "member"))
    return named, member


def _is_id(value: Any) -> bool:
    """Whether it may be the id of something: one that no database holds cannot even be asked for."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST


def _query(data: Mapping[str, Any], path: Path) -> Query:
    _only(data, {"sql"}, path)
    sql = data["sql"]
    if not isinstance(sql, str) or not sql.strip():
        raise RuleError("Enter a query: SELECT and the customer key.", (*path, "sql"))
    if len(sql) > LONGEST_QUERY:
        raise RuleError(f"A query has {LONGEST_QUERY:,} characters at most.", (*path, "sql"))
    if not can_be_stored(sql):
        raise RuleError("The query has a character that cannot be stored. Type it anew.", (*path, "sql"))
    return Query(sql.rstrip())  # lines keep their numbers


_LEAVES: dict[str, Callable[[Mapping[str, Any], Path], Node]] = {
    "attribute": _condition,
    "segment": _in_segment,
    "list": _in_list,
    "sql": _query,
}


def _rows(data: Mapping[str, Any], path: Path, depth: int) -> Rows:
    own = {"rows", "where", "exists", "aggregate", "of", "ordered_by"}
    _only(data, {*own, "ignore_case", *OPERATORS}, path)
    table = data["rows"]
    if not isinstance(table, str) or not table:
        raise RuleError("Choose a table.", (*path, "rows"))
    where = None
    if "where" in data:
        inner = _node(data["where"], (*path, "where"), depth + 1)
        if not isinstance(inner, Group):
            raise RuleError("where begins with all, any or none.", (*path, "where"))
        _only_of(inner, table, (*path, "where"))
        where = inner
    if ("exists" in data) == ("aggregate" in data):
        raise RuleError("Rows of a table need either exists or aggregate.", path)
    if "exists" in data:
        _only(data, {"rows", "where", "exists"}, path)
        if not isinstance(data["exists"], bool):
            raise RuleError("exists is true or false.", (*path, "exists"))
        return Rows(table, where, exists=data["exists"])
    return _aggregate(data, table, where, path)


def _aggregate(data: Mapping[str, Any], table: str, where: Group | None, path: Path) -> Rows:
    name = data["aggregate"]
    if not isinstance(name, str) or name not in AGGREGATES:
        raise RuleError(f"aggregate is one of {', '.join(AGGREGATES)}.", (*path, "aggregate"))
    wanted = {"of": name != "count", "ordered_by": AGGREGATES[name].is_ordered}
    columns = {}
    for key, needed in wanted.items():
        if needed != (key in data):
            text = f"{name} needs {key}." if needed else f"{name} takes no {key}."
            raise RuleError(text, (*path, key))
        columns[key] = _column(data[key], (*path, key)) if needed else ""
        if needed and columns[key].rpartition(".")[0] != table:
            raise RuleError(f"{columns[key]} is no column of {table}.", (*path, key))
    comparison = _comparison(data, path)
    return Rows(table, where, None, name, columns["of"], columns["ordered_by"], comparison)


def _comparison(data: Mapping[str, Any], path: Path) -> Comparison:
    found = [name for name in OPERATORS if name in data]
    if len(found) != 1:
        text = "Choose one comparison, such as is or gte." if not found else "A rule has one comparison only."
        raise RuleError(text, path)
    name = found[0]
    operator = OPERATORS[name]
    ignore_case = data.get("ignore_case", False)
    if not isinstance(ignore_case, bool) or (ignore_case and not operator.for_text):
        raise RuleError("ignore_case is true or false, beside an operator for text.", (*path, "ignore_case"))
    return Comparison(name, READERS[operator.shape](data[name], (*path, name)), ignore_case)


def _column(value: Any, path: Path) -> str:
    if not isinstance(value, str) or not all(value.rpartition(".")[::2]):
        raise RuleError("Choose an attribute, written table.column.", path)
    return value


def _only(data: Mapping[str, Any], allowed: set[str], path: Path) -> None:
    for key in data:
        if key not in allowed:
            raise RuleError(f"{key} does not belong here.", (*path, str(key)))


def _only_of(group: Group, table: str, path: Path) -> None:
    for node in walk(group):
        if isinstance(node, Rows | InSegment | InList | Query):
            raise RuleError("The conditions on rows are about columns of that table alone.", path)
        if isinstance(node, Condition) and node.attribute.rpartition(".")[0] != table:
            raise RuleError(f"{node.attribute} is no column of {table}.", path)


# Writing and walking --------------------------------------------------------------------------------------


def to_data(node: Node) -> dict[str, Any]:
    """The same data that `parse` reads."""
    if isinstance(node, Group):
        return {node.match: [to_data(rule) for rule in node.rules]}
    if isinstance(node, InSegment):
        return _membership_data("segment", node.segment, node.member)
    if isinstance(node, InList):
        return _membership_data("list", node.list, node.member)
    if isinstance(node, Query):
        return {"sql": node.sql}
    if isinstance(node, Condition):
        return {"attribute": node.attribute, **_comparison_data(node.comparison)}
    data: dict[str, Any] = {"rows": node.table}
    if node.where is not None:
        data["where"] = to_data(node.where)
    if node.comparison is None:
        return {**data, "exists": node.exists}
    named = {"aggregate": node.aggregate, "of": node.of, "ordered_by": node.ordered_by}
    return {**data, **{key: text for key, text in named.items() if text}, **_comparison_data(node.comparison)}


def _membership_data(key: str, named: int, member: bool) -> dict[str, Any]:
    return {key: named} if member else {key: named, "member": False}


def _comparison_data(comparison: Comparison) -> dict[str, Any]:
    value: Any = comparison.value
    if isinstance(value, Span):
        value = str(value)
    elif isinstance(value, tuple):
        value = list(value)
    data = {comparison.operator: value}
    return {**data, "ignore_case": True} if comparison.ignore_case else data


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, conditions on rows included."""
    yield node
    if isinstance(node, Group):
        for rule in node.rules:
            yield from walk(rule)
    elif isinstance(node, Rows) and node.where is not None:
        yield from walk(node.where)


def walk_with_paths(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """The node and the rules of its groups, conditions on rows left out, each with the path that leads to it."""
    yield path, node
    if isinstance(node, Group):
        for number, rule in enumerate(node.rules):
            yield from walk_with_paths(rule, (*path, node.match, number))


def segment_ids(group: Group) -> set[int]:
    """The segments that the rules name themselves."""
    return {node.segment for node in walk(group) if isinstance(node, InSegment)}


def list_ids(group: Group) -> set[int]:
    """The uploaded lists that the rules name themselves."""
    return {node.list for node in walk(group) if isinstance(node, InList)}


def attributes(group: Group) -> set[str]:
    """Every column that the rules read, "table.column"."""
    found = {node.attribute for node in walk(group) if isinstance(node, Condition)}
    for node in walk(group):
        if isinstance(node, Rows):
            found |= {column for column in (node.of, node.ordered_by) if column}
    return found


def holds_query(data: Any) -> bool:
    """Whether rules, readable or not and however deep, hold a query anywhere."""
    left = [data]
    while left:
        one = left.pop()
        if isinstance(one, Mapping):
            if "sql" in one:
                return True
            left.extend(one.values())
        elif isinstance(one, list | tuple):
            left.extend(one)
    return False


def map_named(data: Any, key: str, change: Callable[[Any], Any]) -> Any:
    """The data with `change` applied to what stands under `key` ("segment", "list") at any depth."""
    if isinstance(data, Mapping):
        return {
            name: change(value) if name == key else map_named(value, key, change)
            for name, value in data.items()
        }
    if isinstance(data, list | tuple):
        return [map_named(item, key, change) for item in data]
    return data


def ids_in(data: Any, key: str = "segment") -> frozenset[int]:
    """The segments (or lists) that rules name by id, whether the rules can be read or not."""
    found: set[int] = set()
    map_named(data, key, lambda one: found.add(one) if _is_id(one) else None)
    return frozenset(found)
