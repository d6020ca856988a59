"""What a page shows of an upload: how it was read, its columns, its first rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from campaigns.segments.uploaded.matching import Choice
from campaigns.segments.uploaded.models import MatchedBy, PendingUpload
from campaigns.segments.uploaded.proposing import Holds, Proposal
from campaigns.segments.uploaded.reading import Found, first_rows
from campaigns.segments.uploaded.refused import ListRefused
from campaigns.segments.uploaded.storing import lines_of
from config.masking import mask, mask_key
from config.requests import number

SHOWN_ROWS = 5


@dataclass(frozen=True)
class Board:
    pending: PendingUpload
    choice: Choice
    sees_personal_data: bool

    @cached_property
    def found(self) -> Found:
        return Found.from_json(self.pending.found)

    @cached_property
    def proposal(self) -> Proposal:
        return Proposal.from_json(self.pending.proposal)

    @cached_property
    def titles(self) -> list[str]:
        """Of the columns; a first row that was data until somebody called it names is masked as data."""
        titles = self.found.titles(header=self.choice.header)
        if self.sees_personal_data or not self.choice.header:
            return titles
        return [mask(title, "") if self.found.has_header else self._shown(title, "") for title in titles]

    @property
    def title(self) -> str:
        """Of the chosen column."""
        return self.titles[self.choice.column]

    @property
    def row_count(self) -> int:
        return self.found.rows(header=self.choice.header)

    @property
    def holds(self) -> Holds | None:
        """What the sample says of the chosen column."""
        return self.proposal.told(self.choice)

    @property
    def kind(self) -> str:
        return self.choice.matched_by.label

    @cached_property
    def rows(self) -> list[tuple[str, ...]]:
        """The first, masked where this person may not see personal data; none where the file is gone."""
        try:
            with lines_of(self.pending) as lines:
                rows = first_rows(lines, self.found, header=self.choice.header, count=SHOWN_ROWS)
        except ListRefused:
            return []
        return [tuple(map(self._shown, row, self.titles)) for row in rows]

    def _shown(self, value: str, title: str) -> str:
        if self.sees_personal_data or not value:
            return value or "–"
        hidden = mask(value, title)
        # What an uploaded column holds is not known: nothing in it counts as harmless.
        return hidden if hidden != value else mask_key(value)


def proposed_choice(pending: PendingUpload, asked: Mapping[str, str]) -> Choice:
    """The proposal, what was matched last, or what a form asks for: another column is proposed what it holds itself."""
    proposal = Proposal.from_json(pending.proposal)
    best = Choice.from_json(pending.wanted) if pending.wanted else proposal.choice()
    column = number(asked.get("column"))
    if column is None or column >= len(pending.found["first"]):
        return best
    by = proposal.of_column(column)
    if number(asked.get("was")) == column and asked.get("matched_by") in MatchedBy.values:
        by = MatchedBy(asked["matched_by"])
    return Choice(column, by, "header" in asked)
