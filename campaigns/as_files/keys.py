"""Which keys each section of a file takes, in one table, and how each is read. Pure: nothing is looked up.

A parsed entry holds what the file says and nothing else: a key left out keeps what is stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from campaigns.as_files.marks import Node
from campaigns.planning.plain import CHOICES

Reader = Callable[[Node], Any]


@dataclass(frozen=True)
class Entry:
    """One mapping of the file. `given`: its keys, read; the node is where it stands."""

    node: Node
    given: Mapping[str, Any]

    def get(self, key: str, kept: Any) -> Any:
        """What the file says, else what is kept."""
        return self.given.get(key, kept)

    def has(self, key: str) -> bool:
        return key in self.given

    def at(self, key: str) -> Node:
        """Where a key stands, or the entry where it is left out."""
        return self.node.at((key,))

    @property
    def id(self) -> int | None:
        found: int | None = self.given.get("id")
        return found

    @property
    def name(self) -> str:
        return str(self.given["name"])


@dataclass(frozen=True)
class Source:
    """Where a value is read from when the file is applied: the environment, or a file."""

    node: Node
    env: str = ""
    file: str = ""


# Readers ------------------------------------------------------------------------------------------------


def text(node: Node) -> str:
    """Words as they were typed, also where they look like a number. Nothing at all is empty."""
    if isinstance(node.value, dict | list):
        raise node.problem("Write a text here.")
    return "" if node.value is None else node.raw.strip(" ")


def as_typed(node: Node) -> str:
    """A text with its white space."""
    text(node)
    return "" if node.value is None else node.raw


def flag(node: Node) -> bool:
    if not isinstance(node.value, bool):
        raise node.problem("Write true or false.")
    return node.value


def one_of(words: Sequence[str]) -> Reader:
    def read_word(node: Node) -> str:
        if text(node) not in words:
            raise node.problem(f"Write {' or '.join(words)}.")
        return text(node)

    return read_word


def number(node: Node) -> int:
    if not isinstance(node.value, int) or isinstance(node.value, bool) or not 0 < node.value < 2**63:
        raise node.problem("Write a whole number, such as 12.")
    return node.value


def percent(node: Node) -> Decimal:
    if re.fullmatch(r"-?\d{1,9}(\.\d{0,9})?", node.raw, re.ASCII) is None:
        raise node.problem("Write a percentage, such as 45 or 12.50.")
    return Decimal(node.raw)


def reference(node: Node) -> Node:
    """The name of something else, to be looked up later."""
    if not text(node):
        raise node.problem("Write a name here.")
    return node


def optional_reference(node: Node) -> Node | None:
    return None if node.value is None else reference(node)


def source_or_text(node: Node) -> Source | str:
    """A text, `{env: NAME}` or `{file: PATH}`."""
    return source(node) if isinstance(node.value, dict) else text(node)


def source(node: Node) -> Source:
    """`{env: NAME}` or `{file: PATH}`; the message never shows what stands there instead, for it may be a secret."""
    value = node.value
    if not isinstance(value, dict) or len(value) != 1 or not set(value) <= {"env", "file"}:
        raise node.problem("Write {env: NAME} or {file: PATH} here; a secret never stands in a file.")
    (key,) = value
    if not (found := text(value[key])):
        raise value[key].problem("Write a name here.")
    return Source(node, **{key: found})


def whole(node: Node) -> Node:
    """A part whose shape others know: rules."""
    return node


def mapping(node: Node) -> dict[str, Node]:
    """Keys that a kind knows."""
    if not isinstance(node.value, dict):
        raise node.problem("Write keys and values here.")
    return node.value


def list_of(read: Reader) -> Callable[[Node], tuple[Any, ...]]:
    def read_list(node: Node) -> tuple[Any, ...]:
        if not isinstance(node.value, list):
            raise node.problem("Write a list here: a line that begins with - for each.")
        return tuple(read(item) for item in node.value)

    return read_list


def entry(keys: Mapping[str, Reader], needs: Sequence[str] = ("name",)) -> Callable[[Node], Entry]:
    def read_entry(node: Node) -> Entry:
        if not isinstance(node.value, dict):
            raise node.problem(f"Write keys here, such as {needs[0]}.")
        for key, inner in node.value.items():
            if key not in keys:
                raise inner.problem(f"This key is unknown. There are {', '.join(keys)}.")
        for key in needs:
            if not node.value.get(key, node).raw.strip():
                raise node.at((key,)).problem(f"The key {key} is missing. Add it.")
        return Entry(node, {key: keys[key](inner) for key, inner in node.value.items()})

    return read_entry


# The table ----------------------------------------------------------------------------------------------

ORDERS: Final[Mapping[str, Reader]] = {"table": text, "amount": text, "ordered_at": text}


def orders(node: Node) -> Entry | None:
    return None if node.value is None else entry(ORDERS, tuple(ORDERS))(node)


COLUMN: Final[Mapping[str, Reader]] = {
    "column": text,
    "label": text,
    "description": text,
    "personal": flag,
    "hidden": flag,
}
CUSTOMER_DATABASE: Final[Mapping[str, Reader]] = {
    "id": number,
    "name": text,
    "url": source_or_text,
    "customer_key": text,
    "profile_table": text,
    "contact_table": text,
    "orders": orders,
    "default_country": text,
    "suppression": optional_reference,
    "columns": list_of(entry(COLUMN, ("column",))),
}
CREDENTIAL: Final[Mapping[str, Reader]] = {
    "id": number,
    "name": text,
    "kind": text,
    "description": text,
    "fields": mapping,
}
DEFAULT_ATTRIBUTE: Final[Mapping[str, Reader]] = {"customer_database": reference, "identifier": text}
DESTINATION: Final[Mapping[str, Reader]] = {
    "id": number,
    "name": text,
    "kind": text,
    "description": text,
    "credential": reference,
    "host_key": text,
    "operators_only": flag,
    "open_without_personal_data": flag,
    "disabled": flag,
    "settings": mapping,
    "default_attributes": list_of(entry(DEFAULT_ATTRIBUTE, ("customer_database", "identifier"))),
}
SEGMENT: Final[Mapping[str, Reader]] = {
    "id": number,
    "name": text,
    "description": text,
    "customer_database": reference,
    "time_zone": text,
    "disabled": flag,
    "rules": whole,
    "sql": as_typed,
}
TREATMENT_GROUP: Final[Mapping[str, Reader]] = {
    "id": number,
    "was": text,
    "name": text,
    "percent": percent,
    "is_control": flag,
    "destinations": list_of(reference),
}
SUB_AUDIENCE: Final[Mapping[str, Reader]] = {
    "id": number,
    "was": text,
    "name": text,
    "on_change": one_of(CHOICES),
    "rules": whole,
    "segments": list_of(reference),
    "treatment_groups": list_of(entry(TREATMENT_GROUP)),
}
ATTRIBUTE: Final[Mapping[str, Reader]] = {"destination": reference, "identifier": text}
SCHEDULE: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(("asap", "at", "daily", "weekly", "monthly", "time", "until", "times"), Node.data),
    "time_zone": text,
}


BRAKES: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(("smallest", "largest", "change", "data_age"), number),
    "data_by": text,
}


CAMPAIGN: Final[Mapping[str, Reader]] = {
    "id": number,
    "name": text,
    "customer_database": reference,
    "include": list_of(reference),
    "exclude": list_of(reference),
    "assign_to_first_match_only": flag,
    "same_groups": flag,
    "sub_audiences": list_of(entry(SUB_AUDIENCE)),
    "attributes": list_of(entry(ATTRIBUTE, ("destination", "identifier"))),
    "schedule": entry(SCHEDULE, ()),
    "launch_date": text,
    "grace": number,
    "brakes": entry(BRAKES, ()),
    "archived": flag,
    "warn_past_change": number,
    "folder": text,
    "labels": list_of(text),
    "scheduled": flag,
}
SECTIONS: Final[Mapping[str, Reader]] = {
    "customer_databases": list_of(entry(CUSTOMER_DATABASE)),
    "credentials": list_of(entry(CREDENTIAL)),
    "destinations": list_of(entry(DESTINATION)),
    "segments": list_of(entry(SEGMENT)),
    "campaigns": list_of(entry(CAMPAIGN)),
}


def parse(top: Node) -> dict[str, tuple[Entry, ...]]:
    """The sections of a file, each with its entries. FileProblem where a key is unknown or cannot be read."""
    read = entry(SECTIONS, ())(top)
    for section in read.given.values():
        _check_once(section)
    return dict(read.given)


def _check_once(entries: Sequence[Entry]) -> None:
    """Two entries of one name, or one id, would overwrite each other."""
    for key in ("name", "id"):
        seen = set()
        for one in entries:
            value = one.given.get(key)
            if value is not None and value in seen:
                raise one.at(key).problem(f"Two entries have the {key} {value}. Remove one.")
            seen.add(value)
