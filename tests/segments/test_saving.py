"""Checking and storing a segment: the door of the editor and of `apply`."""

from __future__ import annotations

from uuid import uuid4

import pytest

from campaigns.segments.models import Segment
from campaigns.segments.plain import Draft, SegmentRefused
from campaigns.segments.saving import draft_of, store, validate
from config import clock
from config.audit.models import Event
from config.versions import EditedMeanwhile
from tests.segments.saved import CHICAGO, of, shop_like


@pytest.fixture
def draft(database):
    def make(*rules, **changes):
        fields = {
            "name": "Chicago",
            "customer_database": database.pk,
            "rules": {"all": list(rules) or [CHICAGO]},
        }
        return Draft(**{**fields, **changes})

    return make


def problems(draft):
    return {problem.path: problem.message for problem in validate(draft)}


def test_it_stores_a_segment_and_records_who_did(draft, marketer):
    segment = store(draft(description=" Who lives there "), None, marketer, None)
    assert (segment.name, segment.description, segment.version) == ("Chicago", "Who lives there", 1)
    assert segment.rules == {"version": 2, "rules": {"all": [CHICAGO]}}
    assert Event.objects.get(verb="created", object_type="segment").actor == marketer
    assert draft_of(segment).rules == {"all": [CHICAGO]}


def test_every_rule_tells_its_own_problem(draft):
    found = problems(
        draft(
            of("city"),
            {"any": [of("points", gte="many"), CHICAGO, of("town", **{"is": "x"})]},
            of("city", gte=3),
            {"none": []},
        )
    )
    assert found == {
        ("rules", "all", 0): "Choose one comparison, such as is or gte.",
        ("rules", "all", 1, "any", 0): "Enter a number.",
        ("rules", "all", 1, "any", 2): (
            "The attribute profiles.town is gone from the customer database. Choose another one."
        ),
        ("rules", "all", 2): "“is at least” cannot be used with a text column. Choose another comparison.",
        ("rules", "all", 3, "none"): "A group needs at least one rule. Add one, or remove the group.",
    }


def test_rows_of_a_table_are_checked_within(draft):
    found = problems(
        draft({"rows": "orders", "where": {"all": [{"attribute": "orders.sum", "gt": 1}]}, "exists": True})
    )
    assert list(found) == [("rules", "all", 0, "where", "all", 0)]


def test_a_catalogue_that_was_never_read_refuses_no_attribute(draft, database):
    database.catalogue = {}
    database.save()
    assert not problems(draft(of("anything", **{"is": "x"})))


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"name": "  "}, "name", "Enter a name."),
        ({"name": "n" * 500}, "name", "500 characters"),
        ({"name": "a\0b"}, "name", "cannot be shown"),
        ({"name": "a\nb"}, "name", "cannot be shown"),
        ({"description": "d" * 501}, "description", "501 characters"),
        ({"description": "\0"}, "description", "cannot be stored"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "no time zone"),
        ({"time_zone": "z" * 5000}, "time_zone", "no time zone"),
        ({"customer_database": None}, "customer_database", "Choose a customer database."),
        ({"rules": {}}, "rules", "exactly one of all"),
        ({"rules": {"attribute": "profiles.city", "is": "x"}}, "rules", "begin with all"),
    ],
)
def test_it_refuses(draft, changes, path, words):
    found = problems(draft(**changes))
    assert list(found) == [(path,)]
    assert words in found[path,]


def test_names_are_unique_among_those_not_archived(draft):
    first = store(draft(), None, None, None)
    with pytest.raises(SegmentRefused, match="There is a segment “Chicago” already"):
        store(draft(), None, None, None)
    assert store(draft(), first, None, 1).version == 2
    first.archived_at = clock.now()
    first.save(update_fields=["archived_at"])
    assert store(draft(), None, None, None).pk != first.pk


def test_the_customer_database_is_chosen_once(draft):
    segment = store(draft(), None, None, None)
    other = shop_like("Another shop")
    with pytest.raises(SegmentRefused, match="which is chosen once"):
        store(draft(customer_database=other.pk), segment, None, 1)


def test_circles_are_refused_by_name(draft):
    first = store(draft(name="A"), None, None, None)
    second = store(draft({"segment": first.pk}, name="B"), None, None, None)
    with pytest.raises(SegmentRefused, match="“A” → “B” → “A”") as refused:
        store(draft(CHICAGO, {"none": [{"segment": second.pk}]}, name="A"), first, None, 1)
    assert refused.value.problems[0].path == ("rules", "all", 1, "none", 0, "segment")


def test_what_is_named_inside_has_to_be_there(draft):
    other = Segment.objects.create(
        customer_database=shop_like("Another shop"),
        name="Elsewhere",
        rules={"version": 1, "rules": {"all": [CHICAGO]}},
    )
    off = store(draft(name="Off"), None, None, None)
    user = store(draft({"segment": off.pk}, name="Uses it"), None, None, None)
    off.disabled_at = clock.now()
    off.save()
    found = problems(draft({"segment": 10**9}, {"segment": other.pk}, {"segment": off.pk}))
    assert [message.split(". ")[0] for message in found.values()] == [
        "The chosen segment no longer exists",
        "“Elsewhere” is about another customer database",
        "“Off” is disabled",
    ]
    assert not problems(draft({"segment": off.pk}, name="Uses it", id=user.pk)), (
        "what was chosen before stays"
    )


def test_the_later_of_two_editors_is_told(draft, marketer, operator):
    segment = store(draft(), None, marketer, None)
    store(draft(name="Theirs"), segment, operator, 1)
    with pytest.raises(EditedMeanwhile, match="Otto saved “Theirs”"):
        store(draft(name="Mine"), segment, marketer, 1)
    assert Segment.objects.get().name == "Theirs"
    assert store(draft(name="Mine"), segment, marketer, None).version == 3


def test_a_form_posted_twice_makes_one(draft):
    token = uuid4()
    first = store(draft(), None, None, None, form_token=token)
    assert store(draft(), None, None, None, form_token=token) == first
    changed = store(draft(name="Another"), None, None, None, form_token=token)
    assert changed != first, "gone back to and changed: nobody's work is lost"


def test_a_size_is_forgotten_when_the_rules_change_alone(draft):
    segment = store(draft(), None, None, None)
    Segment.objects.update(size=3, size_counted_at=clock.now())
    assert store(draft(name="Renamed"), segment, None, None).size == 3
    assert store(draft(of("city", is_not="Chicago")), segment, None, None).size is None
