"""Which queries are refused, with which words. Nothing is asked of a database."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import Dialect, exp
from sqlglot.generator import _DISPATCH_CACHE

from campaigns.customers.catalogue import Catalogue, Column, Table
from campaigns.customers.dialects import DIALECTS
from campaigns.segments.queries.allowed import FUNCTIONS, PARTS, TYPES
from campaigns.segments.queries.checking import check, runnable
from campaigns.segments.queries.parsing import QueryRefused
from tests.segments.queries_told import ANYWHERE, HONEST, HOSTILE

ROOT = Path(__file__).resolve().parents[2]


def _table(name: str, many: bool, *columns: str) -> Table:
    return Table(name, "customer_id", many, tuple(Column(column, "text") for column in columns))


CATALOGUE = Catalogue(
    (
        _table(
            "profiles",
            False,
            "customer_id",
            "city",
            "state",
            "points",
            "birthday",
            "seen_at",
            "opted_in",
            "secret",
        ),
        _table("orders", True, "customer_id", "amount", "ordered_at", "channel"),
    ),
    "profiles",
)
HIDDEN = {"profiles.secret"}


def _told(sql: str, engine: str = "duckdb") -> str:
    return " ".join(problem.message for problem in check(sql, engine, CATALOGUE, HIDDEN))


@pytest.mark.parametrize("engine", DIALECTS)
@pytest.mark.parametrize(("sql", "word"), ANYWHERE)
def test_it_is_refused_whatever_the_engine(engine: str, sql: str, word: str) -> None:
    told = _told(sql, engine)
    assert told
    if engine in ("duckdb", "postgres"):
        assert word in told


@pytest.mark.parametrize(
    ("engine", "sql", "word"), [(engine, *one) for engine, found in HOSTILE.items() for one in found]
)
def test_what_one_engine_could_do_is_refused(engine: str, sql: str, word: str) -> None:
    told = _told(sql, engine)
    assert told
    assert word.lower() in told.lower()
    with pytest.raises(QueryRefused):
        runnable(sql, engine, CATALOGUE, HIDDEN)


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
@pytest.mark.parametrize("sql", [sql for sql, _ in HONEST])
def test_an_honest_query_passes(engine: str, sql: str) -> None:
    assert _told(sql, engine) == ""


@pytest.mark.parametrize("engine", DIALECTS)
def test_a_plain_query_passes_on_every_engine(engine: str) -> None:
    sql = (
        "WITH web AS (SELECT customer_id FROM orders WHERE channel = 'web') SELECT p.customer_id FROM profiles p"
        " JOIN web ON web.customer_id = p.customer_id WHERE lower(p.city) = 'chicago' AND CAST(points AS INT) > 5"
    )
    assert _told(sql, engine) == ""
    assert "customer_key" in runnable(sql, engine, CATALOGUE)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT customer_id FROM profiles, unnest(ARRAY['/etc/passwd']) AS f WHERE f.pg_read_file LIKE 'r%'",
        "SELECT customer_id FROM profiles, unnest(ARRAY['x']) AS lo_import(a) WHERE lo_import.lo_import = 1",
        "SELECT customer_id FROM profiles, unnest(ARRAY['x']) AS f(\"LO_IMPORT\") WHERE f.lo_import = 1",
        "SELECT customer_id FROM profiles CROSS JOIN LATERAL unnest(ARRAY[3]) AS f(a) WHERE f.pg_sleep IS NULL",
        "SELECT customer_id FROM profiles, unnest(ARRAY['x']) WHERE unnest.lo_import = 1",
        "SELECT customer_id FROM profiles, unnest(ARRAY['x']) AS f WHERE f.lo_import = 1"
        " AND EXISTS (SELECT 1 FROM (SELECT 1 AS lo_import) AS f)",
        "SELECT p.pg_typeof FROM profiles AS p",
        "SELECT customer_id FROM profiles AS p, unnest(ARRAY[p]) AS f",
        "SELECT user",
        "SELECT customer_id FROM profiles WHERE city = current_role",
        "SELECT user FROM (SELECT city AS user FROM profiles) AS p",
    ],
)
def test_no_column_is_a_function_in_disguise(sql: str) -> None:
    assert "There is no column" in _told(sql, "postgres")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT customer_id FROM profiles, unnest(ARRAY['a', 'b']) AS f WHERE f = city OR f.f = city",
        "SELECT customer_id FROM profiles JOIN unnest(ARRAY['a']) AS f(x) ON f.x = city WHERE x = 'a'",
        "SELECT p.customer_id FROM profiles AS p CROSS JOIN LATERAL"
        " (SELECT max(o.amount) AS most FROM orders AS o WHERE o.customer_id = p.customer_id) AS m WHERE m.most > 5",
        "WITH a AS (SELECT * FROM orders), b(k, n) AS (SELECT customer_id, count(*) FROM a GROUP BY 1)"
        " SELECT b.k FROM b JOIN a ON a.customer_id = b.k WHERE b.n > 1 AND a.channel = 'web'",
        "SELECT o.customer_id FROM (SELECT p.*, 1 AS one FROM profiles AS p) AS o WHERE o.city = 'x' AND o.one = 1",
        "SELECT profiles.customer_id FROM profiles JOIN orders USING (customer_id) ORDER BY Orders.amount",
        "SELECT v.k FROM (VALUES ('a', 1)) AS v(k, n) WHERE v.n = 1",
        "SELECT customer_id AS key FROM orders GROUP BY customer_id ORDER BY key",
    ],
)
@pytest.mark.parametrize("engine", ["postgres", "oracle"])
def test_columns_of_what_stands_in_from_pass(engine: str, sql: str) -> None:
    if engine == "postgres" or "unnest" not in sql:
        assert _told(sql, engine) == ""


@pytest.mark.parametrize("sql", ["SELECT user FROM profiles", "SELECT pkg.fn FROM profiles", "SELECT uid"])
def test_oracle_calls_no_function_without_brackets(sql: str) -> None:
    assert "There is no column" in _told(sql, "oracle")


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("length(rpad(city, 10000000, 'x')) > 1", "pad"),
        ("length(lpad(city, 10000000, 'x')) > 1", "pad"),
        ("length(repeat(city, 10000000)) > 1", "repeat"),
        ("levenshtein(city, state) > 1", "levenshtein"),
        ("jaro_winkler_similarity(city, state) > 1", "jaro"),
        ("list_reduce(['a', 'b'], lambda x, y: x || x) = 'x'", "list_reduce"),
        (f"length(replace(city, 'a', '{'b' * 21}')) > 1", "20 characters at most"),
        ("length(replace(city, 'a', city)) > 1", "20 characters at most"),
        ("length(regexp_replace(city, '.', city, 'g')) > 1", "20 characters at most"),
    ],
)
@pytest.mark.parametrize("engine", DIALECTS)
def test_no_function_makes_much_of_little(engine: str, sql: str, word: str) -> None:
    told = _told(f"SELECT customer_id FROM profiles WHERE {sql}", engine)
    assert told
    if engine == "duckdb":
        assert word in told


def test_a_short_text_may_be_put_in() -> None:
    assert _told("SELECT customer_id FROM profiles WHERE replace(city, '-', '') = 'x'") == ""


def test_an_engine_whose_sql_nobody_checks_has_no_queries() -> None:
    assert "cannot be checked" in _told("SELECT customer_id FROM profiles", "druid")


def test_a_problem_names_its_line() -> None:
    assert _told("SELECT customer_id\nFROM profiles\nWHERE getenv('x') = 'y'").startswith(
        "Line 3: The function getenv"
    )
    assert _told("SELECT customer_id\nFROM profiles\nWHER city = 'x'").startswith("Line 3: ")


def test_every_problem_is_told_at_once() -> None:
    told = _told("SELECT customer_id FROM elsewhere WHERE getenv('x') = pg_sleep(1)")
    for word in ("elsewhere", "getenv", "pg_sleep"):
        assert word in told


def test_a_query_of_a_catalogue_that_was_never_read_is_checked_but_for_its_tables() -> None:
    assert check("SELECT id FROM anything", "duckdb", Catalogue(())) == ()
    assert check("SELECT id FROM read_text('x')", "duckdb", Catalogue(())) != ()
    with pytest.raises(QueryRefused):
        runnable("SELECT id FROM anything", "duckdb", Catalogue(()))


# What runs ----------------------------------------------------------------------------------------------


def test_what_runs_is_written_anew() -> None:
    """MySQL would run what stands in such a comment, which the check takes for one."""
    sql = "SELECT customer_id FROM profiles /*! UNION SELECT user FROM mysql.user */ -- hush"
    assert "mysql" not in runnable(sql, "mysql", CATALOGUE)


def test_what_was_written_anew_is_checked_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if sqlglot wrote another function than it had read."""
    runnable("SELECT upper(customer_id) FROM profiles", "duckdb", CATALOGUE)
    dispatch = _DISPATCH_CACHE[Dialect.get_or_raise("duckdb").generator_class]
    monkeypatch.setitem(dispatch, exp.Upper, lambda self, node: self.func("GETENV", node.this))
    with pytest.raises(QueryRefused, match="passed on to the customer database as it was understood"):
        runnable("SELECT customer_id FROM profiles WHERE upper(city) = 'X'", "duckdb", CATALOGUE)


