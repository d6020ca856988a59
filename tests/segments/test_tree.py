"""What the editor's buttons do to a tree of rules."""

import pytest

from campaigns.segments.tree import Branch, Row, act, at, place_at, rows, without


def row(name):
    return Row(attribute=name)


TREE = Branch("all", (row("a"), Branch("any", (row("b"), Branch("none", (row("c"),)))), row("d")))


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
        for place, _row in list(rows(tree)):
            for verb in ("up", "down", "down", "up"):
                moved = act(tree, f"{verb}:r-{'-'.join(map(str, place))}")[0]
                assert sorted(one.attribute for _, one in rows(moved)) == ["a", "b", "c", "d"]
        tree = act(tree, "down:r-0")[0]


def test_paths_lead_to_places():
    assert place_at(("all", 1, "any", 0, "is"), TREE) == (1, 0)
    assert place_at(("all", 0, "between", 1), TREE) == (0,)
    assert place_at(("all", 0, "where", "all", 2), TREE) == (0,)
    assert place_at(("all", 99), TREE) == ()


def test_rules_are_left_out_with_the_groups_they_empty():
    assert drawn(without(TREE, {(1, 1, 0)})) == "a [b] d"
    assert without(Branch("all", (row("a"),)), {(0,)}) is None
    assert at(TREE, (1, 1, 0)) == row("c")
