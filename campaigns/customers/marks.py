"""What operators say about columns: a label, a description, whether it is personal, whether it is hidden. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_LABEL = 100
LONGEST_DESCRIPTION = 300
HIDDEN = "The attribute {attribute} is hidden. Choose another one, or ask an operator to show it."


@dataclass(frozen=True)
class Mark:
    """About one column. `personal`: None where its name decides."""

    label: str = ""
    description: str = ""
    personal: bool | None = None
    hidden: bool = False

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return self != Mark()

    @property
    def problems(self) -> dict[str, str]:
        """What is wrong with it, as {field: sentence}."""
        limits = {"label": LONGEST_LABEL, "description": LONGEST_DESCRIPTION}
        return {
            name: f"Enter a {name} of at most {most} characters on one line."
            for name, most in limits.items()
            if len(text := getattr(self, name)) > most or not text.isprintable()
        }

    def to_json(self) -> dict[str, Any]:
        """What it says and nothing else."""
        said = {"label": self.label, "description": self.description, "hidden": self.hidden}
        found = {key: value for key, value in said.items() if value}
        return found if self.personal is None else {**found, "personal": self.personal}


Marks = Mapping[str, Mark]  # by "table.column"; one stays where its column is gone, for it may come back
NOTHING = Mark()


def marks_of(data: Mapping[str, Mapping[str, Any]]) -> dict[str, Mark]:
    """Marks as they are stored."""
    return {column: Mark(**said) for column, said in data.items()}


def to_json(marks: Marks) -> dict[str, Any]:
    return {column: mark.to_json() for column, mark in sorted(marks.items()) if mark}