@pytest.mark.parametrize("type_", ["regclass", "regproc", "oid", "hstore", "pg_lsn", "xml", "mood"])
def test_a_cast_to_a_type_that_looks_something_up_is_refused(type_: str) -> None:
    assert _told(f"SELECT customer_id FROM profiles WHERE CAST(city AS {type_}) IS NULL", "postgres")


def test_only_listed_types_pass() -> None:
    told = _told("SELECT customer_id FROM profiles WHERE CAST(city AS xml) IS NULL", "postgres")
    assert "The type xml is not allowed" in told


def test_a_name_means_the_table_or_query_that_the_check_saw() -> None:
    """PostgreSQL tells “PG_USER” from pg_user: the query in WITH must not open the way to the table."""
    sql = "WITH \"PG_USER\" AS (SELECT 'a' AS a) SELECT a FROM pg_user"
    assert 'FROM "PG_USER" AS pg_user' in runnable(sql, "postgres", CATALOGUE)
    assert 'FROM "profiles" AS PROFILES' in runnable(
        "SELECT customer_id FROM PROFILES", "postgres", CATALOGUE
    )
    assert "no table Profiles" in _told('SELECT customer_id FROM "Profiles"', "postgres")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT x FROM (SELECT * FROM profiles) AS t(a, b, c, d, e, f, g, x)",
        "SELECT CAST(p AS VARCHAR) FROM profiles AS p",
        "SELECT customer_id FROM profiles NATURAL JOIN orders",
        "SELECT customer_id FROM orders WHERE customer_id IN (SELECT customer_id FROM profiles)",
    ],
)
def test_a_hidden_column_is_not_there_by_any_other_name(sql: str) -> None:
    assert "secret" not in runnable(sql, "duckdb", CATALOGUE, HIDDEN)


