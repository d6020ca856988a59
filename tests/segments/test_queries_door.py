"""Who may make and change a query, whichever way it comes."""

import pytest
from django.core.exceptions import PermissionDenied

from campaigns.segments.models import Segment
from campaigns.segments.plain import Draft, SegmentRefused
from campaigns.segments.saving import copy, draft_of, set_enabled, store, validate
from tests.segments.saved import CHICAGO

SQL = "SELECT customer_id FROM profiles WHERE city = 'Chicago'"
QUERY = {"all": [{"sql": SQL}]}
RULES = {"all": [CHICAGO]}
ASK = "Only people with the permission “writes SQL”"


@pytest.fixture
def writer(marketer):
    marketer.writes_sql = True
    marketer.save()
    return marketer


@pytest.fixture
def draft(database):
    def make(rules=QUERY, name="Chicago", **more):
        return Draft(name=name, customer_database=database.pk, rules=rules, **more)

    return make


@pytest.fixture
def stored(draft):
    return store(draft(), None, None, None)


def test_who_writes_sql_makes_and_changes_a_query(draft, writer):
    segment = store(draft(), None, writer, None)
    changed = store(draft({"all": [{"sql": f"{SQL} -- again"}]}), segment, writer, segment.version)
    assert changed.version == 2
    assert changed.rules["rules"]["all"] == [{"sql": f"{SQL} -- again"}]


def test_without_the_permission_none_is_made(draft, marketer, operator, administrator):
    for person in (marketer, operator, administrator):
        with pytest.raises(SegmentRefused, match=ASK):
            store(draft(), None, person, None)
    assert not Segment.objects.exists()


def test_a_viewer_who_has_the_permission_makes_none(draft, viewer):
    viewer.writes_sql = True
    with pytest.raises(SegmentRefused, match=ASK):
        store(draft(), None, viewer, None)


@pytest.mark.parametrize("rules", [RULES, {"all": [{"sql": "SELECT customer_id FROM orders"}]}])
def test_without_the_permission_a_query_is_neither_changed_nor_replaced(draft, stored, marketer, rules):
    with pytest.raises(SegmentRefused, match=ASK):
        store(draft(rules), stored, marketer, stored.version)
    stored.refresh_from_db()
    assert draft_of(stored).rules == QUERY


def test_without_the_permission_rules_are_not_made_a_query(draft, marketer):
    segment = store(draft(RULES), None, marketer, None)
    with pytest.raises(SegmentRefused, match=ASK):
        store(draft(), segment, marketer, segment.version)


def test_who_writes_sql_copies_a_query(stored, writer):
    assert draft_of(copy(stored, writer, None)).rules == QUERY


def test_without_the_permission_it_is_not_copied(stored, marketer):
    with pytest.raises(PermissionDenied, match=ASK):
        copy(stored, marketer, None)
    assert Segment.objects.get() == stored


def test_without_the_permission_it_is_renamed_and_disabled(draft, stored, marketer):
    assert store(draft(name="Renamed"), stored, marketer, stored.version).name == "Renamed"
    assert set_enabled(stored, marketer, is_enabled=False)


def test_a_file_may_hold_one(draft):
    assert store(draft(), None, None, None).pk


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("SELECT * FROM profiles", "Write its column instead of *"),
        ("SELECT customer_id\nFROM elsewhere", "Line 2: There is no table elsewhere"),
        ("DROP TABLE profiles", "DROP is none"),
        ("SELECT content FROM read_text('/etc/passwd')", "read_text"),
    ],
)
def test_what_the_check_refuses_is_not_stored_by_anybody(draft, writer, sql, word):
    (problem,) = validate(draft({"all": [{"sql": sql}]}))
    assert problem.path == ("rules", "all", 0, "sql")
    assert word in problem.message
    for person in (writer, None):
        with pytest.raises(SegmentRefused):
            store(draft({"all": [{"sql": sql}]}), None, person, None)


def test_it_is_written_in_the_dialect_of_the_customer_database(draft, database):
    database.url = "postgres://reader@db.example.com/shop"
    database.save()
    assert validate(draft({"all": [{"sql": "SELECT customer_id FROM profiles WHERE city ~ '^C'"}]})) == []
    database.url = "mysql://reader@db.example.com/shop"
    database.save()
    (problem,) = validate(draft({"all": [{"sql": "SELECT customer_id FROM profiles WHERE city ~ '^C'"}]}))
    assert "cannot be read" in problem.message


@pytest.mark.parametrize("match", ["any", "none"])
def test_a_query_stands_alone(draft, match):
    for rules in ({match: [{"sql": SQL}]}, {"all": [CHICAGO, {"sql": SQL}]}):
        assert "stands alone" in validate(draft(rules))[0].message
