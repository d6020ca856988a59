"""What every section of a file can do: find what an entry means, store it, write it out again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from django.db import models

from campaigns.as_files.difference import Change
from campaigns.as_files.keys import Entry, Source
from campaigns.as_files.marks import FileProblem, Node

Stored = TypeVar("Stored", bound=models.Model)
Data = dict[str, Any]


@dataclass
class Run:
    """One file on its way in. `connects`: whether what is new or changed is asked; a dry run asks nothing."""

    connects: bool
    environment: Mapping[str, str]
    folder: Path  # where `{file: PATH}` begins
    warnings: list[FileProblem] = field(default_factory=list)
    connected: set[int] = field(default_factory=set)  # ids of the destinations that answered

    def warn(self, node: Node, message: str) -> None:
        self.warnings.append(node.problem(message))

    def read(self, value: Source | str) -> str:
        """What a source holds now. FileProblem where it is not there."""
        if isinstance(value, str):
            return value
        if value.env:
            return self._environment(value)
        path = self.folder / value.file
        try:
            return path.read_text().rstrip("\r\n")
        except (OSError, ValueError):
            raise value.node.problem(f"The file {path} cannot be read. Correct the path.") from None

    def _environment(self, value: Source) -> str:
        found = self.environment.get(value.env)
        if not found:
            raise value.node.problem(
                f"The environment variable {value.env} is not set. Set it, or take this key out to"
                " keep what is stored."
            )
        return found


class Section(ABC, Generic[Stored]):
    """One of the file's outermost keys."""

    key: ClassVar[str]  # campaigns
    word: ClassVar[str]  # campaign
    connects: ClassVar[bool] = False  # whether storing one can ask something far away

    @abstractmethod
    def all(self) -> models.QuerySet[Stored]:
        """Those that are not archived."""

    def known(self) -> models.QuerySet[Stored]:
        """Those that an entry can mean: archived ones too, where a key of the section is about that."""
        return self.all()

    def archived(self, entries: Sequence[Entry]) -> dict[int, Stored]:
        """Which archived one an entry means, by its place."""
        return {}

    @abstractmethod
    def exported(self, one: Stored) -> Data:
        """Every setting in the file's form; secrets as Secret."""

    @abstractmethod
    def store(self, entry: Entry, stored: Stored | None, run: Run, *, connect: bool) -> Stored:
        """Create it, or bring it to what the entry says. FileProblem where that cannot be.

        With `connect` what it describes has to answer.
        """

    def ordered(self, entries: Sequence[Entry], matched: Mapping[int, Stored]) -> Iterable[Entry]:
        """In which order to store; `matched`: what each entry means, by its place."""
        return entries

    def finish(self, entry: Entry, change: Change, stored: Stored, run: Run) -> None:
        """What can only be done when every section is stored."""

    def match(self, entries: Sequence[Entry], run: Run) -> dict[int, Stored]:
        """What each entry means, by its place: by id, else by name; new ones have none."""
        found = self.archived(entries)
        by_id = {one.pk: one for one in self.all()}
        found |= {place: by_id.pop(one.id) for place, one in enumerate(entries) if one.id in by_id}
        by_name = {str(one): one for one in by_id.values()}
        for place, one in enumerate(entries):
            if place in found:
                continue
            if one.id is not None:
                run.warn(one.at("id"), f"There is no {self.word} with the id {one.id}; its name is taken.")
            if one.name in by_name:
                found[place] = by_name.pop(one.name)
        return found


Named = TypeVar("Named", bound=models.Model)


def find(among: Iterable[Named], node: Node, word: str) -> Named:
    """The one that a file names. FileProblem where there is none."""
    name = node.raw.strip(" ")
    for one in among:
        if str(one) == name:
            return one
    raise node.problem(f"There is no {word} “{name}”. Correct the name, or add it to the file.")
