"""What a file changes, as lines that people read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.as_files.secret import Secret

LONGEST = 80


@dataclass(frozen=True)
class Change:
    """One object before and after, in the file's form; `before` is None where it is new."""

    word: str  # campaign
    name: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]

    @property
    def is_new(self) -> bool:
        return self.before is None

    def __bool__(self) -> bool:
        """Whether anything is to be stored."""
        return self.is_new or bool(self.lines)

    @property
    def lines(self) -> list[str]:
        """One line for each key that differs; ids are told apart from what people decide."""
        old, new = dict(_flat(self.before or {})), dict(_flat(self.after))
        keys = [key for key in dict.fromkeys([*old, *new]) if key.rpartition(".")[2] != "id"]
        return [_line(key, old, new) for key in keys if _differs(old.get(key), new.get(key))]


def in_words(changes: list[Change]) -> list[str]:
    """`+` for what is new, `~` for what changed, and how many stay as they are."""
    found: list[str] = []
    for change in changes:
        if change:
            found.append(f"{'+' if change.is_new else '~'} {change.word} “{change.name}”")
            found += [f"    {line}" for line in change.lines]
    same = sum(not change for change in changes)
    return [*found, f"= {same} unchanged"] if same else found


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _flat(inner, f"{key}[{number}]")
    elif value is not None and value != "":
        yield key, value


def _differs(one: Any, other: Any) -> bool:
    return type(one) is not type(other) or one != other


def _line(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    if isinstance(old.get(key), Secret) and isinstance(new.get(key), Secret):
        return f"{key}: another secret"
    if key not in old:
        return f"{key}: {_short(new[key])}"
    return f"{key}: {_short(old[key])} → {_short(new[key]) if key in new else '(nothing)'}"


def _short(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
