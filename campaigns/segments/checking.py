"""What is wrong with rules before anything is counted: every rule by itself, so that each can say so on its row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.customers.catalogue import Catalogue
from campaigns.segments.rules import DEEPEST, MATCHES, Group, Path, RuleError, parse, query_of


def faults(data: Any, catalogue: Catalogue, zone: ZoneInfo, engine: str) -> list[RuleError]:
    """One RuleError for each rule that cannot be or does not fit the catalogue, with the path that leads to it.

    A catalogue without tables was never read: then only the rules themselves are looked at. `engine`: Ibis' name of
    the one that a query is written for.
    """
    found = list(_faults(data, catalogue, zone, ()))
    if not found:
        try:
            group = parse(data)  # what only the whole can tell: how it begins, how deep it goes
        except RuleError as error:
            return [error]
        found = _query_faults(group, catalogue, engine)
    return found


def _query_faults(group: Group, catalogue: Catalogue, engine: str) -> list[RuleError]:
    query = query_of(group)
    if query is None:
        return []
    # Imports sqlglot, which most requests do without.
    from campaigns.segments.queries.checking import check

    return [RuleError(one.message, ("all", 0, "sql")) for one in check(query.sql, engine, catalogue)]


def _faults(data: Any, catalogue: Catalogue, zone: ZoneInfo, path: Path) -> Iterator[RuleError]:
    if isinstance(data, Mapping) and "rows" in data and _match(data.get("where")):
        yield from _of_rows(data, catalogue, zone, path)
        return
    match = _match(data)
    if match is None or len(path) > 2 * DEEPEST:  # `parse` says that it is too deep
        yield from _of_one(data, catalogue, zone, path)
        return
    for number, item in enumerate(data[match]):
        yield from _faults(item, catalogue, zone, (*path, match, number))


def _match(data: Any) -> str | None:
    """The key of a group with rules in it; None for anything else."""
    if not isinstance(data, Mapping) or len(data) != 1:
        return None
    (key,) = data
    return key if key in MATCHES and isinstance(data[key], list | tuple) and data[key] else None


def _of_rows(
    data: Mapping[str, Any], catalogue: Catalogue, zone: ZoneInfo, path: Path
) -> Iterator[RuleError]:
    """Each condition on rows by itself, then what is asked of the rows; the whole where all of that is right."""
    found = list(_conditions(data["where"], data["rows"], catalogue, zone, (*path, "where")))
    found += _of_one({key: value for key, value in data.items() if key != "where"}, catalogue, zone, path)
    yield from found or _of_one(data, catalogue, zone, path)


def _conditions(
    data: Any, table: Any, catalogue: Catalogue, zone: ZoneInfo, path: Path
) -> Iterator[RuleError]:
    match = _match(data)
    if match is not None and len(path) <= 2 * DEEPEST:
        for number, item in enumerate(data[match]):
            yield from _conditions(item, table, catalogue, zone, (*path, match, number))
        return
    alone = {"rows": table, "exists": True, "where": {"all": [data]}}
    for error in _of_one(alone, catalogue, zone, ()):
        if error.path[:1] == ("where",):
            yield RuleError(error.message, (*path, *error.path[3:]))


def _of_one(data: Any, catalogue: Catalogue, zone: ZoneInfo, path: Path) -> Iterator[RuleError]:
    try:
        group = parse({"all": [data]})
    except RuleError as error:
        yield RuleError(error.message, (*path, *error.path[2:]))
        return
    for misfit in misfits(group, catalogue, zone):
        yield RuleError(misfit.message, (*path, *misfit.path[2:]))


def misfits(group: Group, catalogue: Catalogue, zone: ZoneInfo) -> list[RuleError]:
    """What of these rules does not fit the catalogue."""
    if not catalogue.tables:
        return []
    # Imports Ibis, which most requests do without.
    from campaigns.segments.fitting import check

    return check(group, catalogue, zone)
