"""Segments in SQL as files have them."""

import pytest
import yaml

from campaigns.as_files.difference import in_words
from campaigns.as_files.exporting import export
from campaigns.as_files.marks import FileProblem
from campaigns.segments.models import Segment
from campaigns.segments.saving import draft_of

FILE = """
segments:
  - name: Good orders
    customer_database: Demo customers
    sql: |
      -- who ordered well
      SELECT customer_id
      FROM orders
      WHERE amount >= 50
  - name: Others
    customer_database: Demo customers
    rules: {none: [{segment: Good orders}]}
"""
SQL = "-- who ordered well\nSELECT customer_id\nFROM orders\nWHERE amount >= 50"


def _stored(name: str = "Good orders") -> Segment:
    return Segment.objects.get(name=name)


def test_a_query_is_stored_and_named_by_other_segments(apply, customer_database):
    apply(FILE)
    assert draft_of(_stored()).rules == {"all": [{"sql": SQL}]}
    assert draft_of(_stored("Others")).rules == {"none": [{"segment": _stored().pk}]}


def test_an_export_has_it_line_by_line_and_changes_nothing(apply, customer_database):
    apply(FILE)
    text = export()
    assert "    sql: |-\n      -- who ordered well\n      SELECT customer_id\n" in text
    entry = yaml.safe_load(text)["segments"][0]
    assert entry["sql"] == SQL
    assert "rules" not in entry
    part = text[text.index("\nsegments:") :]
    assert in_words(apply(part).changes) == ["= 2 unchanged"]
    assert in_words(apply(FILE).changes) == ["= 2 unchanged"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'tab\there' FROM orders",
        "SELECT customer_id\n\n  FROM orders",
        "SELECT ':#é🎉'",
        "SELECT ' x \n'",
    ],
)
def test_any_text_comes_back_as_it_was(apply, customer_database, sql):
    rules = {"version": 2, "rules": {"all": [{"sql": sql}]}}
    Segment.objects.create(customer_database=customer_database, name="Odd", rules=rules)
    text = export()
    apply(text[text.index("\nsegments:") :])
    assert draft_of(_stored("Odd")).rules == rules["rules"]


def test_the_longer_form_below_rules_is_read_too(apply, customer_database):
    apply(FILE)
    longer = "segments:\n  - name: Good orders\n    rules: {all: [{sql: SELECT customer_id FROM orders}]}\n"
    assert apply(longer).changes
    assert draft_of(_stored()).rules == {"all": [{"sql": "SELECT customer_id FROM orders"}]}


def test_a_query_becomes_rules_and_back(apply, customer_database):
    apply(FILE)
    apply("segments:\n  - {name: Good orders, rules: {all: [{attribute: customer_360.city, is: Chicago}]}}\n")
    assert "sql" not in str(draft_of(_stored()).rules)
    apply(FILE)
    assert draft_of(_stored()).rules == {"all": [{"sql": SQL}]}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("sql: |", "rules: {all: [{attribute: orders.amount, gte: 5}]}\n    sql: |", "either rules or sql"),
        ("FROM orders", "FROM read_csv('/etc/passwd')", "read_csv"),
        ("SELECT customer_id", "DELETE", "DELETE is none"),
        ("FROM orders", "FROM elsewhere", "no table elsewhere"),
        ("WHERE", "; DROP TABLE orders; SELECT", "remove all but one"),
    ],
)
def test_what_cannot_be_is_told_at_its_key_and_stores_nothing(apply, customer_database, old, new, words):
    with pytest.raises(FileProblem) as caught:
        apply(FILE.replace(old, new))
    assert words in str(caught.value)
    assert "sql" in str(caught.value)
    assert not Segment.objects.exists()


def test_an_empty_query_is_refused(apply, customer_database):
    with pytest.raises(FileProblem, match="Enter a query"):
        apply("segments:\n  - {name: Empty, customer_database: Demo customers, sql: ''}\n")
