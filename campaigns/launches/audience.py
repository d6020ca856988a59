"""Who is considered, excluded and in which sub-audience: one pass over the customer database.

It writes one row per customer and sub-audience, so that later steps read that file alone: `key`, `excluded`
(position among the exclude segments from 1, or 0), `place` (position of the sub-audience, NULL for none), `first`
(the customer's first row), `mark` (the assignment's order: md5 of salt, sub-audience and key), `standing`, `kept` and
`since` (what history says, see history.py), `before` (in the previous launch), and `value_<n>`, `cut_<n>` (md5 of the
value, NULL where that is invalid) for columns that could be read in the same pass. Who is in no sub-audience has the
value as it stands there: nobody needs it normalised, but it can be asked why such a person is not in the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaigns.customers.normalise import normalised_sql, quoted, trimmed_sql
from campaigns.launches.frozen import Frozen, FrozenSubAudience
from campaigns.launches.history import History
from campaigns.launches.source import Source, segment_flag, sub_audience_flag
from campaigns.launches.workshop import WORK, Workshop, md5_sql, scan
from destinations.kind import Identifier

SEPARATOR = "\x1f"
AUDIENCE = "audience"
EVERYBODY = "true"
ROW = ("key", "excluded", "place", "first", "mark", "standing", "kept", "since", "before")


@dataclass(frozen=True)
class ValueColumn:
    """A column that feeds destinations, normalised as one identifier."""

    position: int
    column: str  # "merged_customers.email"
    identifier: Identifier

    @property
    def value(self) -> str:
        return f"value_{self.position}"

    @property
    def cut(self) -> str:
        return f"cut_{self.position}"

    @property
    def file(self) -> str:
        """What its values are written to where they could not be read in the same pass."""
        return f"values_{self.position}"


@dataclass(frozen=True)
class Audience:
    """The file and what it counts."""

    rows: int
    everybody: str  # the rows of all who were considered
    relation: str  # the rows of those in a sub-audience
    carried: frozenset[str]  # the columns whose values stand in it
    considered: int
    excluded: tuple[int, ...]  # by position of the exclude segment
    audience: int
    no_sub_audience: int
    stayed: int  # of the sub-audiences' customers, those who were in the previous launch


def value_columns(frozen: Frozen) -> tuple[ValueColumn, ...]:
    """Each source column once per identifier, in the order of the destinations that are sent to."""
    pairs = dict.fromkeys(
        (destination.column, destination.identifier)
        for destination in frozen.destinations
        if destination.segment_names
    )
    return tuple(ValueColumn(number, *pair) for number, pair in enumerate(pairs))


def read_audience(
    workshop: Workshop, source: Source, frozen: Frozen, columns: Sequence[ValueColumn], history: History
) -> Audience:
    """Read the customer database once and write `audience.parquet`."""
    flagged = source.flagged(tuple(dict.fromkeys(column.column for column in columns)))
    carried = [column for column in columns if column.column in flagged.carried]
    placed = _placed_sql(frozen, flagged.sql, [flagged.carried[column.column] for column in carried])
    known = history.join_sql(frozen, _marked_sql(frozen, placed))
    wanted = [_wanted_sql(column, flagged.carried[column.column]) for column in carried]
    normal = [_normal_sql(column, frozen.default_country) for column in carried]
    other = [_other_sql(column, flagged.carried[column.column]) for column in carried]
    values = [_value_sql(column) for column in carried]
    same = _same_for_all(frozen, history)
    written = [name for name in ROW if name not in same]
    path = workshop.save(
        f"SELECT {', '.join([*written, *values])} FROM (SELECT {', '.join(['*', *other])} FROM"
        f" (SELECT {', '.join(['*', *normal])} FROM (SELECT {', '.join(['*', *wanted])} FROM ({known}))))",
        f"{WORK}/{AUDIENCE}",
    )
    added = "".join(f", {value} AS {name}" for name, value in same.items())
    everybody = f"(SELECT *{added} FROM {scan(path)})"
    return _count(workshop, frozen, everybody, frozenset(column.column for column in carried))


def has_a_key_twice(workshop: Workshop, audience: Audience) -> bool:
    """A table that got duplicate keys since its catalogue was read would put one customer into two groups."""

    def twice(column: str) -> bool:
        rows = f"SELECT 1 FROM {audience.everybody} WHERE first GROUP BY {column} HAVING count(*) > 1 LIMIT 1"
        return bool(workshop.rows(rows))

    # Hashes are quick to tell apart; the keys themselves are asked only where two of those are equal.
    return twice("hash(key)") and twice("key")


def _same_for_all(frozen: Frozen, history: History) -> dict[str, str]:
    """The columns that need not be written, for one value is everybody's."""
    same = {} if frozen.exclude else {"excluded": "0::UTINYINT"}
    if frozen.first_match_only:
        same["first"] = "true"
    return same | history.same_for_all()