def test_a_column_of_the_same_name_elsewhere_is_not_hidden() -> None:
    tables = (*CATALOGUE.tables, _table("notes", False, "customer_id", "secret"))
    sql = "SELECT n.customer_id FROM notes n JOIN profiles USING (customer_id) WHERE n.secret = 'x'"
    assert check(sql, "duckdb", Catalogue(tables), HIDDEN) == ()


def test_a_check_that_comes_first_leaves_the_rules_their_sql() -> None:
    """sqlglot keeps a dialect as it was when it was first used; Ibis changes some when it is imported."""
    code = (
        "from campaigns.customers.catalogue import *; from campaigns.segments.queries.checking import check;"
        "check('SELECT 1 AS a', 'postgres', Catalogue(()));"
        "import ibis; print(ibis.to_sql(ibis.date(2027, 3, 1), dialect='postgres'))"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings", "MUSTER_DATA": "/nonexistent"}
    environment |= {"SECRET_KEY": "a", "ENCRYPTION_KEYS": "b"}
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert "MAKE_DATE" in told.stdout


# Whatever somebody writes -------------------------------------------------------------------------------

TOLD = (
    [sql for sql, _ in HONEST]
    + [sql for sql, _ in ANYWHERE]
    + [sql for one in HOSTILE.values() for sql, _ in one]
)
PIECES = sorted({piece for sql in TOLD for piece in re.findall(r"\s+|\w+|'[^']*'|\"[^\"]*\"|\S", sql)})
ODD = [
    "$$",
    "/*",
    "*/",
    "--",
    "'",
    '"',
    "`",
    "\0",
    "\\",
    "::",
    "->",
    "E'\\x'",
    "LATERAL",
    "MAP",
    "UNNEST",
    "{",
    "}",
    ";",
    "@",
]
PLACES = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["put", "drop", "swap"]), st.sampled_from([*PIECES, *ODD])),
    max_size=6,
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(TOLD), PLACES, st.sampled_from(sorted(DIALECTS)))
def test_nothing_breaks_the_check_and_what_passes_reads_known_tables_alone(sql, changed, engine):
    pieces = re.findall(r"\s+|\w+|'[^']*'|\"[^\"]*\"|\S", sql)
    for place, how, piece in changed:
        here = place % (len(pieces) + 1)
        pieces[here : here + (how != "put")] = [] if how == "drop" else [f" {piece} "]
    sql = "".join(pieces)
    if check(sql, engine, CATALOGUE, HIDDEN):
        return
    (tree,) = sqlglot.parse(runnable(sql, engine, CATALOGUE, HIDDEN), dialect=DIALECTS[engine])
    queries = {one.alias for one in tree.find_all(exp.CTE)}
    assert {one.name for one in tree.find_all(exp.Table)} <= {"profiles", "orders", "", *queries}  # unnest
    assert not list(tree.find_all(exp.Command, exp.DML, exp.DDL, exp.Into, exp.Lock))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT MAP (SELECT 1)",
        "SELECT k FROM (VALUES ('a'), ()) AS t(k)",
        "SELECT date_trunc( :: , seen_at) FROM orders",
    ],
)
@pytest.mark.parametrize("engine", DIALECTS)
def test_what_a_parser_stumbles_over_is_told(engine: str, sql: str) -> None:
    assert isinstance(_told(sql, engine), str)


