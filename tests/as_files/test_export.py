"""What is exported and applied again is what was there: for any names, rules and schedules."""

from __future__ import annotations

from decimal import Decimal

import pytest
import yaml
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.as_files import keys
from campaigns.as_files.difference import in_words
from campaigns.as_files.exporting import export
from campaigns.as_files.sections import SECTIONS
from campaigns.planning.draft import Draft, DraftGroup, DraftSubAudience, draft_of, save
from campaigns.planning.models import Campaign
from campaigns.planning.naming import name_problem
from campaigns.segments.plain import Draft as SegmentDraft
from campaigns.segments.saving import store
from destinations.kinds import KINDS

CARRIES = KINDS["attentive_segments"]
# What YAML could take for something else, and what a file could not carry plainly.
AWKWARD = [
    "no",
    "12",
    "1e5",
    "~",
    "null",
    "true",
    "10:00",
    "2027-03-01",
    "0123",
    "- a",
    "a: b",
    "{x}",
    "#1",
    "É é",
    "🎉 a",
]
names = st.one_of(st.sampled_from(AWKWARD), st.text(min_size=1, max_size=30)).map(str.strip).filter(
    lambda name: name.isprintable() and not name_problem(name) and not CARRIES.name_problem(name)
)  # fmt: skip
texts = st.one_of(
    st.sampled_from(AWKWARD), st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
)
cities = st.one_of(
    texts.map(lambda value: {"attribute": "customer_360.city", "is": value}),
    st.lists(texts, min_size=1, max_size=3).map(
        lambda value: {"attribute": "customer_360.city", "in": value}
    ),
)
numbers = st.one_of(st.integers(-(10**17), 10**17), st.floats(-1e15, 1e15)).map(
    lambda value: {"attribute": "customer_360.lifetime_value", "gte": value}
)
dates = st.dates().map(lambda value: {"attribute": "customer_360.birthday", "on": value.isoformat()})
spans = st.integers(1, 999).map(lambda n: {"attribute": "customer_360.birthday", "in_last": f"{n} days"})
flags = st.booleans().map(lambda value: {"attribute": "customer_360.email_opt_in", "is": value})
counts = st.integers(0, 99).map(lambda n: {"rows": "orders", "aggregate": "count", "lt": n})
rules = st.recursive(
    st.one_of(cities, numbers, dates, spans, flags, counts),
    lambda inner: st.builds(
        lambda match, items: {match: items},
        st.sampled_from(["all", "any", "none"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
).map(lambda node: {"all": [node]})
schedules = st.sampled_from(
    [{}, {"asap": True}, {"at": "2027-03-01T09:00"}, {"daily": "10:00", "times": 3},
     {"weekly": ["mon"], "time": "09:00", "until": "2027-06-01"}, {"monthly": 31, "time": "00:00"}]
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(names, min_size=3, max_size=3, unique_by=str.casefold), texts, rules, schedules,
    st.integers(1, 9999), st.booleans(),
)  # fmt: skip
def test_an_export_applied_again_changes_nothing(
    destination, customer_database, apply, found, description, one_rule, schedule, cut, first_only
):
    with transaction.atomic():  # each example begins with nothing
        segments = [
            store(SegmentDraft(name, customer_database.pk, one_rule, description.strip()), None, None, None)
            for name in found[:2]
        ]
        share = Decimal(cut) / 100
        groups = (
            DraftGroup("Held", share, is_control=True),
            DraftGroup("Offer", 100 - share, destinations=(destination.pk,)),
        )
        part = DraftSubAudience(
            "Some", groups, rules={"version": 1, "rules": {"all": [{"segment": segments[1].pk}]}}
        )
        rest = DraftSubAudience("Rest", (DraftGroup("Others", Decimal(100)),))
        included = (segments[0].pk,)
        draft = Draft(
            found[2], customer_database.pk, included, (), first_only, (part, rest), schedule=schedule
        )
        campaign = save(draft, None, None, None)
        before = draft_of(campaign)
        again = apply(only("segments", "campaigns"))
        assert in_words(again.changes) == ["= 3 unchanged"]
        assert draft_of(Campaign.objects.get()) == before
        transaction.set_rollback(True)


def only(*sections: str) -> str:
    """The export's own text of some sections."""
    text = export()
    starts = {key: text.index(f"\n{key}:\n") + 1 for key in SECTIONS if f"\n{key}:\n" in text}
    ends = [*sorted(starts.values()), len(text)]
    return "".join(text[starts[key] : ends[ends.index(starts[key]) + 1]] for key in sections)


def test_an_empty_muster_exports_an_empty_file(db, apply):
    text = export()
    assert yaml.safe_load(text) is None
    assert apply(text).changes == []


@pytest.mark.parametrize(
    ("section", "table"),
    [
        ("customer_databases", keys.CUSTOMER_DATABASE),
        ("credentials", keys.CREDENTIAL),
        ("destinations", keys.DESTINATION),
        ("segments", keys.SEGMENT),
        ("campaigns", keys.CAMPAIGN),
    ],
)
def test_every_key_that_a_file_may_have_is_exported(apply, destination, section, table):
    from tests.as_files.conftest import CAMPAIGN, SEGMENTS

    query = "  - {name: Query, customer_database: Demo customers, sql: SELECT customer_id FROM orders}\n"
    apply(SEGMENTS + query + CAMPAIGN)
    assert {key for entry in yaml.safe_load(export())[section] for key in entry} == set(table)


def test_what_is_archived_is_not_exported(apply, destination):
    destination.archived_at = destination.created_at
    destination.save()
    assert "destinations" not in yaml.safe_load(export())
