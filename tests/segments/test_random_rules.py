"""Whatever the rules and the customers: the query finds whom plain reading finds.

MUSTER_EXAMPLES=5000 tries more of them, and others each time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings

from campaigns.segments.compile import Context, flags
from campaigns.segments.rules import Group, dump, load
from tests.segments.awkward import Rows
from tests.segments.engines import arrow, write_postgres
from tests.segments.random_rules import CLOCKS, Question, groups, questions

Found = dict[str, list[str]]
MORE = int(os.environ.get("MUSTER_EXAMPLES", "0"))


def examples(number: int) -> Callable[[Any], Any]:
    return settings(
        max_examples=MORE or number,
        derandomize=not MORE,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module")
def duckdb() -> Iterator[Any]:
    import ibis

    backend = ibis.duckdb.connect(threads=1)
    yield backend
    backend.disconnect()


@pytest.fixture(scope="module")
def postgres_backend(postgres: str) -> Iterator[Any]:
    import ibis

    backend = ibis.connect(postgres)
    yield backend
    backend.disconnect()


def _tables(question: Question) -> dict[str, Rows]:
    lists = {
        f"list_{pk}": Rows({"customer_key": "text"}, [(key,) for key in keys])
        for pk, keys in question.lists.items()
    }
    return {**question.tables, **lists}


def _asked(question: Question, backend: Any) -> Found:
    named = {f"group_{number}": found for number, found in enumerate(question.groups)}
    context = Context(
        backend.table,
        question.catalogue,
        question.now,
        question.segments,
        keys=lambda pk: backend.table(f"list_{pk}"),
    )
    rows = backend.to_pyarrow(flags(context, named)).to_pylist()
    assert len({row["customer_key"] for row in rows}) == len(rows)
    assert {type(row[name]) for row in rows for name in named} <= {bool}
    return {name: sorted(row["customer_key"] for row in rows if row[name]) for name in named}


def _read(question: Question) -> Found:
    world = question.world
    return {f"group_{number}": world.members(*found) for number, found in enumerate(question.groups)}


@examples(60)
@given(question=questions())
def test_duckdb_finds_whom_reading_finds(duckdb: Any, question: Question) -> None:
    for name, table in _tables(question).items():
        duckdb.con.register("made", arrow(table))
        duckdb.con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM made")
    assert _asked(question, duckdb) == _read(question)


@examples(20)
@given(question=questions())
def test_postgresql_finds_whom_reading_finds(
    postgres: str, postgres_backend: Any, question: Question
) -> None:
    write_postgres(_tables(question), postgres)
    assert _asked(question, postgres_backend) == _read(question)


@examples(100)
@given(found=groups(CLOCKS[0]))
def test_rules_come_out_as_they_went_in(found: tuple[Group, ZoneInfo]) -> None:
    assert load(dump(found[0])) == found[0]
