"""What the editor's buttons do to a tree of rules."""

import pytest

from campaigns.segments.tree import (
    Branch,
    Relation,
    Row,
    act,
    at,
    can_move,
    countable,
    items,
    place_at,
    relation_of,
    without,
)


def row(name):
    return Row(attribute=name)


TREE = Branch("all", (row("a"), Branch("any", (row("b"), Branch("none", (row("c"),)))), row("d")))


ORDERS = Branch("any", (row("o"), Branch("none", (row("p"),))), Relation("orders"))
WITH_ROWS = Branch("all", (row("a"), ORDERS, row("d")))


def leaves(branch):
    return [(place, item) for place, item in items(branch) if isinstance(item, Row)]


def drawn(branch):
    """a [b (c)] d: what stands where, groups in brackets."""
    return " ".join(
        item.attribute or "_" if isinstance(item, Row) else f"[{drawn(item)}]" for item in branch.rules
    )


@pytest.mark.parametrize(
    ("action", "result", "focus"),
    [
        ("add-rule:r", "a [b [c]] d _", "r-3-attribute"),
        ("add-rule:r-1-1", "a [b [c _]] d", "r-1-1-1-attribute"),
        ("add-group:r-1", "a [b [c] [_]] d", "r-1-2-0-attribute"),
        ("duplicate:r-1", "a [b [c]] [b [c]] d", "r-2-menu"),
        ("duplicate:r-0", "a a [b [c]] d", "r-1-menu"),
        ("remove:r-0", "[b [c]] d", "r-0-menu"),
        ("remove:r-2", "a [b [c]]", "r-1-menu"),
        ("remove:r-1-1-0", "a [b] d", "r-1-0-menu"),
        ("remove:r-1", "a d", "r-1-menu"),
        ("up:r-0", "a [b [c]] d", "r-0-menu"),
        ("down:r-2", "a [b [c]] d", "r-2-menu"),
        ("down:r-0", "[a b [c]] d", "r-0-0-menu"),
        ("up:r-2", "a [b [c] d]", "r-1-2-menu"),
        ("up:r-1-0", "a b [[c]] d", "r-1-menu"),
        ("down:r-1-0", "a [[b c]] d", "r-1-0-0-menu"),
        ("up:r-1-1-0", "a [b c] d", "r-1-1-menu"),
        ("down:r-1-1-0", "a [b c] d", "r-1-1-menu"),
        ("up:r-1", "[b [c]] a d", "r-0-menu"),
        ("down:r-1", "a d [b [c]]", "r-2-menu"),
        ("up:r-1-1", "a [[c] b] d", "r-1-0-menu"),
        ("down:r-1-1", "a [b] [c] d", "r-2-menu"),
    ],
)
def test_a_button(action, result, focus):
    tree, found = act(TREE, action)
    assert (drawn(tree), found) == (result, focus)


@pytest.mark.parametrize(
    "action",
    ["", "refresh", "up:", "up:r", "up:r-9", "remove:r", "duplicate:r", "add-rule:r-0", "add-rule:r-1-1-0-0", "up:x",
     "wrap:r", "unwrap:r",
     "remove:r-99999-1", "fly:r-0", "up:r-" + "1-" * 200, "add-rule:r-٣"],
)  # fmt: skip
def test_what_cannot_be_done_changes_nothing(action):
    assert act(TREE, action)[0] == TREE


def test_a_group_in_a_group_that_is_left_goes_with_its_last_rule():
    tree = Branch("all", (row("a"), Branch("any", (Branch("none", (row("c"),)),))))
    assert drawn(act(tree, "up:r-1-0-0")[0]) == "a [c]"
    assert drawn(act(tree, "remove:r-1-0-0")[0]) == "a"


def test_the_last_rule_leaves_an_empty_one():
    assert act(Branch("any", (row("a"),)), "remove:r-0")[0] == Branch("any", (Row(),))


def test_no_rule_is_lost_by_moving():
    tree = TREE
    for _ in range(10):
        for place, _row in list(leaves(tree)):
            for verb in ("up", "down", "down", "up"):
                moved = act(tree, f"{verb}:r-{'-'.join(map(str, place))}")[0]
                assert sorted(one.attribute for _, one in leaves(moved)) == ["a", "b", "c", "d"]
        tree = act(tree, "down:r-0")[0]


def test_paths_lead_to_places():
    assert place_at(("all", 1, "any", 0, "is"), TREE) == (1, 0)
    assert place_at(("all", 0, "between", 1), TREE) == (0,)
    assert place_at(("all", 0, "where", "all", 2), TREE) == (0,)
    assert place_at(("all", 1, "where", "any", 1, "none", 0, "is"), WITH_ROWS) == (1, 1, 0)
    assert place_at(("all", 1, "in", 1), WITH_ROWS) == (1,)
    assert place_at(("all", 99), TREE) == ()


def test_rules_are_left_out_with_the_groups_they_empty():
    assert drawn(without(TREE, {(1, 1, 0)})) == "a [b] d"
    assert without(Branch("all", (row("a"),)), {(0,)}) is None
    assert at(TREE, (1, 1, 0)) == row("c")


def test_a_condition_stays_with_its_rows_and_no_rule_gets_among_them():
    assert not can_move(WITH_ROWS, (1, 0), -1)
    assert not can_move(WITH_ROWS, (1, 1), 1)
    assert drawn(act(WITH_ROWS, "down:r-0")[0]) == "[o [p]] a d"
    assert drawn(act(WITH_ROWS, "up:r-1-1-0")[0]) == "a [o p] d"
    assert act(WITH_ROWS, "add-rows:r-1")[0] == WITH_ROWS


def test_rows_without_conditions_are_all_rows():
    bare = act(act(WITH_ROWS, "remove:r-1-1")[0], "remove:r-1-0")[0]
    assert at(bare, (1,)) == Branch("any", (), Relation("orders"))
    assert act(bare, "remove:r-1")[1] == "r-1-menu"


def test_rows_count_as_one_rule():
    assert [place for place, _ in countable(WITH_ROWS)] == [(0,), (1,), (2,)]
    assert relation_of(WITH_ROWS, (1, 1, 0)) == (1,)
    assert relation_of(WITH_ROWS, (0,)) is None


def test_rows_of_a_table_are_added_with_the_focus_on_the_table():
    tree, focus = act(TREE, "add-rows:r-1")
    assert at(tree, (1, 2)) == Branch("all", (), Relation())
    assert focus == "r-1-2-table"


@pytest.mark.parametrize(
    ("action", "result", "focus"),
    [
        ("wrap:r-0", "[a] [b [c]] d", "r-0-0-menu"),
        ("wrap:r-1", "a [[b [c]]] d", "r-1-0-menu"),
        ("unwrap:r-1", "a b [c] d", "r-1-menu"),
        ("unwrap:r-0", "a [b [c]] d", "r-0-menu"),
    ],
)
def test_groups_are_made_and_dissolved(action, result, focus):
    tree, found = act(TREE, action)
    assert (drawn(tree), found) == (result, focus)


def test_rows_are_not_dissolved():
    assert act(WITH_ROWS, "unwrap:r-1")[0] == WITH_ROWS
