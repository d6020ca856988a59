"""Lists for people to open: who was sent, who was not and why, who is in which group. DuckDB makes the lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from campaigns.customers.normalise import quoted
from campaigns.launches.frozen import Frozen
from campaigns.launches.workshop import Workshop, scan
from config.csv_cells import cell_sql
from config.masking_sql import mask_contact_sql, mask_email_sql, mask_key_sql
from config.own_duckdb import column_bytes, open_duckdb
from config.scratch import scratch_folder

BATCH_ROWS = 50_000
HEADER = b"customer_key,sub_audience,treatment_group,value,outcome\n"
EVERYBODY_HEADER = b"customer_key,sub_audience,treatment_group,side,since,launch\n"
# The reasons as people read them; the same words stand on the page.
OUTCOMES = {
    "sent": "sent",
    "missing": "missing value",
    "invalid": "invalid value",
    "duplicate": "duplicate of another customer's value",
    "shared_with_control": "shared with a customer in control",
}


@dataclass(frozen=True)
class Assigned:
    """What the ids of an assignment history mean, also of what was removed meanwhile."""

    sub_audiences: Mapping[int, str]
    groups: Mapping[int, str]
    is_control: Mapping[int, bool]  # by group
    started: Mapping[int, datetime]  # by launch


def people(
    path: Path, frozen: Frozen, destination_id: int, *, rejects: bool, masked: bool
) -> Iterator[bytes]:
    """A CSV of the recipients Parquet at `path`, in pieces; rejects alone, or everybody."""
    yield HEADER
    yield from _pieces(_lines_sql(path, frozen, destination_id, rejects=rejects, masked=masked))


def everybody(path: Path, assigned: Assigned, *, masked: bool) -> Iterator[bytes]:
    """A CSV, in pieces, of the assignment history at `path`: all that the campaign ever assigned."""
    yield EVERYBODY_HEADER
    yield from _pieces(_everybody_sql(path, assigned, masked=masked))


def _pieces(sql: str) -> Iterator[bytes]:
    with TemporaryDirectory(dir=scratch_folder()) as folder, _workshop(Path(folder)) as workshop:
        for batch in workshop.batches(sql, BATCH_ROWS):
            yield bytes(column_bytes(batch.column(0), 0, len(batch)))


def _lines_sql(path: Path, frozen: Frozen, destination_id: int, *, rejects: bool, masked: bool) -> str:
    key, value = "customer_key", "value"
    if masked:
        identifier = next(one.identifier for one in frozen.destinations if one.id == destination_id)
        value = mask_email_sql("value") if identifier == "email" else mask_contact_sql("value")
        key = mask_key_sql("customer_key")
    cells = [
        cell_sql(f"({key})"),
        cell_sql("sub_audience"),
        cell_sql("treatment_group"),
        cell_sql(f"({value})"),
        cell_sql("reason"),
    ]
    chosen = "WHERE outcome <> 'sent'" if rejects else ""
    named = (
        f"SELECT *, {_named('sub_audience_id', _sub_audiences(frozen))} AS sub_audience,"
        f" {_named('group_id', _groups(frozen))} AS treatment_group,"
        f" {_named('outcome', list(OUTCOMES.items()))} AS reason FROM {scan(path)} {chosen}"
    )
    line = " || ',' || ".join(cells)
    return (
        f"SELECT {line} || chr(10) AS line FROM ({named})"
        " ORDER BY sub_audience_id, group_id, outcome, customer_key, value"
    )


def _everybody_sql(path: Path, assigned: Assigned, *, masked: bool) -> str:
    sides = [(pk, "control" if control else "treated") for pk, control in assigned.is_control.items()]
    started = [(pk, when.astimezone(UTC).isoformat("T", "seconds")) for pk, when in assigned.started.items()]
    columns = {
        "sub_audience": _named("sub_audience_id", list(assigned.sub_audiences.items())),
        "treatment_group": _named("group_id", list(assigned.groups.items())),
        "side": f"coalesce({_named('group_id', sides)}, if(is_control, 'control', 'treated'))",
        "since": _named("launch_id", started),
        "launch": "launch_id::VARCHAR",
    }
    key = mask_key_sql("customer_key") if masked else "customer_key"
    line = " || ',' || ".join([cell_sql(f"({key})"), *(cell_sql(name) for name in columns)])
    named = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    return (
        f"SELECT {line} || chr(10) AS line FROM (SELECT *, {named} FROM {scan(path)})"
        " ORDER BY sub_audience_id, group_id, customer_key"
    )


def _named(column: str, names: Sequence[tuple[Any, str]]) -> str:
    cases = " ".join(f"WHEN {_literal(key)} THEN {quoted(name)}" for key, name in names)
    return f"CASE {column} {cases} END" if cases else "NULL"


def _literal(key: int | str) -> str:
    return quoted(key) if isinstance(key, str) else str(key)


def _sub_audiences(frozen: Frozen) -> list[tuple[int, str]]:
    return [(sub_audience.id, sub_audience.name) for sub_audience in frozen.sub_audiences]


def _groups(frozen: Frozen) -> list[tuple[int, str]]:
    return [(group.id, group.name) for sub_audience in frozen.sub_audiences for group in sub_audience.groups]


@contextmanager
def _workshop(folder: Path) -> Iterator[Workshop]:
    with open_duckdb(temp_directory=str(folder)) as connection:
        yield Workshop(connection, folder)