def test_as_many_brackets_as_there_may_be_pass() -> None:
    brackets = 20
    sql = f"SELECT {'(' * brackets}customer_id{')' * brackets} FROM profiles"
    assert _told(sql) == ""
    assert "nested too deep" in _told(sql.replace("(", "((").replace(")", "))"))


# Its limits ---------------------------------------------------------------------------------------------

LONG = {
    "brackets": "SELECT " + "(" * 5_000 + "customer_id" + ")" * 5_000 + " FROM profiles",
    "queries": "SELECT a FROM (" * 3_000 + "profiles" + ")" * 3_000,
    "not": "SELECT customer_id FROM profiles WHERE " + "NOT " * 5_000 + "opted_in",
    "minus": "SELECT customer_id FROM profiles WHERE points = " + "- " * 5_000 + "1",
    "casts": "SELECT customer_id" + "::text" * 5_000 + " FROM profiles",
    "case": "SELECT " + "CASE WHEN opted_in THEN " * 1_500 + "1" + " END" * 1_500 + " FROM profiles",
    "dots": "SELECT " + "a." * 5_000 + "a FROM profiles",
}


@pytest.mark.parametrize("sql", LONG.values(), ids=LONG)
def test_what_is_nested_too_deep_is_told_at_once(sql: str) -> None:
    began = time.process_time()
    told = _told(sql)
    assert "nested too deep" in told or "a dot behind one" in told
    assert time.process_time() - began < 5


def test_a_query_of_more_than_fifty_thousand_characters_is_refused() -> None:
    assert "50,000 characters" in _told("SELECT customer_id FROM profiles" + " " * 50_000)


def test_a_long_and_flat_query_passes_quickly() -> None:
    values = ", ".join(f"'C{number:05d}'" for number in range(4_900))
    began = time.process_time()
    assert runnable(f"SELECT customer_id FROM profiles WHERE city IN ({values})", "duckdb", CATALOGUE)
    assert time.process_time() - began < 5


def test_a_query_that_cannot_be_parsed_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert _told("EXPLAIN ANALYZE SELECT 'anna@example.com'")
    assert "anna" not in caplog.text
    assert logging.getLogger("sqlglot").level == logging.ERROR


def test_the_lists_name_what_sqlglot_knows() -> None:
    assert [name for name in FUNCTIONS if not issubclass(getattr(exp, name), exp.Func)] == []
    assert [name for name in PARTS if not hasattr(exp, name)] == []
    assert [name for name in TYPES if not hasattr(exp.DType, name)] == []
