"""What becomes of every customer at every destination: sent, shared with control, duplicate, invalid or missing.

A value that several customers hold is sent once, and never where a customer in a control group holds it. Nearly all
values occur once, so they are grouped by their md5, and only where one occurs twice is the text looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from campaigns.customers.normalise import normalised_sql, trimmed_sql
from campaigns.launches.assignment import Assignment
from campaigns.launches.audience import Audience, ValueColumn
from campaigns.launches.built import Outcomes
from campaigns.launches.frozen import Frozen, FrozenDestination
from campaigns.launches.source import Source
from campaigns.launches.workshop import WORK, Workshop, md5_sql, scan

# A customer with several values has the first of these that one of them has.
PRECEDENCE = ("sent", "shared_with_control", "duplicate", "invalid", "missing")


@dataclass(frozen=True)
class SentRows:
    """Of one treatment group at one destination."""

    rows: int
    outcomes: Outcomes

    @property
    def expansion(self) -> int:
        return self.rows - self.outcomes.sent


@dataclass(frozen=True)
class ValueRows:
    """The audience's rows with `value` and `cut`, one per customer, sub-audience and value."""

    sql: str
    many: bool  # a customer may have several


@dataclass(frozen=True)
class Recipients:
    path: Path
    groups: dict[int, SentRows]


def read_values(
    workshop: Workshop,
    source: Source,
    frozen: Frozen,
    columns: Sequence[ValueColumn],
    audience: Audience,
    assignment: Assignment,
) -> dict[int, ValueRows]:
    """{position of the column: its rows}; reads the columns that could not come along with the audience."""
    found = {}
    for column in columns:
        if column.column in audience.carried:
            sql = f"(SELECT *, {column.value} AS value, {column.cut} AS cut FROM {assignment.relation})"
            found[column.position] = ValueRows(sql, many=False)
        else:
            found[column.position] = _read_column(workshop, source, frozen, column, audience, assignment)
    return found


def _read_column(
    workshop: Workshop,
    source: Source,
    frozen: Frozen,
    column: ValueColumn,
    audience: Audience,
    assignment: Assignment,
) -> ValueRows:
    values = source.values(column.column)
    normal = normalised_sql("value", column.identifier, frozen.default_country)
    path = workshop.save(
        f"SELECT {'DISTINCT' if values.many else ''} key, coalesce(normal, raw) AS value,"
        f" {md5_sql('normal')} AS cut FROM (SELECT customer_key AS key, {normal} AS normal,"
        f" nullif({trimmed_sql('value')}, '') AS raw FROM ({values.sql})"
        f" WHERE value IS NOT NULL AND customer_key IN (SELECT key FROM {audience.everybody}))"
        " WHERE raw IS NOT NULL",
        f"{WORK}/{column.file}",
    )
    sql = (
        "(SELECT member.*, found.value, found.cut"
        f" FROM {assignment.relation} AS member LEFT JOIN {scan(path)} AS found USING (key))"
    )
    return ValueRows(sql, values.many)


def write_recipients(
    workshop: Workshop, frozen: Frozen, destination: FrozenDestination, values: ValueRows, name: str
) -> Recipients:
    """Write `<name>.parquet`: who is sent there or why not, one row per customer and value."""
    sent_to = _listed(destination.segment_names)
    lost = _lost_sql(workshop, frozen, destination, values)
    path = workshop.save(
        "SELECT row.key AS customer_key, row.sub_audience_id, row.group_id, row.value, row.cut,"
        " CASE WHEN row.value IS NULL THEN 'missing' WHEN row.cut IS NULL THEN 'invalid'"
        f" ELSE coalesce(lost.outcome, 'sent') END AS outcome FROM {values.sql} AS row LEFT JOIN {lost} AS lost"
        f" ON lost.key = row.key AND lost.place = row.place{' AND lost.value = row.value' if values.many else ''}"
        f" WHERE row.group_id IN ({sent_to})",
        name,
    )
    return Recipients(path, _count(workshop, path, destination, values))


def _lost_sql(workshop: Workshop, frozen: Frozen, destination: FrozenDestination, values: ValueRows) -> str:
    """Values that are valid and yet not sent: key, place, value, outcome."""
    sent_to = _listed(destination.segment_names)
    scope = "value" if frozen.first_match_only else "value, place"
    hashed = "cut" if frozen.first_match_only else "hash(cut, place)"
    wanted = "cut IS NOT NULL"
    if any(group not in destination.segment_names for group in _treated(frozen)):
        wanted += f" AND (is_control OR group_id IN ({sent_to}))"
    rows = f"(SELECT *, {hashed} AS hashed FROM {values.sql} WHERE {wanted})"
    twice = workshop.save(f"SELECT hashed FROM {rows} GROUP BY hashed HAVING count(*) > 1", f"{WORK}/twice")
    lost = workshop.save(
        "SELECT key, place, value, CASE WHEN bool_or(is_control) OVER held THEN 'shared_with_control'"
        " WHEN row_number() OVER (held ORDER BY since NULLS LAST, mark, key) > 1 THEN 'duplicate' END AS outcome,"
        f" is_control FROM {rows} WHERE hashed IN (SELECT hashed FROM {scan(twice)})"
        f" WINDOW held AS (PARTITION BY {scope}) QUALIFY outcome IS NOT NULL AND NOT is_control",
        f"{WORK}/lost",
    )
    return scan(lost)


def _treated(frozen: Frozen) -> Iterator[int]:
    return (
        group.id
        for sub_audience in frozen.sub_audiences
        for group in sub_audience.groups
        if not group.is_control
    )


def _listed(groups: Iterable[int]) -> str:
    return ", ".join(str(group) for group in groups)


def _count(
    workshop: Workshop, path: Path, destination: FrozenDestination, values: ValueRows
) -> dict[int, SentRows]:
    rows: defaultdict[int, int] = defaultdict(int)
    customers: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for group, outcome, count in workshop.rows(
        f"SELECT group_id, outcome, count(*) FROM {scan(path)} GROUP BY ALL"
    ):
        customers[group][outcome] = count
        rows[group] += count if outcome == "sent" else 0
    if values.many:
        customers = _customers(workshop, path)
    return {group: SentRows(rows[group], Outcomes(**customers[group])) for group in destination.segment_names}


def _customers(workshop: Workshop, path: Path) -> defaultdict[int, dict[str, int]]:
    """Each customer counted once, at the first outcome of the precedence."""
    order = ", ".join(f"'{outcome}'" for outcome in PRECEDENCE)
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for group, best, count in workshop.rows(
        "SELECT group_id, best, count(*) FROM (SELECT group_id,"
        f" min(list_position([{order}], outcome)) AS best FROM {scan(path)} GROUP BY group_id, customer_key)"
        " GROUP BY ALL"
    ):
        found[group][PRECEDENCE[best - 1]] = count
    return found


def first_records(workshop: Workshop, recipients: Path, size: int, name: str) -> Path:
    """For a test: the first rows of each group in the order of its file, and nobody else."""
    return workshop.save(
        f"FROM {scan(recipients)} WHERE outcome = 'sent'"
        f" QUALIFY row_number() OVER (PARTITION BY group_id ORDER BY value) <= {size}",
        name,
    )
