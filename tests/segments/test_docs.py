"""docs/segments.md names everything there is, and its example can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from campaigns.customers.catalogue import Catalogue
from campaigns.customers.dialects import DIALECTS
from campaigns.segments.operators import AGGREGATES, OPERATORS
from campaigns.segments.queries.allowed import CALLED
from campaigns.segments.queries.checking import check
from campaigns.segments.rules import map_named, parse

DOCS = (Path(__file__).parents[2] / "docs" / "segments.md").read_text()


@pytest.mark.parametrize("name", [*OPERATORS, *AGGREGATES])
def test_every_operator_and_aggregate_is_told(name):
    assert re.search(rf"`{name}[`:]", DOCS)


def test_the_example_can_be_read():
    example, query = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    with_ids = map_named(yaml.safe_load(example), "segment", lambda name: 1)
    parse(map_named(with_ids, "list", lambda name: 1))
    (segment,) = yaml.safe_load(query)["segments"]
    assert check(segment["sql"], "duckdb", Catalogue(())) == ()


@pytest.mark.parametrize("engine", DIALECTS)
def test_every_engine_whose_sql_is_checked_is_told(engine):
    assert CALLED[engine] in " ".join(DOCS.split())


def test_every_file_it_names_is_there():
    for name in re.findall(r"`(\w+\.py)`", DOCS):
        assert (Path(__file__).parents[2] / "campaigns" / "segments" / name).exists(), name
