"""What is said of columns, in files: the whole list or none of it, and nobody is asked for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.as_files.difference import in_words
from campaigns.as_files.marks import FileProblem
from campaigns.customers.catalogue import stored
from campaigns.customers.marks import Mark, marks_of
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.saving import fields_of, save_customer_database
from tests.as_files.test_export import AWKWARD, only

COLUMNS = """
customer_databases:
  - name: Demo customers
    columns:
      - {column: customer_360.city, label: Home town, description: Where they live, personal: true}
      - {column: customer_360.state, hidden: true}
"""
words = st.one_of(st.sampled_from(AWKWARD), st.text(max_size=30)).map(str.strip).filter(str.isprintable)
said = st.builds(Mark, words, words, st.sampled_from([None, True, False]), st.booleans())
paths = st.one_of(
    st.sampled_from(["customer_360.city", "customer_360.birthday", "orders.amount", "gone.by now"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=9).map(
        "orders.{}".format
    ),
)


@pytest.fixture(autouse=True)
def _nobody_is_asked(customer_database, monkeypatch):
    def nobody(*_, **__):
        raise AssertionError("the customer database was connected to")

    monkeypatch.setattr("campaigns.customers.saving.read_catalogue", nobody)


def _marks():
    return marks_of(CustomerDatabase.objects.get().column_marks)


def test_a_file_says_it_all(apply):
    told = in_words(apply(COLUMNS).changes)
    assert "    columns[0].label: Home town" in told
    assert _marks() == {
        "customer_360.city": Mark("Home town", "Where they live", personal=True),
        "customer_360.state": Mark(hidden=True),
    }
    assert stored(CustomerDatabase.objects.get()).column("customer_360.city").values == ()
    assert in_words(apply(COLUMNS).changes) == ["= 1 unchanged"]


def test_a_list_that_is_given_is_the_whole_list_and_one_left_out_changes_nothing(apply):
    apply(COLUMNS)
    apply("customer_databases:\n  - {name: Demo customers}\n")
    assert len(_marks()) == 2
    apply(
        "customer_databases:\n  - {name: Demo customers, columns: [{column: orders.amount, hidden: true}]}\n"
    )
    assert _marks() == {"orders.amount": Mark(hidden=True)}
    apply("customer_databases:\n  - {name: Demo customers, columns: []}\n")
    assert _marks() == {}


def test_a_dry_run_tells_it_and_stores_nothing(apply):
    assert "    columns[1].hidden: true" in in_words(apply(COLUMNS, dry_run=True).changes)
    assert _marks() == {}


def test_a_column_that_is_not_there_is_a_warning(apply):
    applied = apply(COLUMNS.replace("customer_360.state", "customer_360.gone"))
    assert [str(warning).partition("muster.yaml, ")[2] for warning in applied.warnings] == [
        "line 6, customer_databases[0].columns[1].column: There is no column customer_360.gone now. "
        "What is said of it waits until there is."
    ]
    assert _marks()["customer_360.gone"] == Mark(hidden=True)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("customer_360.state", "customer_360.city", "columns[1].column: Two entries have the column"),
        ("customer_360.state", "state", "columns[1].column: Write a column as table.column"),
        (
            "customer_360.state",
            "orders.customer_id",
            "columns[1].column: orders.customer_id is the customer key",
        ),
        ("Home town", "N" * 101, "columns[0].column: customer_360.city: Enter a label of at most 100"),
        ("hidden: true", "hidden: sometimes", "columns[1].hidden: Write true or false."),
        ("hidden: true", "secret: true", "columns[1].secret: This key is unknown."),
        ("column: customer_360.city,", "", "columns[0]: The key column is missing. Add it."),
    ],
)
def test_what_is_wrong_is_told_at_its_line(apply, old, new, place):
    with pytest.raises(FileProblem) as caught:
        apply(COLUMNS.replace(old, new))
    assert f"customer_databases[0].{place}" in str(caught.value)
    assert _marks() == {}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(paths, said, max_size=4))
def test_an_export_applied_again_changes_nothing(customer_database, apply, marks):
    with transaction.atomic():
        fields = replace(fields_of(customer_database), marks=marks)
        before = save_customer_database(fields, customer_database, None, connect=False)
        assert in_words(apply(only("customer_databases")).changes) == ["= 1 unchanged"]
        assert CustomerDatabase.objects.get().column_marks == before.column_marks
        assert marks_of(before.column_marks) == {column: mark for column, mark in marks.items() if mark}
        transaction.set_rollback(True)