def _placed_sql(frozen: Frozen, flagged: str, extra: Sequence[str]) -> str:
    """One row per customer and sub-audience of those considered."""
    columns = "".join(f", {name}" for name in dict.fromkeys(extra))
    excluded = _first_of([segment_flag(segment) for segment in frozen.exclude], first=1) or "0"
    considered = _any(segment_flag(segment) for segment in frozen.include)
    matches = [_any_of(sub_audience) for sub_audience in frozen.sub_audiences]
    head = f"SELECT customer_key AS key, CAST({excluded} AS UTINYINT) AS excluded{columns}"
    tail = f"FROM ({flagged}) WHERE {considered}"
    if frozen.first_match_only:
        place = _first_of(matches, first=0, otherwise="NULL") or "NULL"
        rows = f"{head}, CAST({place} AS SMALLINT) AS found, true AS first {tail}"
    else:
        rows = _every_match(head, tail, matches)
    return f"SELECT * EXCLUDE (found), CASE WHEN excluded = 0 THEN found END AS place FROM ({rows})"


def _every_match(head: str, tail: str, matches: Sequence[str]) -> str:
    """*First match only* off: the rest is who is in no other sub-audience."""
    named = [(number, match) for number, match in enumerate(matches) if match != EVERYBODY]
    places = ", ".join(f"CASE WHEN {match} THEN {number} END" for number, match in named)
    rest = [number for number, match in enumerate(matches) if match == EVERYBODY]
    found = f"list_filter([{places}]::SMALLINT[], x -> x IS NOT NULL)"
    nobody = f"[{rest[0] if rest else 'NULL'}]::SMALLINT[]"
    listed = f"{head}, {found} AS places {tail}"
    spread = (
        f"CASE WHEN excluded > 0 THEN [NULL]::SMALLINT[] WHEN len(places) = 0 THEN {nobody} ELSE places END"
    )
    return (
        f"SELECT * EXCLUDE (places), unnest(places) AS found, unnest(range(len(places))) = 0 AS first"
        f" FROM (SELECT * REPLACE ({spread} AS places) FROM ({listed}))"
    )


def _any_of(sub_audience: FrozenSubAudience) -> str:
    if sub_audience.is_rest:
        return EVERYBODY
    if sub_audience.rules is not None:
        return sub_audience_flag(sub_audience.id)
    return _any(segment_flag(segment) for segment in sub_audience.segment_ids)


def _any(flags: Iterable[str]) -> str:
    return "(" + " OR ".join(flags) + ")"


def _first_of(conditions: Sequence[str], *, first: int, otherwise: str = "0") -> str:
    if not conditions:
        return ""
    cases = " ".join(f"WHEN {condition} THEN {number}" for number, condition in enumerate(conditions, first))
    return f"CASE {cases} ELSE {otherwise} END"


def _marked_sql(frozen: Frozen, placed: str) -> str:
    """Add the sub-audience's id and the key's place in the order of the assignment."""
    starts = ", ".join(
        quoted(SEPARATOR.join((frozen.salt, str(sub_audience.id), "")))
        for sub_audience in frozen.sub_audiences
    )
    return (
        f"SELECT *, {_id_of_place(frozen)} AS sub_audience_id,"
        f" {md5_sql(f'([{starts}]::VARCHAR[])[place + 1] || key')} AS mark FROM ({placed})"
    )


def _id_of_place(frozen: Frozen) -> str:
    ids = ", ".join(str(sub_audience.id) for sub_audience in frozen.sub_audiences)
    return f"([{ids}]::BIGINT[])[place + 1]"


# One SELECT for each: what stands twice in one, DuckDB computes beforehand for every row.


def _wanted_sql(column: ValueColumn, raw: str) -> str:
    """What has to be normalised; within a CASE, normalising a phone number would take several times as long."""
    return f"CASE WHEN place IS NOT NULL THEN {raw} END AS wanted_{column.position}"


def _normal_sql(column: ValueColumn, country: str) -> str:
    normal = normalised_sql(f"wanted_{column.position}", column.identifier, country)
    return f"{normal} AS normal_{column.position}"


def _other_sql(column: ValueColumn, raw: str) -> str:
    """What stands there where it is invalid, or was not normalised."""
    wanted = f"normal_{column.position} IS NULL"
    return f"CASE WHEN {wanted} THEN {trimmed_sql(raw)} END AS other_{column.position}"


def _value_sql(column: ValueColumn) -> str:
    """The normalised value, or the invalid one, and the md5 of the former."""
    normal = f"normal_{column.position}"
    return (
        f"coalesce({normal}, nullif(other_{column.position}, '')) AS {column.value},"
        f" {md5_sql(normal)} AS {column.cut}"
    )


def _count(workshop: Workshop, frozen: Frozen, relation: str, carried: frozenset[str]) -> Audience:
    rows = workshop.rows(
        f"SELECT excluded, place IS NULL, count(*), count(*) FILTER (before) FROM {relation} WHERE first"
        " GROUP BY ALL"
    )
    by_segment = {excluded: count for excluded, _, count, _ in rows if excluded}
    left = [row for row in rows if row[0] == 0]
    (members,) = workshop.row(f"SELECT count(place) FROM {relation}")
    return Audience(
        rows=members,
        everybody=relation,
        relation=f"(SELECT *, {_id_of_place(frozen)} AS sub_audience_id FROM {relation} WHERE place IS NOT NULL)",
        carried=carried,
        considered=sum(row[2] for row in rows),
        excluded=tuple(by_segment.get(number, 0) for number in range(1, len(frozen.exclude) + 1)),
        audience=sum(row[2] for row in left),
        no_sub_audience=sum(row[2] for row in left if row[1]),
        stayed=sum(row[3] for row in left if not row[1]),
    )
