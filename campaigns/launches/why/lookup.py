"""Everything a launch knows of the people whom a text names: a customer key, an e-mail address or a phone number.

By what the launch wrote when it was built (why/kept.py, its history, its recipients), whatever the customer database
holds today. DuckDB reads each file at most a few times; only the few people found come into Python.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from campaigns.customers.normalise import normalise_value, normalised_sql, teach
from campaigns.launches.audience import AUDIENCE, ValueColumn, value_columns
from campaigns.launches.frozen import Frozen, FrozenDestination
from campaigns.launches.models import Launch
from campaigns.launches.recipients import PRECEDENCE
from campaigns.launches.storage import ArtefactGone, fetch, people_path, recipients_path
from campaigns.launches.workshop import scan
from config.own_duckdb import open_duckdb

# Where one value belongs to thousands, these stand for them.
MOST_PEOPLE = 20
MOST_ROWS = 500


class NotNow(Exception):
    """It is all there, but this machine has not the memory to look at it."""


class NotKept(Exception):
    """The launch no longer has, or never kept, what would answer."""


@dataclass(frozen=True)
class Value:
    """One value of a customer at one destination, and what became of it."""

    value: str | None
    outcome: str
    rank: int = 0  # how many rows of the same list were cut before it
    holder: str = ""  # the customer whose it is instead: the key
    holders: int = 0  # of how many such customers `holder` is the first


@dataclass
class Membership:
    """A customer in one sub-audience."""

    sub_audience_id: int
    group_id: int
    since_launch: int
    values: dict[int, list[Value]] = field(default_factory=dict)  # {destination id: …}

    def outcome(self, destination_id: int) -> str:
        """The one outcome of the customer there: the first of the precedence."""
        return min((one.outcome for one in self.values[destination_id]), key=PRECEDENCE.index)


@dataclass
class Person:
    """A customer who was considered."""

    key: str
    excluded_by: int | None  # the exclude segment
    memberships: list[Membership] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    people: tuple[Person, ...]
    total: int  # how many were found; `people` are the first of them


def look_up(launch: Launch, text: str, destinations: Collection[int]) -> Answer:
    """The people of a built launch whom `text` names. Of destinations only these ids are read.

    Raises NotKept or NotNow.
    """
    frozen = Frozen.from_json(launch.frozen)
    sent_to = [one for one in frozen.destinations if one.segment_names and one.id in destinations]
    with _opened(launch, frozen, sent_to) as files:
        return files.answer(text)


@contextmanager
def _opened(launch: Launch, frozen: Frozen, sent_to: Sequence[FrozenDestination]) -> Iterator[_Files]:
    import duckdb

    if AUDIENCE not in launch.people_sha256:
        raise NotKept
    try:
        with ExitStack() as stack, open_duckdb() as connection:
            people = {
                name: stack.enter_context(fetch(people_path(launch, name), digest))
                for name, digest in launch.people_sha256.items()
            }
            recipients = {
                one.id: stack.enter_context(
                    fetch(recipients_path(launch, one.id), launch.recipients_sha256.get(str(one.id), ""))
                )
                for one in sent_to
            }
            history = stack.enter_context(fetch(launch.history_path, launch.history_sha256))
            teach(connection, frozen.default_country)
            cut_up = {
                file.destination_id
                for file in launch.files.all()
                if any(section["parts"] > 1 for section in file.sections)
            }
            yield _Files(connection, frozen, launch.pk, sent_to, people, recipients, history, cut_up)
    except duckdb.OutOfMemoryException:
        raise NotNow from None
    except (ArtefactGone, duckdb.Error) as error:
        # DuckDB's words may quote what was asked for.
        raise NotKept from (error if isinstance(error, ArtefactGone) else None)


@dataclass(frozen=True)
class _Files:
    connection: Any
    frozen: Frozen
    launch_id: int
    sent_to: Sequence[FrozenDestination]
    people: dict[str, Path]
    recipients: dict[int, Path]
    history: Path
    cut_up: Collection[int]  # destinations where a list is cut into parts

    def answer(self, text: str) -> Answer:
        keys, total = self._named(text)
        if not keys:
            return Answer((), 0)
        found = {key: Person(key, excluded) for key, excluded in self._considered(keys)}
        members = self._memberships(found)
        for destination in self.sent_to:
            self._add_values(destination, found, members)
        return Answer(tuple(found.values()), total)

    def _rows(self, sql: str, **named: Any) -> list[tuple[Any, ...]]:
        used = {name: value for name, value in named.items() if f"${name}" in sql}
        rows: list[tuple[Any, ...]] = self.connection.execute(sql, used).fetchall()
        return rows

    # Who is meant ------------------------------------------------------------------------------------------

    def _named(self, text: str) -> tuple[list[str], int]:
        """The keys of the first people, and how many there are."""
        country = self.frozen.default_country
        wanted = {
            "text": text,
            "email": normalise_value(text, "email", country),
            "phone": normalise_value(text, "phone", country),
        }
        parts = [f"SELECT key FROM {self._audience} WHERE key = $text"]
        for column in self._columns:
            parts.append(self._by_value(column))
            if wanted[column.identifier] is not None and column.file not in self.people:
                parts.append(self._by_raw_value(column))
        rows = self._rows(
            f"SELECT key, count(*) OVER () FROM ({' UNION '.join(parts)}) ORDER BY key LIMIT {MOST_PEOPLE}",
            **wanted,
        )
        return [key for key, _ in rows], rows[0][1] if rows else 0

    @property
    def _audience(self) -> str:
        return scan(self.people[AUDIENCE])

    @property
    def _columns(self) -> list[ValueColumn]:
        """Those that feed a destination which may be looked at."""
        fed = {(one.column, one.identifier) for one in self.sent_to}
        return [one for one in value_columns(self.frozen) if (one.column, one.identifier) in fed]

    def _by_value(self, column: ValueColumn) -> str:
        """Whose value it is, by its normalised form or as it stands there where that is invalid."""
        relation, value = self._audience, column.value
        if column.file in self.people:
            relation, value = scan(self.people[column.file]), "value"
        return f"SELECT key FROM {relation} WHERE {value} IN (${column.identifier}::VARCHAR, $text)"

    def _by_raw_value(self, column: ValueColumn) -> str:
        """Who is in no sub-audience has the value as it stood: a quick look first, the rules for what is left."""
        normal = normalised_sql("raw", column.identifier, self.frozen.default_country)
        return (
            f"(WITH near AS MATERIALIZED (SELECT key, {column.value} AS raw FROM {self._audience}"
            f" WHERE place IS NULL AND {_near_sql(column)})"
            f" SELECT key FROM near WHERE {normal} = ${column.identifier})"
        )

    # What became of them -----------------------------------------------------------------------------------

    def _considered(self, keys: list[str]) -> list[tuple[str, int | None]]:
        """(key, the segment that excludes): one row each."""
        excluded = "any_value(excluded)" if self.frozen.exclude else "0"
        rows = self._rows(
            f"SELECT key, {excluded} FROM {self._audience} WHERE key IN (SELECT unnest($keys)) GROUP BY key"
            " ORDER BY key",
            keys=keys,
        )
        return [(key, self.frozen.exclude[number - 1] if number else None) for key, number in rows]

    def _memberships(self, people: dict[str, Person]) -> dict[tuple[str, int], Membership]:
        found = {}
        for key, sub_audience, group, since in self._rows(
            f"SELECT customer_key, sub_audience_id, group_id, launch_id FROM {scan(self.history)}"
            f" WHERE seen = {self.launch_id} AND customer_key IN (SELECT unnest($keys))",
            keys=list(people),
        ):
            found[key, sub_audience] = Membership(sub_audience, group, since)
        places = [one.id for one in self.frozen.sub_audiences]
        for key, sub_audience in sorted(found, key=lambda place: places.index(place[1])):
            people[key].memberships.append(found[key, sub_audience])
        return found

    def _add_values(
        self,
        destination: FrozenDestination,
        people: dict[str, Person],
        members: dict[tuple[str, int], Membership],
    ) -> None:
        rows = self._rows(self._own_sql(destination), keys=list(people))
        holders = self._holders(destination, [row for row in rows if row[3] in _HELD_BY_ANOTHER])
        for key, sub_audience, value, outcome, rank in rows:
            holder, count = holders.get((outcome, value, self._scope(sub_audience)), ("", 0))
            one = Value(value, outcome, rank, holder, count)
            members[key, sub_audience].values.setdefault(destination.id, []).append(one)

    def _own_sql(self, destination: FrozenDestination) -> str:
        """(key, sub-audience, value, outcome, rank) of the people; ranks only where a list is cut into parts."""
        sent = scan(self.recipients[destination.id])
        columns = "own.customer_key, own.sub_audience_id, own.value, own.outcome"
        own = f"(SELECT * FROM {sent} WHERE customer_key IN (SELECT unnest($keys)) LIMIT {MOST_ROWS})"
        if destination.id not in self.cut_up:
            return f"SELECT {columns}, 0 FROM {own} AS own ORDER BY ALL"
        return (
            f"SELECT {columns}, count(other.cut) FROM {own} AS own LEFT JOIN {sent} AS other"
            " ON other.group_id = own.group_id AND other.outcome = 'sent' AND own.outcome = 'sent'"
            " AND other.cut < own.cut GROUP BY ALL ORDER BY ALL"
        )

    # Whose a value is instead ------------------------------------------------------------------------------

    def _scope(self, sub_audience: int) -> int:
        """Within what one value is sent once."""
        return 0 if self.frozen.first_match_only else sub_audience

    def _holders(
        self, destination: FrozenDestination, lost: list[tuple[Any, ...]]
    ) -> dict[tuple[str, str, int], tuple[str, int]]:
        """{(outcome, value, scope): (the first other customer, how many)}"""
        found = {}
        for outcome, relation in _HELD_BY_ANOTHER.items():
            values = [row[2] for row in lost if row[3] == outcome]
            if not values:
                continue
            scope = "0" if self.frozen.first_match_only else "sub_audience_id"
            for value, place, key, count in self._rows(
                f"SELECT value, {scope} AS scope, min(key), count(DISTINCT key)"
                f" FROM {relation(self, destination)} WHERE value IN (SELECT unnest($values)) GROUP BY ALL",
                values=values,
            ):
                found[outcome, value, place] = (key, count)
        return found

    def sent_instead(self, destination: FrozenDestination) -> str:
        """A relation of value, sub_audience_id and key."""
        path = self.recipients[destination.id]
        return (
            f"(SELECT value, sub_audience_id, customer_key AS key FROM {scan(path)} WHERE outcome = 'sent')"
        )

    def in_control(self, destination: FrozenDestination) -> str:
        """As above."""
        wanted = (destination.column, destination.identifier)
        column = next(one for one in value_columns(self.frozen) if (one.column, one.identifier) == wanted)
        if column.file in self.people:
            values = f"SELECT key, value, cut FROM {scan(self.people[column.file])}"
        else:
            values = f"SELECT key, {column.value} AS value, {column.cut} AS cut FROM {self._audience}"
        return (
            f"(SELECT held.value, past.sub_audience_id, held.key FROM ({values}) AS held JOIN"
            f" {scan(self.history)} AS past ON past.customer_key = held.key"
            f" WHERE past.seen = {self.launch_id} AND past.is_control AND held.cut IS NOT NULL)"
        )


_HELD_BY_ANOTHER = {"duplicate": _Files.sent_instead, "shared_with_control": _Files.in_control}


def _near_sql(column: ValueColumn) -> str:
    """Whether a value may come to the wanted one; the rules of normalising take longer."""
    value = column.value
    other_letters = f"strlen({value}) <> length({value})"
    if column.identifier == "email":
        return f"(lower({value}) = $email OR {other_letters})"
    digits = f"regexp_replace({value}, '[^0-9]', '', 'g')"
    return f"(right({digits}, 4) = right($phone, 4) OR {other_letters})"
