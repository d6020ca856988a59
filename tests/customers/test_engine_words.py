"""What of an engine's error people read: its words about the query, and nothing that stands in a row."""

import sqlite3

import duckdb
import pytest

from campaigns.customers.engine_words import in_own_words

SQL = "SELECT customer_id FROM profiles WHERE citty = 'Chicago'"


class _Diag:
    def __init__(self, message: str) -> None:
        self.message_primary = message


class PostgresError(Exception):
    """As psycopg tells one."""

    def __init__(self, sqlstate: str, message: str) -> None:
        super().__init__(f"{message}\nLINE 1: SELECT hush")
        self.sqlstate, self.diag = sqlstate, _Diag(message)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            duckdb.BinderException('Binder Error: Referenced column "citty" not found!\nCandidate: "hush"'),
            'The customer database says: Referenced column "citty" not found.',
        ),
        (PostgresError("42703", 'column "citty" does not exist'), 'Column "citty" does not exist.'),
        (PostgresError("22P02", 'invalid input for type integer: "hush"'), 'integer: "…".'),
        (
            duckdb.ConversionException("Conversion Error: Could not convert string 'hush' to INT32"),
            "'…' to INT32.",
        ),
        (sqlite3.OperationalError("cannot read /var/hush/customers.parquet"), "Cannot read …."),
        (
            sqlite3.OperationalError("no route to postgres://reader:hush@db.example.com/shop now"),
            "No route to … now.",
        ),
    ],
)
def test_it_keeps_what_was_written_and_drops_what_was_not(error, told):
    words = in_own_words(error, SQL)
    assert words.endswith(told)
    assert "hush" not in words


@pytest.mark.parametrize(
    "error",
    [
        None,
        duckdb.IOException("IO Error: No files found that match /hush"),
        PostgresError("28P01", "password authentication failed for user hush"),
        PostgresError("57014", "canceling statement"),
        OSError("/hush"),
        RuntimeError("hush"),
    ],
)
def test_what_is_not_about_the_query_is_not_told(error):
    assert in_own_words(error, SQL) == ""


def test_a_long_story_is_cut():
    assert len(in_own_words(duckdb.BinderException("word " * 500), SQL)) < 250
