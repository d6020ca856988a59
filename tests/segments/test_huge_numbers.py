"""Numbers that no database can hold, as a hand-made request has them: refused or taken for nothing, never a fault."""

from __future__ import annotations

import json

import pytest

from tests.segments.form import segment_form

HUGE = 10**23


def kept(rule):
    return {"*-kind": "kept", "*-kept": json.dumps(rule)}


RULES: list[dict[str, object]] = [
    {kind: number} for kind in ("segment", "list") for number in (HUGE, -HUGE, 10**18, 0, True)
]
RULES += [{"any": [{"segment": HUGE}, {"none": [{"list": HUGE}]}]}]


@pytest.mark.parametrize("rule", RULES, ids=json.dumps)
def test_a_rule_kept_as_it_was_cannot_name_what_no_database_has(client, database, rule):
    posted = segment_form(*[kept(rule)], customer_database=database.pk, action="save")
    answer = client.post("/segments/new/", posted)
    assert answer.status_code == 200
    assert "is-bad" in answer.content.decode(), "it is not saved, and says why"


@pytest.mark.parametrize("page", ["/segments/size/", "/segments/people/"])
def test_the_live_numbers_leave_such_a_rule_out(client, database, page):
    posted = segment_form(kept({"segment": HUGE}), kept({"list": HUGE}), customer_database=database.pk)
    assert client.post(page, posted, headers={"HX-Request": "true"}).status_code == 200
