"""Building from a real customer database: rules, values and sub-audiences, end to end up to the files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from campaigns.customers.catalogue import read_catalogue
from campaigns.launches import build as building
from campaigns.launches.built import Built
from campaigns.launches.frozen import Frozen, FrozenSegment
from campaigns.launches.workshop import BuildError
from campaigns.segments.rules import dump, parse
from destinations.kinds import KINDS
from tests.launches.launching import PlainKind, campaign, destination, everyone_else, group, lines_of
from tests.segments.shop import make_shop, shop_database


@pytest.fixture
def plain_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "plain", PlainKind())


def _build(frozen: Frozen, folder: Path) -> Built:
    return building.build(
        frozen, folder / "out", launch_id=1, previous_history=None, progress=lambda stage: None
    )


def _frozen(database_id: int, rules: dict[str, Any], column: str = "contacts.email") -> Frozen:
    return campaign(
        everyone_else(group(1, 10000, 1)),
        destinations=[destination(1, column=column)],
        customer_database_id=database_id,
        segments=(FrozenSegment(1, "Some", "UTC", dump(parse(rules))),),
        include=(1,),
        now="2027-03-01T15:00:00+00:00",
    )


@pytest.fixture
def shop(db: None, tmp_path: Path) -> int:
    (tmp_path / "shop").mkdir()
    make_shop(tmp_path / "shop")
    database = shop_database(tmp_path / "shop")
    database.catalogue = read_catalogue(database).to_json()
    database.save()
    return int(database.pk)


def test_a_list_is_built_from_parquet_files(shop: int, plain_kind: None, tmp_path: Path) -> None:
    built = _build(_frozen(shop, {"all": [{"rows": "orders", "exists": True}]}), tmp_path)
    assert built.counts.considered == 3
    assert lines_of(built) == {"List1": ["a@example.com"]}
    (delivery,) = built.counts.deliveries
    assert (delivery.outcomes.sent, delivery.outcomes.missing) == (1, 2)


def test_an_empty_audience_is_nothing_to_send(shop: int, plain_kind: None, tmp_path: Path) -> None:
    rules = {"all": [{"attribute": "profiles.city", "is": "Nowhere"}]}
    built = _build(_frozen(shop, rules), tmp_path)
    assert built.counts.audience == 0
    assert built.files == ()


def test_a_column_that_vanished_since_is_named(shop: int, plain_kind: None, tmp_path: Path) -> None:
    frozen = _frozen(shop, {"all": [{"attribute": "profiles.city", "is": "Chicago"}]})
    path = tmp_path / "shop" / "profiles.parquet"
    duckdb.sql(f"SELECT customer_id FROM '{path}'").write_parquet(str(path) + ".new")
    Path(str(path) + ".new").rename(path)
    with pytest.raises(BuildError, match=r"profiles\.city is gone"):
        _build(frozen, tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


QUERY = "SELECT customer_id FROM orders WHERE channel = 'web' -- who bought online"


def test_a_list_is_built_from_a_query(shop: int, plain_kind: None, tmp_path: Path) -> None:
    built = _build(_frozen(shop, {"all": [{"sql": QUERY}]}), tmp_path)
    assert built.counts.considered == 2
    assert lines_of(built) == {"List1": ["a@example.com"]}


def test_a_query_that_no_longer_passes_stops_the_build(shop: int, plain_kind: None, tmp_path: Path) -> None:
    for sql, words in (
        ("SELECT content FROM read_text('/etc/passwd')", "read_text is not allowed"),
        ("SELECT customer_id FROM gone", "no table gone"),
        ("SELECT customer_id FROM orders; DROP VIEW orders", "remove all but one"),
    ):
        with pytest.raises(BuildError, match=f"A query can no longer be used.*{words}"):
            _build(_frozen(shop, {"all": [{"sql": sql}]}), tmp_path)
        assert list((tmp_path / "out").iterdir()) == []


def test_a_query_without_an_end_ends_the_build(
    shop: int, plain_kind: None, tmp_path: Path, settings: Any
) -> None:
    settings.STATEMENT_SECONDS = 1
    tables = ", ".join(f"profiles {name}" for name in "abcdefghijklmnopqrst")
    endless = f"SELECT a.customer_id FROM {tables} WHERE a.points + t.points < -1000000"
    with pytest.raises(BuildError, match="longer than 1 seconds and was stopped"):
        _build(_frozen(shop, {"all": [{"sql": endless}]}), tmp_path)
    assert list((tmp_path / "out").iterdir()) == []
