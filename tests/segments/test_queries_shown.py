"""A query made of rules finds the same customers as the rules, and passes the check that any query has to pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns.customers.catalogue import Catalogue
from campaigns.customers.connection import Connection
from campaigns.segments.compile import members
from campaigns.segments.contexts import context_of
from campaigns.segments.queries.checking import check
from campaigns.segments.queries.showing import UNREADABLE, masked_query_for, masked_sql, query_for
from campaigns.segments.rules import LONGEST_QUERY, Group, Query, RuleError, list_ids, parse
from tests.segments.awkward import NOW, SHOP
from tests.segments.engines import on_url, write_parquet, write_postgres
from tests.segments.meanings import CASES, CHICAGO, SEGMENTS, Case

READ = {pk: (parse(rules), zone) for pk, (rules, zone) in SEGMENTS.items()}
WITHOUT_LISTS = {pk: found for pk, found in READ.items() if not list_ids(found[0])}
Opened = tuple[Connection, Catalogue]


def _needs_list(case: Case) -> bool:
    return "'list'" in str(case.rule)


@pytest.fixture(scope="module", params=["files", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    if request.param == "files":
        folder: Path = tmp_path_factory.mktemp("shop")
        write_parquet(SHOP, folder)
        url = f"files:{folder}"
    else:
        url = request.getfixturevalue("postgres")
        write_postgres(SHOP, url)
    with on_url(url) as found:
        yield found


@pytest.mark.parametrize("case", [case for case in CASES if not _needs_list(case)], ids=str)
def test_the_query_finds_whom_the_rules_find(opened: Opened, case: Case) -> None:
    connection, catalogue = opened
    context = context_of(connection, catalogue, case.now, WITHOUT_LISTS)
    sql = query_for(connection, context, parse(case.group), case.zone)
    if len(sql) > LONGEST_QUERY:
        assert "Shorten it" in check(sql, connection.dialect, catalogue)[0].message
        return
    assert check(sql, connection.dialect, catalogue) == ()
    found = connection.rows(members(Group("all", (Query(sql),)), case.zone, context))
    assert "".join(sorted(row["customer_key"] for row in found)) == case.expected


def test_rules_about_an_uploaded_list_are_no_query(opened: Opened) -> None:
    connection, catalogue = opened
    context = context_of(connection, catalogue, NOW, {1: (parse({"all": [{"list": 7}]}), CHICAGO)})
    for rule in ({"list": 7}, {"segment": 1}):
        with pytest.raises(RuleError, match="An uploaded list is no table"):
            query_for(connection, context, parse({"all": [rule]}), CHICAGO)


def test_values_of_personal_columns_are_masked_for_who_may_not_see_them(opened: Opened) -> None:
    connection, catalogue = opened
    rules = parse(
        {
            "any": [
                {"attribute": "contacts.email", "is": "anna@example.com"},
                {"attribute": "contacts.email", "in": ["berta@example.com", "carl"]},
                {"attribute": "contacts.email", "starts_with": "dora"},
                {"attribute": "profiles.city", "is": "Chicago"},
            ]
        }
    )
    context = context_of(connection, catalogue, NOW, {1: (rules, CHICAGO)})
    assert "anna@example.com" in query_for(connection, context, rules, CHICAGO)
    named = parse({"all": [{"segment": 1}]})
    for group in (rules, named):
        sql = masked_query_for(connection, context, group, CHICAGO)
        assert not [name for name in ("anna", "berta", "carl", "dora") if name in sql]
        assert "Chicago" in sql


def test_where_half_a_value_is_none_no_value_is_shown(opened: Opened) -> None:
    connection, catalogue = opened
    rules = parse({"all": [{"attribute": "profiles.birthday", "on": "1990-02-28"}]})
    context = context_of(connection, catalogue, NOW, {})
    assert "1990" in query_for(connection, context, rules, CHICAGO)
    sql = masked_query_for(connection, context, rules, CHICAGO)
    assert "birthday" in sql
    assert not set("1289") & set(re.sub(r"[a-z]+\d", "", sql))


def test_a_query_inside_is_masked_with_the_rest(opened: Opened) -> None:
    connection, catalogue = opened
    query = Group("all", (Query("SELECT \"Customer_ID\" FROM contacts WHERE email LIKE 'anna%'"),))
    context = context_of(connection, catalogue, NOW, {1: (query, CHICAGO)})
    sql = masked_query_for(connection, context, parse({"all": [{"segment": 1}]}), CHICAGO)
    assert "anna" not in sql


@pytest.mark.parametrize(
    ("engine", "condition"),
    [
        ("postgres", "email = 'anna@example.com'"),
        ("postgres", "email = $$anna@example.com$$"),
        ("postgres", "email = $x$anna$x$"),
        ("postgres", "email = N'anna'"),
        ("postgres", "email = E'anna'"),
        ("postgres", "email = U&'anna'"),
        ("snowflake", "email = $$anna$$"),
        ("bigquery", "email = r'anna'"),
        ("mssql", "email = N'anna'"),
        ("oracle", "email = q'[anna]'"),
        ("duckdb", "x ->> '$.anna' = 'a'"),
        ("duckdb", "e = 'anna'; -- ask anna"),
        ("duckdb", 'x = (SELECT a AS "anna@example.com" FROM t)'),
        ("duckdb", "phone = 12025550142"),
    ],
)
def test_each_value_in_a_written_query_is_masked(engine: str, condition: str) -> None:
    text = masked_sql(f"SELECT id FROM t AS m(k, e) WHERE {condition}", engine)
    assert "SELECT" in text
    assert "···" in text
    assert "anna" not in text
    assert "2025550" not in text


def test_what_cannot_be_read_is_not_shown() -> None:
    assert masked_sql("SELECT id FROM t WHERE 'anna", "postgres") == UNREADABLE
