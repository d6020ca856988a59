"""Rules mean the same on every engine, and to whoever reads docs/segments.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from campaigns.segments.compile import Context, members
from campaigns.segments.fitting import check
from campaigns.segments.rules import parse
from tests.segments.awkward import LISTS, SHOP, Rows
from tests.segments.engines import on_spark, on_url, write_parquet, write_postgres
from tests.segments.meanings import CASES, SEGMENTS, Case
from tests.segments.naive import World

Asked = Callable[[Case], str]
SEGMENTS_READ = {pk: (parse(rules), zone) for pk, (rules, zone) in SEGMENTS.items()}
TABLES = SHOP | {
    f"list_{pk}": Rows({"customer_key": "text"}, [(key,) for key in keys]) for pk, keys in LISTS.items()
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("shop")
    write_parquet(TABLES, made)
    return made


@pytest.fixture(
    scope="module",
    params=[
        "reading",
        "files",
        "postgres",
        pytest.param("spark", marks=pytest.mark.filterwarnings("ignore")),  # its own, of its own libraries
    ],
)
def asked(request: pytest.FixtureRequest, folder: Path) -> Iterator[Asked]:
    """Who matches a case, as their keys in a row."""
    if request.param == "reading":
        yield _by_reading()
        return
    if request.param == "files":
        opened = on_url(f"files:{folder}")
    elif request.param == "postgres":
        url = request.getfixturevalue("postgres")
        write_postgres(TABLES, url)
        opened = on_url(url)
    else:
        pytest.importorskip("pyspark")
        opened = on_spark(folder)
    with opened as found:
        yield _by_asking(*found)


def _by_reading() -> Asked:
    tables = {name: table.as_dicts() for name, table in SHOP.items()}

    def ask(case: Case) -> str:
        world = World(tables, case.now, SEGMENTS_READ, LISTS)
        return "".join(world.members(parse(case.group), case.zone))

    return ask


def _by_asking(connection: Any, catalogue: Any) -> Asked:
    def ask(case: Case) -> str:
        assert check(parse(case.group), catalogue, case.zone) == []
        context = Context(
            connection.table,
            catalogue,
            case.now,
            SEGMENTS_READ,
            keys=lambda pk: connection.table(f"list_{pk}"),
        )
        found = connection.rows(members(parse(case.group), case.zone, context))
        return "".join(sorted(row["customer_key"] for row in found))

    return ask


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_matches_exactly_these_customers(asked: Asked, case: Case) -> None:
    assert asked(case) == case.expected
