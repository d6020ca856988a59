"""What the columns of an uploaded file seem to hold: told by a sample of it, held against the customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from campaigns.customers.catalogue import stored
from campaigns.customers.connection import CustomerDatabaseError, open_database
from campaigns.customers.contacts import column_values, contact_columns
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.normalise import normalise_value, phone_spellings, trimmed
from campaigns.segments.rules import RuleError
from campaigns.segments.uploaded.matching import Choice, everybody_of, identifier_of
from campaigns.segments.uploaded.models import MatchedBy
from campaigns.segments.uploaded.reading import Found, first_rows

if TYPE_CHECKING:
    from campaigns.customers.connection import Connection

SAMPLED_ROWS = 200
MOST_COLUMNS = 20  # of those beyond a person may choose, but none is proposed


@dataclass(frozen=True)
class Holds:
    """What a column may hold: how many values of the sample there are, look like that, and are a customer's."""

    column: int
    matched_by: MatchedBy
    values: int
    valid: int
    matched: int

    @property
    def is_likely(self) -> bool:
        """Half of it looks so, or is some customer's; anything looks like a key."""
        return self.matched > 0 or (self.matched_by != MatchedBy.KEY and self.valid * 2 >= self.values > 0)


@dataclass(frozen=True)
class Proposal:
    """`problem`: why the sample was not held against the customers."""

    holds: tuple[Holds, ...]
    header: bool
    problem: str = ""

    def of_column(self, column: int) -> MatchedBy:
        """What the column holds, most likely."""
        return self._likeliest([one for one in self.holds if one.column == column])

    def choice(self) -> Choice:
        best = max(self.holds, key=_rank)
        return Choice(best.column, best.matched_by, self.header)

    def told(self, choice: Choice) -> Holds | None:
        """What the sample says of a choice."""
        same = (
            one for one in self.holds if (one.column, one.matched_by) == (choice.column, choice.matched_by)
        )
        return next(same, None)

    def _likeliest(self, holds: Sequence[Holds]) -> MatchedBy:
        return max(holds, key=_rank).matched_by if holds else MatchedBy.KEY

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Proposal:
        holds = (Holds(**{**one, "matched_by": MatchedBy(one["matched_by"])}) for one in data["holds"])
        return cls(tuple(holds), data["header"], data["problem"])


def _rank(holds: Holds) -> tuple[float, float, bool, int]:
    """The more of it customers have the better, then the more of it looks right; else a key, and the first column."""
    whole = max(holds.values, 1)
    return (
        holds.matched / whole,
        holds.valid / whole if holds.is_likely else 0.0,
        holds.matched_by == MatchedBy.KEY,
        -holds.column,
    )


def propose(database: CustomerDatabase, lines: Path, found: Found) -> Proposal:
    """What each column may hold. A customer database that does not answer is told, not raised."""
    rows = first_rows(lines, found, header=found.has_header, count=SAMPLED_ROWS)
    forms = {
        (column, matched_by): _forms([row[column] for row in rows], matched_by, database.default_country)
        for column in range(min(len(found.first), MOST_COLUMNS))
        for matched_by in MatchedBy
    }
    sizes = {column: sum(bool(trimmed(row[column])) for row in rows) for column, _ in forms}
    # Only what looks so is looked up: each kind is a pass over all customers.
    likely = {place for place, valid in forms.items() if len(valid) * 2 >= sizes[place[0]]}
    problem, known = "", dict.fromkeys(MatchedBy, frozenset[str]())
    try:
        known = _known(database, {place: forms[place] for place in likely})
    except (CustomerDatabaseError, RuleError) as error:
        problem = error.message
    holds = [
        Holds(column, by, sizes[column], len(valid), sum(one in known[by] for one in valid))
        for (column, by), valid in forms.items()
    ]
    return Proposal(tuple(holds), found.has_header, problem)


def _forms(values: Sequence[str], matched_by: MatchedBy, country: str) -> list[str]:
    """What is compared of the values that are valid."""
    if matched_by == MatchedBy.KEY:
        return [trimmed(value) for value in values if trimmed(value)]
    forms = (normalise_value(value, identifier_of(matched_by), country) for value in values if trimmed(value))
    return [form for form in forms if form]


def _known(
    database: CustomerDatabase, forms: Mapping[tuple[int, MatchedBy], Sequence[str]]
) -> dict[MatchedBy, frozenset[str]]:
    """Which of the forms customers have. Raises CustomerDatabaseError."""
    wanted = {
        by: {form for place, found in forms.items() if place[1] == by for form in found} for by in MatchedBy
    }
    with open_database(database) as connection, connection.limited(settings.COUNT_SECONDS):
        return {by: _known_by(connection, database, by, wanted[by]) for by in MatchedBy}


def _known_by(
    connection: Connection, database: CustomerDatabase, matched_by: MatchedBy, forms: set[str]
) -> frozenset[str]:
    """Those that customers have, usually written: near enough for a proposal, and asked of any engine."""
    if not forms:
        return frozenset()
    if matched_by == MatchedBy.KEY:
        spelled, values = {form: form for form in forms}, everybody_of(connection, stored(database))
        values = values.select(value=values.customer_key)
    else:
        column = contact_columns(database).get(identifier_of(matched_by))
        if column is None:
            return frozenset()
        spelled = _spellings(forms, matched_by, database.default_country)
        values = column_values(connection, stored(database), column)
        values = values.select(value=values.value.lower())
    found = _among(connection, values, sorted(spelled)).distinct()
    return frozenset(spelled[row["value"]] for row in connection.rows(found))


def _among(connection: Connection, values: Any, wanted: list[str]) -> Any:
    if connection.duckdb is None:
        return values.filter(values.value.isin(wanted))
    import pyarrow

    # DuckDB would go through a long IN list for every row.
    ours = connection.keys(pyarrow.table({"customer_key": wanted}))
    return values.semi_join(ours, values.value == ours.customer_key)


def _spellings(forms: set[str], matched_by: MatchedBy, country: str) -> dict[str, str]:
    """{as it may stand there: form}."""
    if matched_by == MatchedBy.EMAIL:
        return {form: form for form in forms}
    return {spelling: form for form in forms for spelling in phone_spellings(form, country)}
