"""Uploaded lists in the rules of a file: by name, never brought along."""

from __future__ import annotations

import pytest

from campaigns.as_files.marks import FileProblem, read
from campaigns.as_files.sections.rules import rules_from, with_names

RULES = "rules:\n  any:\n    - {list: VIP, member: false}\n    - all:\n        - {list: VIP}\n"


def rules(text):
    return rules_from(read(text).at(["rules"]), lambda node: None)


def test_a_list_is_named_and_exported_by_its_name(stored):
    one = stored("C01\n")
    data = rules(RULES)
    assert data == {"any": [{"list": one.pk, "member": False}, {"all": [{"list": one.pk}]}]}
    assert with_names(data) == {"any": [{"list": "VIP", "member": False}, {"all": [{"list": "VIP"}]}]}


@pytest.mark.parametrize("name", ["Nobody", "3", "[VIP]"])
def test_a_list_that_is_not_there_is_told_with_line_and_key(stored, name):
    stored("C01\n")
    with pytest.raises(FileProblem) as told:
        rules(f"rules:\n  all:\n    - {{list: {name}}}\n")
    assert (told.value.line, told.value.key) == (3, "rules.all[0].list")
    assert "Upload it first" in told.value.message
