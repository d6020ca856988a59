"""Treatment groups while they are edited: shares that sum, names that stay apart, the same in each sub-audience."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.planning.draft import DraftSubAudience, draft_of, save, validate
from campaigns.planning.editor import act
from campaigns.planning.groups import alike, copied_name, even
from tests.planning.conftest import control, group, rest


def shares(draft, index=0):
    return [str(one.share) for one in draft.sub_audiences[index].groups]


def names(draft, index):
    return [one.name for one in draft.sub_audiences[index].groups]


@given(st.integers(1, 10_000), st.integers(1, 200))
def test_even_shares_differ_by_a_hundredth_at_most_and_sum(hundredths, parts):
    whole = Decimal(hundredths) / 100
    found = even(whole, parts)
    assert sum(found) == whole
    assert max(found) - min(found) <= Decimal("0.01")


def test_treated_groups_share_evenly_what_control_leaves(draft):
    before = draft(rest(control(percent="10"), group("A1x", "1"), group("B1x", "2"), group("C1x", "3")))
    assert shares(act(before, "split-evenly:0")) == ["10", "30.00", "30.00", "30.00"]


def test_without_control_a_third_is_rounded_so_that_all_sum_to_100(draft):
    before = draft(rest(group("Early", "1"), group("Noon", "1"), group("Late", "1")))
    assert shares(act(before, "split-evenly:0")) == ["33.34", "33.33", "33.33"]


def test_where_control_leaves_nothing_all_groups_share(draft):
    before = draft(rest(control(percent="100"), group("Offer", "1")))
    assert shares(act(before, "split-evenly:0")) == ["50.00", "50.00"]


@pytest.mark.parametrize(
    ("name", "source", "to", "expected"),
    [
        ("GoldOffer", "Gold", "Silver", "SilverOffer"),
        ("Offer", "Gold", "Lapsed 6 months", "Lapsed6MonthsOffer"),
        ("Gold", "Gold", "Silver", "SilverGold"),
        ("offer", "All remaining recipients", "Gold", "GoldOffer"),
        ("Offer", "Gold", "", "Offer"),
    ],
)
def test_a_copied_group_has_its_sub_audiences_name_in_front(name, source, to, expected):
    assert copied_name(name, source, to) == expected


@pytest.fixture
def two(draft, segments, mail):
    """Gold with two groups, and the rest with one, which are to be the same."""
    gold = DraftSubAudience(
        "Gold", (control("GoldHoldout"), group("GoldOffer", "90", mail)), segments=(segments[2].pk,)
    )
    return replace(draft(gold, rest(group("Everyone", "100"))), same_groups=True)


def test_the_same_groups_follow_the_first_sub_audience(two, mail):
    found = alike(two)
    assert shares(found, 1) == ["10.00", "90"]
    assert names(found, 1) == ["Everyone", "AllRemainingRecipientsOffer"]
    assert found.sub_audiences[1].groups[1].destinations == (mail.pk,)
    assert not validate(found, None).errors


def test_groups_are_added_to_and_removed_from_all_alike(two):
    found = act(alike(two), "add-group:0")
    assert [len(item.groups) for item in found.sub_audiences] == [3, 3]
    found = act(found, "remove-group:0:0")
    assert names(found, 0) == ["GoldOffer", "Recipient1"]
    assert names(found, 1)[0] == "AllRemainingRecipientsOffer"


def test_a_new_sub_audience_gets_the_same_groups_under_its_own_name(two):
    found = act(alike(two), "add-segments")
    assert names(found, 1) == ["NewHoldout", "NewOffer"]
    assert shares(found, 1) == shares(found, 0)


def test_ids_and_names_of_stored_groups_stay_when_they_become_the_same(two, marketer):
    stored = save(alike(two), None, marketer, None)
    before = draft_of(stored)
    assert before.same_groups
    changed = replace(
        before,
        sub_audiences=(
            replace(before.sub_audiences[0], groups=(control(id=before.sub_audiences[0].groups[0].id),)),
            before.sub_audiences[1],
        ),
    )
    kept = alike(changed).sub_audiences[1].groups
    assert [(one.id, one.name) for one in kept] == [
        (before.sub_audiences[1].groups[0].id, before.sub_audiences[1].groups[0].name)
    ]


def test_groups_that_differ_are_refused_where_they_are_to_be_the_same(two):
    errors = [problem.text for problem in validate(two, None).errors]
    assert any("differ from those of “Gold”" in text for text in errors)
