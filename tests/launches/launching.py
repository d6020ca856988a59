"""Small launches for the tests of the data path: customers with flags and values, and a campaign."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pyarrow

from campaigns.launches import build as building
from campaigns.launches.built import Built
from campaigns.launches.frozen import Frozen, FrozenDestination, FrozenGroup, FrozenSubAudience
from campaigns.launches.source import Flagged, Values
from destinations.kind import FileSpec, Group
from destinations.kinds import KINDS
from destinations.kinds.attentive_segments import packing

EVERYONE = 1  # the id of the include segment that has everybody of the test in it


@dataclass(frozen=True)
class Customer:
    """A customer, the flags that are true for it, and its values by column."""

    key: str
    flags: frozenset[str] = frozenset({"segment_1"})
    values: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)


@dataclass
class FlaggedCustomers:
    """A source for `build`: tables in a DuckDB instead of a customer database with rules."""

    customers: Sequence[Customer]
    carry: bool
    connection: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)

    def flagged(self, columns: Sequence[str]) -> Flagged:
        names = sorted({flag for customer in self.customers for flag in customer.flags} | set(FLAGS))
        data: dict[str, Any] = {"customer_key": [customer.key for customer in self.customers]}
        data |= {name: [name in customer.flags for customer in self.customers] for name in names}
        carried = {column: f"raw_{number}" for number, column in enumerate(columns)} if self.carry else {}
        for column, name in carried.items():
            one = [(customer.values.get(column) or (None,))[0] for customer in self.customers]
            data[name] = pyarrow.array(one, pyarrow.string())
        data["customer_key"] = pyarrow.array(data["customer_key"], pyarrow.string())
        self.connection.register("flagged", pyarrow.table(data))
        return Flagged("FROM flagged", carried)

    def values(self, column: str) -> Values:
        rows = [(c.key, value) for c in self.customers for value in c.values.get(column, ())]
        columns = [pyarrow.array([row[i] for row in rows], pyarrow.string()) for i in (0, 1)]
        self.connection.register("many_values", pyarrow.table(columns, names=["customer_key", "value"]))
        return Values("FROM many_values", many=True)

    def sizes(self) -> Any:
        return lambda beside: None

    def multiplied(self) -> str:
        return "A customer has several rows."


FLAGS = [f"segment_{number}" for number in range(1, 6)] + [f"sub_audience_{number}" for number in range(1, 9)]


class PlainKind:
    """Attentive's planner, with files that may be small enough for a test."""

    def plan(self, settings: Any, groups: Sequence[Group]) -> list[FileSpec]:
        with patch.object(packing, "ROWS_PER_FILE", settings.get("rows_per_file", 1_000_000)):
            return packing.plan(
                groups, files=settings.get("files", "separate"), large_audiences="numbered_segments"
            )


def group(number: int, hundredths: int, *destinations: int, **more: Any) -> FrozenGroup:
    """A treated group, or a control group where no destination is given."""
    more.setdefault("is_control", not destinations)
    return FrozenGroup(number, f"Group{number}", hundredths, destination_ids=destinations, **more)


def everyone_else(*groups: FrozenGroup, number: int = 1) -> FrozenSubAudience:
    return FrozenSubAudience(number, "All remaining recipients", groups)


def some(number: int, *groups: FrozenGroup) -> FrozenSubAudience:
    """A sub-audience by rules; its members have the flag `sub_audience_<number>`."""
    return FrozenSubAudience(number, f"Some{number}", groups, rules={})


def destination(number: int, identifier: Any = "email", column: str = "") -> FrozenDestination:
    column = column or f"people.{identifier}"
    return FrozenDestination(number, f"Destination{number}", "plain", identifier, column, {}, "account", {})


def campaign(
    *sub_audiences: FrozenSubAudience, destinations: Sequence[FrozenDestination], **more: Any
) -> Frozen:
    """A frozen campaign; every group sent to a destination has the segment name `List<group>`."""
    named = [
        replace(
            found,
            segment_names={
                group.id: f"List{group.id}"
                for sub_audience in sub_audiences
                for group in sub_audience.groups
                if found.id in group.destination_ids
            },
        )
        for found in destinations
    ]
    settings: dict[str, Any] = {
        "campaign_id": 1,
        "campaign_name": "Spring",
        "customer_database_id": 1,
        "salt": "salt",
        "first_match_only": True,
        "now": "2026-11-24T12:00:00+00:00",
        "default_country": "US",
        "include": (EVERYONE,),
        "exclude": (),
        "segments": (),
        "sub_audiences": sub_audiences,
        "destinations": tuple(named),
    }
    return Frozen(**(settings | more))


def launch(
    frozen: Frozen,
    customers: Sequence[Customer],
    folder: Path,
    *,
    launch_id: int = 1,
    before: Built | None = None,
    carry: bool = False,
    **more: Any,
) -> Built:
    """Build with the launch's own code."""

    @contextmanager
    def source(_frozen: Frozen, _folder: Path) -> Iterator[FlaggedCustomers]:
        yield FlaggedCustomers(customers, carry)

    real = building.open_source  # type: ignore[attr-defined]
    building.open_source = source  # type: ignore
    KINDS["plain"] = PlainKind()  # type: ignore[assignment]
    try:
        return building.build(
            frozen,
            folder / f"launch{launch_id}",
            launch_id=launch_id,
            previous_history=before.history if before else None,
            **({"progress": lambda stage: None} | more),
        )
    finally:
        building.open_source = real  # type: ignore[attr-defined]
        del KINDS["plain"]


def rows_of(path: Path | None, columns: str = "*") -> list[tuple[Any, ...]]:
    """The rows of a Parquet file, sorted."""
    return sorted(duckdb.execute(f"SELECT {columns} FROM read_parquet('{path}')").fetchall(), key=repr)


def groups_of(built: Built) -> dict[tuple[str, int], int]:
    """{(key, sub-audience): group} after a launch, of everybody ever assigned."""
    return {
        (key, place): found
        for key, place, found in rows_of(built.history, "customer_key, sub_audience_id, group_id")
    }


def lines_of(built: Built) -> dict[str, list[str]]:
    """{segment name: the values sent under it}."""
    found: dict[str, list[str]] = {}
    for file in built.files:
        for line in file.path.read_text().splitlines():
            value, name = line.split(",")
            found.setdefault(name, []).append(value)
    return found


def people(*numbers: int, flags: Iterable[str] = ("segment_1",)) -> list[Customer]:
    return [
        Customer(f"C{number}", frozenset(flags), {"people.email": (f"person{number}@example.com",)})
        for number in numbers
    ]


def recipients_of(path: Path) -> list[tuple[Any, ...]]:
    """(customer_key, sub_audience_id, group_id, value, outcome)"""
    return rows_of(path, "* EXCLUDE (cut)")
