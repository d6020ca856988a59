"""The editor's form: a whole segment in one POST, and rules as the texts of their fields and back.

Every field of a rule is named by its place (`r-0-2-attribute`), so that the form works with and without htmx.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import QueryDict

from campaigns.customers.catalogue import ColumnType
from campaigns.segments.choices import (
    CHOICES,
    EXISTS,
    LIST,
    ROWS_OF,
    SEGMENT,
    UNITS,
    VERBS,
    Attribute,
    as_fields,
    as_value,
    attribute_typed,
    control,
    kind_of,
    offered,
    result_of,
    tables_of,
)
from campaigns.segments.operators import AGGREGATES, OPERATORS
from campaigns.segments.rules import MATCHES
from campaigns.segments.tree import (
    DEEPEST_CARRIED,
    DEEPEST_SHOWN,
    Branch,
    Compared,
    Kind,
    Relation,
    Row,
    settled,
)
from config.requests import number

Known = Mapping[str, Attribute]

# What stands in the attribute's field of a rule about members.
_MEMBERSHIPS: dict[str, Kind] = {SEGMENT.lower(): "segment", LIST.lower(): "list"}

# Controls between which a value can be carried over when another comparison is chosen.
_FAMILIES = {"text": "plain", "number": "plain", "list": "plain", "date": "when", "time": "when"}


# Reading the form -----------------------------------------------------------------------------------------


def parse(post: QueryDict, known: Known) -> Branch:
    """The rules of the form. What was chosen for another attribute before gives way to what fits the new one."""
    found = _item(post, "r", known, 0)
    return found if isinstance(found, Branch) else Branch()


def _item(post: QueryDict, prefix: str, known: Known, depth: int, table: str | None = None) -> Branch | Row:
    """`table`: whose rows the conditions here are about, empty where it is still to be chosen; None outside of any."""
    if f"{prefix}-match" not in post or depth > DEEPEST_CARRIED:
        return _row(post, prefix, known, table)
    if depth == DEEPEST_SHOWN:
        return Row("kept", data=data_of(_branch(post, prefix, known, depth, table), known))
    return _branch(post, prefix, known, depth, table)


def _branch(post: QueryDict, prefix: str, known: Known, depth: int, table: str | None) -> Branch:
    is_relation = post.get(f"{prefix}-kind") == "rows" and table is None and depth > 0
    relation = _relation(post, prefix, known) if is_relation else None
    match = post.get(f"{prefix}-match", "")
    inner = relation.table if relation is not None else table
    rules: list[Branch | Row] = []
    while f"{prefix}-{len(rules)}-kind" in post:
        rules.append(_item(post, f"{prefix}-{len(rules)}", known, depth + 1, inner))
    found = tuple(rules) or (() if is_relation else (Row(),))
    return Branch(match if match in MATCHES else "all", found, relation)  # type: ignore[arg-type]


def _row(post: QueryDict, prefix: str, known: Known, table: str | None) -> Branch | Row:
    if f"{prefix}-kept" in post:
        return Row("kept", data=_kept(post.get(f"{prefix}-kept", "")))
    text = post.get(f"{prefix}-attribute", "").strip()
    kind = _MEMBERSHIPS.get(text.lower())
    if kind is not None and table is None:
        return _membership(post, prefix, kind)
    if text.lower().startswith(ROWS_OF) and table is None:
        return Branch("all", (), Relation(_table_named(text[len(ROWS_OF) :], known)))
    was = post.get(f"{prefix}-was", "")
    # What the field showed may mean nothing any more, where an operator gave the column another label meanwhile.
    is_kept = was in known and text == post.get(f"{prefix}-shown")
    attribute = was if is_kept else attribute_typed(text, known, table or "")
    is_new = attribute != was
    compared = _compared(post, prefix, kind_of(attribute, known), is_new=is_new)
    row = Row("attribute", attribute, compared, is_fresh=f"{prefix}-fresh" in post)
    if table is None and attribute in known and known[attribute].many:
        return Branch("all", (row,), Relation(known[attribute].table))
    return _of_table(row, table, known) if table else row


def _membership(post: QueryDict, prefix: str, kind: Kind) -> Row:
    was = post.get(f"{prefix}-kind") == kind
    typed = post.get(f"{prefix}-typed", "").strip() if was else ""
    is_cleared = f"{prefix}-typed" in post and not typed
    return Row(
        kind,
        named=number(post.get(f"{prefix}-named")) if was and not is_cleared else None,
        typed=typed,
        member=post.get(f"{prefix}-member", "is") == "is",
        is_fresh=f"{prefix}-fresh" in post,
    )


def _table_named(text: str, known: Known) -> str:
    return next((table for table in tables_of(known) if table.lower() == text.strip().lower()), "")


def _of_table(row: Row, table: str, known: Known) -> Row:
    """A condition whose column another table had: the column of that name, else it is chosen anew."""
    old, _, column = row.attribute.rpartition(".")
    if not old or old == table or not any(one.table == old for one in known.values()):
        return row
    attribute = f"{table}.{column}"
    same = attribute in known and kind_of(attribute, known) == kind_of(row.attribute, known)
    return replace(row, attribute=attribute) if same else Row()


def _relation(post: QueryDict, prefix: str, known: Known) -> Relation:
    was = post.get(f"{prefix}-was", "")
    table = post.get(f"{prefix}-table", "") or _table_of_first(post, prefix, known)
    verb = post.get(f"{prefix}-verb", "any")
    verb = verb if verb in VERBS else "any"
    of, ordered_by = (
        column if (column := post.get(f"{prefix}-{name}", "")).startswith(f"{table}.") and needed else ""
        for name, needed in (("of", needs_of(verb)), ("ordered_by", needs_order(verb)))
    )
    kind = result_of(verb, of, known)
    is_new = (table, verb, of) != tuple(was.split("|"))
    compared = Compared()
    if verb not in EXISTS:
        usual = "gte" if kind == "number" else ""
        compared = _compared(post, prefix, kind, is_new=is_new, usual=usual)
    return Relation(table, verb, of, ordered_by, compared, is_fresh=f"{prefix}-fresh" in post)


def _table_of_first(post: QueryDict, prefix: str, known: Known) -> str:
    """The table of the first condition, where the condition was chosen before the table."""
    attribute = attribute_typed(post.get(f"{prefix}-0-attribute", ""), known)
    return known[attribute].table if attribute in known and known[attribute].many else ""


def needs_of(verb: str) -> bool:
    return verb in AGGREGATES and verb != "count"


def needs_order(verb: str) -> bool:
    return verb in AGGREGATES and AGGREGATES[verb].is_ordered


def _kept(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _compared(
    post: QueryDict, prefix: str, kind: ColumnType | None, *, is_new: bool, usual: str = ""
) -> Compared:
    unit = post.get(f"{prefix}-unit", "days")
    compared = Compared(
        choice=post.get(f"{prefix}-choice", ""),
        values=_texts(post, prefix),
        unit=unit if unit in UNITS else "days",
        ignore_case=f"{prefix}-ignore_case" in post,
    )
    return _fitting(compared, kind, post.get(f"{prefix}-control", ""), is_new=is_new, usual=usual)


def _texts(post: QueryDict, prefix: str) -> tuple[str, ...]:
    """The values as typed; a day and a time beside it are one value."""
    found = []
    for name in (f"{prefix}-value", f"{prefix}-value2"):
        if name in post:
            time = post.get(f"{name}-time", "").strip()
            text = post.get(name, "")
            found.append(f"{text.strip()}T{time}" if time else text)
    return tuple(found)


def _fitting(compared: Compared, kind: ColumnType | None, was: str, *, is_new: bool, usual: str) -> Compared:
    """With a comparison for the type of column, and without values that were entered for another control."""
    keys = [choice.key for choice in offered(kind)] if kind is not None else []
    if keys and compared.choice not in keys and (is_new or compared.choice not in CHOICES):
        compared = replace(compared, choice=usual or keys[0])
    if compared.choice not in CHOICES:
        return replace(compared, choice="", values=())
    now = control(CHOICES[compared.choice], kind)
    if _FAMILIES.get(now, now) != _FAMILIES.get(was, was):
        compared = replace(compared, values=(), unit="days")
    if not can_ignore_case(compared, kind):
        compared = replace(compared, ignore_case=False)
    return compared


def can_ignore_case(compared: Compared, kind: ColumnType | None) -> bool:
    choice = CHOICES.get(compared.choice)
    return (
        choice is not None
        and choice.value is None
        and kind in ("text", None)
        and OPERATORS[choice.operator].for_text
    )


# Rules as data, and back ------------------------------------------------------------------------------------


def data_of(item: Branch | Row, known: Known) -> dict[str, Any]:
    """The form of the file format, with what is missing left out."""
    if isinstance(item, Branch):
        rules: dict[str, Any] = {item.match: [data_of(rule, known) for rule in item.rules]}
        return rules if item.relation is None else _rows_data(item.relation, rules, known)
    if item.kind == "kept":
        return dict(item.data)
    if item.kind in _MEMBERSHIPS.values():
        named: dict[str, Any] = {item.kind: item.named}
        return named if item.member else {**named, "member": False}
    data: dict[str, Any] = {"attribute": item.attribute}
    return data | _comparison_data(item.compared, kind_of(item.attribute, known))


def _rows_data(relation: Relation, where: dict[str, Any], known: Known) -> dict[str, Any]:
    data: dict[str, Any] = {"rows": relation.table}
    if any(where.values()):
        data["where"] = where
    if relation.verb in EXISTS:
        return {**data, "exists": EXISTS[relation.verb]}
    named = {"aggregate": relation.verb, "of": relation.of, "ordered_by": relation.ordered_by}
    kind = result_of(relation.verb, relation.of, known)
    return (
        data | {key: text for key, text in named.items() if text} | _comparison_data(relation.compared, kind)
    )


def _comparison_data(compared: Compared, kind: ColumnType | None) -> dict[str, Any]:
    choice = CHOICES.get(compared.choice)
    if choice is None:
        return {}
    data = {choice.operator: as_value(choice, compared.values, compared.unit, kind)}
    return {**data, "ignore_case": True} if compared.ignore_case else data


def tree_of(data: Any, known: Known) -> Branch:
    """Stored rules as the editor shows them."""
    found = _shown(data, known)
    return settled(found if isinstance(found, Branch) and not found.relation else Branch("all", (found,)))


def _shown(data: Any, known: Known) -> Branch | Row:
    if not isinstance(data, Mapping):
        return Row("kept", data={})
    for match in MATCHES:
        if match in data:
            return Branch(match, tuple(_shown(rule, known) for rule in data[match]))  # type: ignore[arg-type]
    for kind in _MEMBERSHIPS.values():
        if kind in data:
            return Row(kind, named=data[kind], member=data.get("member", True))
    found = _relation_of(data, known) if "rows" in data else _plain(data)
    if found is None or (data_of(found, known) != data and not _will_be_refused(found, known)):
        return Row("kept", data=data)
    return found


def _relation_of(data: Mapping[str, Any], known: Known) -> Branch | None:
    """Rows of a table as a group of conditions; None where its fields cannot hold it."""
    where = _shown(data["where"], known) if data.get("where") else Branch("all", ())
    if not isinstance(where, Branch):
        return None
    verb = str(data.get("aggregate", "any" if data.get("exists") else "no"))
    compared = Compared() if verb in EXISTS else _compared_of(data)
    if verb not in VERBS or compared is None:
        return None
    of, ordered_by = str(data.get("of", "")), str(data.get("ordered_by", ""))
    return replace(where, relation=Relation(str(data["rows"]), verb, of, ordered_by, compared))


def _plain(data: Mapping[str, Any]) -> Row | None:
    """A comparison with an attribute as the texts of its fields; None for anything else."""
    compared = _compared_of(data)
    if compared is None or "attribute" not in data:
        return None
    return Row("attribute", data["attribute"], compared)


def _compared_of(data: Mapping[str, Any]) -> Compared | None:
    operator = next((name for name in OPERATORS if name in data), None)
    if operator is None:
        return None
    value = data[operator]
    key = f"{operator}:{str(value).lower()}" if isinstance(value, bool) else operator
    if key not in CHOICES:
        return None
    values, unit = as_fields(CHOICES[key], value)
    if CHOICES[key].shape != "list" and any(end in text for text in values for end in "\r\n"):
        return None  # a browser drops the ends of lines from such a field
    return Compared(key, values, unit, data.get("ignore_case", False))


def _will_be_refused(item: Row | Branch, known: Known) -> bool:
    """Whether it fits its column no longer, so that saving needs a change by a person anyway."""
    if isinstance(item, Branch):
        return False
    kind = kind_of(item.attribute, known)
    return bool(known) and (
        kind is None or kind not in OPERATORS[CHOICES[item.compared.choice].operator].types
    )
