"""Which stored group an entry means."""

import pytest

from campaigns.as_files.keys import TREATMENT_GROUP, entry, list_of
from campaigns.as_files.marks import FileProblem, read
from campaigns.as_files.matching import match_parts

STORED = {7: "Gold", 8: "Silver"}


def matched(text, stored=STORED):
    entries = list_of(entry(TREATMENT_GROUP))(read(f"groups: {text}").at(("groups",)))
    return match_parts(entries, stored, "treatment group")


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("[{name: Silver}, {name: Gold}]", [8, 7]),
        ("[{name: Golds, id: 7}, {name: Silver}]", [7, 8]),
        ("[{name: Golds, was: Gold}, {name: Silver}]", [7, 8]),
        ("[{name: Gold, id: 8}, {name: Silver, id: 7}]", [8, 7]),
        ("[{name: Gold, was: Golden}, {name: Silver}]", [7, 8]),
        ("[{name: Gold}, {name: Silver}, {name: Bronze}]", [7, 8, None]),
        ("[{name: Gold}]", [7]),
    ],
)
def test_by_id_else_by_name_else_by_the_name_it_had(text, ids):
    assert matched(text) == ids


def test_a_new_campaign_has_only_new_groups():
    assert matched("[{name: Gold, id: 7}, {name: Silver, was: Zinc}]", {}) == [None, None]


def test_what_may_be_a_rename_is_asked_about():
    with pytest.raises(FileProblem, match=r"“Golds” is new while “Gold” vanishes.*was: Gold \(or its id:\)"):
        matched("[{name: Golds}, {name: Silver}]")


def test_an_id_that_is_not_of_this_campaign_does_not_hide_a_rename():
    with pytest.raises(FileProblem, match="vanishes"):
        matched("[{name: Golds, id: 99}, {name: Silver}]")


def test_one_stored_group_is_not_taken_twice():
    with pytest.raises(FileProblem, match="vanishes"):
        matched("[{name: A, id: 7}, {name: B, id: 7}]")
