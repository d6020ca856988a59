"""Sub-audiences while they are edited: copied, moved, and never behind the one that takes the rest."""

import pytest

from campaigns.planning.editor import act
from campaigns.planning.focus import told
from campaigns.planning.plain import MOST_SUB_AUDIENCES, Draft, DraftSubAudience
from tests.planning.conftest import RULES, control, group, rest


def by_rules(name, *groups, **more):
    return DraftSubAudience(name, groups or (control(), group("Offer", "90.00")), rules=RULES, **more)


@pytest.fixture
def three():
    return Draft("Sale", 1, sub_audiences=(by_rules("Gold"), by_rules("Silver"), by_rules("Bronze"), rest()))


def names(draft):
    return [item.name for item in draft.sub_audiences]


@pytest.mark.parametrize(
    ("action", "order"),
    [
        ("put:0:2", "Silver Bronze Gold"),
        ("put:2:0", "Bronze Gold Silver"),
        ("put:1:1", "Gold Silver Bronze"),
        ("up:2", "Gold Bronze Silver"),
        ("down:0", "Silver Gold Bronze"),
    ],
)
def test_it_moves_a_sub_audience(three, action, order):
    assert names(act(three, action)) == [*order.split(), "All remaining recipients"]


@pytest.mark.parametrize(
    "action", ["put:0:3", "put:3:0", "put:0:-1", "put:0", "put:x:1", "up:0", "down:2", "up:3", "duplicate:3"]
)
def test_the_rest_stays_last_and_is_one(three, action):
    assert act(three, action) == three


def test_a_move_keeps_ids_and_all_else(three):
    assert act(act(three, "put:0:2"), "put:2:0") == three


def test_a_copy_stands_below_and_carries_its_name_in_front_of_its_groups():
    source = by_rules("Gold", control("GoldHoldout"), group("Offer", "45"), group("GoldVip", "45"), id=7)
    copy = act(Draft("Sale", 1, sub_audiences=(source, rest())), "duplicate:0").sub_audiences[1]
    assert (copy.name, copy.id, copy.rules) == ("Gold 2", None, RULES)
    assert [one.name for one in copy.groups] == ["Gold2Holdout", "Gold2Offer", "Gold2Vip"]
    assert [one.percent for one in copy.groups] == [one.percent for one in source.groups]


def test_a_copys_name_is_free(three):
    draft = act(act(three, "duplicate:0"), "duplicate:0")
    assert names(draft)[:3] == ["Gold", "Gold 3", "Gold 2"]
    assert names(act(draft, "duplicate:1"))[2] == "Gold 4"


def test_no_copy_is_one_too_many():
    full = Draft("Sale", 1, sub_audiences=tuple(by_rules(f"Part {n}") for n in range(MOST_SUB_AUDIENCES)))
    assert act(full, "duplicate:0") == full


def test_what_moved_gets_the_focus_and_is_announced(three):
    assert told(act(three, "put:0:2"), "put:0:2") == ("grip-2", "Gold is now 3 of 4.")
    assert told(act(three, "up:1"), "up:1") == ("grip-0", "Silver is now 1 of 4.")
    assert told(act(three, "duplicate:0"), "duplicate:0") == ("sub-1-name", "Gold 2 is a copy, 2 of 5.")
    for action in ("refresh", "put:a:b", "put:0:9", "up:0", "remove-group:9", "add-group:9"):
        assert told(three, action) == ("", "")


@pytest.mark.parametrize(
    ("action", "focus"),
    [
        ("add-segments", "sub-3-name"),
        ("remove-sub-audience:2", "sub-2-name"),
        ("remove-sub-audience:0", "sub-0-name"),
        ("add-group:1", "sub-1-group-2-name"),
        ("remove-group:0:1", "sub-0-group-0-name"),
        ("split-evenly:0", "sub-0-group-0-percent"),
        ("use:0:1:Better", "sub-0-group-1-name"),
        ("use::Better", "name"),
    ],
)
def test_every_button_leaves_the_focus_where_it_led(three, action, focus):
    assert told(act(three, action), action)[0] == focus
