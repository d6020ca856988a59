"""Cells of the files that people open, read as spreadsheets do."""

from __future__ import annotations

import csv
import io
import re

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.csv_cells import cell_sql

SIGNS = "=+-@＝＋－＠"
SQL = f"SELECT {cell_sql('v')} FROM (SELECT ?::VARCHAR AS v)"


@pytest.fixture(scope="module")
def field():
    """`field("a")`: as it stands in the file."""
    with duckdb.connect() as connection:
        yield lambda value: connection.execute(SQL, [value]).fetchall()[0][0]


def cell(text):
    """As a program reads it that parts at commas alone."""
    ((found,),) = csv.reader(io.StringIO(text, newline=""))
    return found


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠sum", "'＠sum"),
        (" =1", "' =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ('"=1"', '\'"=1"'),
        ("a;=1", "a;'=1"),
        ("a; =1", "a;' =1"),
        ("a\t=1", "a\t'=1"),
        ("a\n=1", "a\n'=1"),
        ("a\n\n=1;@b", "a\n\n'=1;'@b"),
        ('a;"=1"', 'a;\'"=1"'),
        ("\tx", "'\tx"),
        ("\t=x", "'\t'=x"),
        ("\nx", "'\nx"),
        ("+12025550142", "+12025550142"),
        ("+1202555···", "+1202555···"),
        ("+12025550142;=1", "'+12025550142;'=1"),
        ("a=1, b-2; c", "a=1, b-2; c"),
        ("person@example.com", "person@example.com"),
        ("Zoë O'Neil", "Zoë O'Neil"),
    ],
)
def test_a_value_is_shown_so_that_nothing_runs(field, value, shown):
    assert cell(field(value)) == shown


def test_nothing_is_an_empty_cell(field):
    assert field(None) == field("") == ""


def test_what_a_program_might_part_is_quoted(field):
    assert field("a;b") == '"a;b"'
    assert field("a\tb") == '"a\tb"'
    assert field("a b") == "a b"


@settings(max_examples=400, deadline=None)
@given(value=st.text(alphabet=st.sampled_from(SIGNS + ";,\t\r\n\" 'x1·\u00a0"), max_size=12))
def test_wherever_a_spreadsheet_parts_a_line_no_part_is_a_formula(field, value):
    """Excel where decimals have a comma: parted at semicolons, tabs and line ends, whatever stands in quotes."""
    for part in re.split(r"[;\t\r\n]", field(value)):
        bare = part.lstrip('" \u00a0')
        assert not bare.startswith(tuple(SIGNS)) or re.fullmatch(r"\+[0-9·]+", field(value)), part


@settings(max_examples=200, deadline=None)
@given(value=st.text(max_size=20).filter(lambda text: "\0" not in text))
def test_no_character_is_lost(field, value):
    shown = cell(field(value)) if value else ""
    assert shown.replace("'", "") == value.replace("'", "")
