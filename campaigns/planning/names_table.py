"""The table of segment names: every list of a draft, by account, with what is wrong or unclear about its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from campaigns.planning.arriving import Arrival, Index
from campaigns.planning.editor import IDENTIFIERS
from campaigns.planning.plain import Path, Problem, Problems

MOST_TWINS = 2  # that a row names


@dataclass(frozen=True)
class Note:
    """An error or a warning with, perhaps, a button that mends it."""

    problem: Problem
    is_error: bool
    action: str = ""
    label: str = ""


@dataclass(frozen=True)
class NameRow:
    """A list, and what is to be read of its name; `twins`: the groups whose lists have the same name there."""

    arrival: Arrival
    notes: Sequence[Note]
    twins: Sequence[str]

    @property
    def twins_in_words(self) -> str:
        named = ", ".join(self.twins[:MOST_TWINS])
        more = len(self.twins) - MOST_TWINS
        return f"{named} and {more} more have" if more > 0 else f"{named} {'has' if more == -1 else 'have'}"

    @property
    def state(self) -> str:
        if self.twins or any(note.is_error for note in self.notes):
            return "refused"
        return "warned" if self.notes else "fine"

    @property
    def fix(self) -> Note | None:
        """What a button mends first; the errors come before the warnings."""
        return next((note for note in self.notes if note.action), None)


@dataclass(frozen=True)
class Account:
    """What ends in the same place, where equal names are one list."""

    destinations: Sequence[str]
    rows: Sequence[NameRow] = field(default_factory=list)

    @property
    def is_numbered(self) -> bool:
        """Whether large lists may take `_2`, `_3` … beside their names."""
        return any(row.arrival.numbered for row in self.rows)


@dataclass(frozen=True)
class NamesTable:
    accounts: Sequence[Account]

    @property
    def lists(self) -> int:
        return sum(len(account.rows) for account in self.accounts)

    @property
    def refused(self) -> int:
        return self._count("refused")

    @property
    def warned(self) -> int:
        return self._count("warned")

    @property
    def is_long(self) -> bool:
        return self.lists > 12

    def _count(self, state: str) -> int:
        return sum(row.state == state for account in self.accounts for row in account.rows)


def names_table(lists: Sequence[Arrival], problems: Problems) -> NamesTable:
    """Accounts by the name of their first destination, lists in the order of the draft."""
    index = Index(lists)
    by_account: dict[str, list[NameRow]] = {}
    for one in lists:
        by_account.setdefault(one.account, []).append(_row(one, index, lists, problems))
    accounts = [
        Account(sorted({str(row.arrival.destination) for row in rows}), rows) for rows in by_account.values()
    ]
    return NamesTable(sorted(accounts, key=lambda account: tuple(account.destinations)))


def _row(one: Arrival, index: Index, lists: Sequence[Arrival], problems: Problems) -> NameRow:
    notes = [note(problem, True, lists) for problem in problems.errors if _is_of(problem, one)]
    notes += [note(problem, False, lists) for problem in problems.warnings if _is_of(problem, one)]
    twins = [_called(other) for other in index.replaced(one) if other is not one]
    return NameRow(one, notes, list(dict.fromkeys(twins)))


def _called(one: Arrival) -> str:
    return f"“{one.group}” in {one.where}"


def _is_of(problem: Problem, one: Arrival) -> bool:
    """Of the list's name, here or everywhere; what another account makes of it is told there."""
    at: Sequence[Path] = ((*one.path, "name"), (*one.path, "destinations") if problem.account else ())
    return problem.path in at and problem.account in ("", one.account)


def note(problem: Problem, is_error: bool, lists: Iterable[Arrival]) -> Note:
    """With the button that takes its proposal: `use:0:1:Name`, or `split:0:1:7:9`."""
    place = f"{problem.path[1]}:{problem.path[3]}" if len(problem.path) > 3 else ""
    if problem.second:
        to = [one.destination for one in lists if one.path == problem.path[:4]]
        by = [",".join(str(one.pk) for one in to if one.identifier == word) for word in IDENTIFIERS]
        label = f"Make two groups: “{problem.proposal}” and “{problem.second}”"
        return Note(problem, is_error, f"split:{place}:{by[0]}:{by[1]}", label)
    if problem.proposal:
        return Note(problem, is_error, f"use:{place}:{problem.proposal}", f"Use “{problem.proposal}”")
    return Note(problem, is_error)
