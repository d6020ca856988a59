"""What uses a segment, directly and through others, and what an edit of it changes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.planning.models import SubAudience
from campaigns.planning.schedule import upcoming
from campaigns.segments.about.in_use import effect
from campaigns.segments.models import Segment
from campaigns.segments.plain import Draft
from campaigns.segments.saving import store
from campaigns.segments.uses import campaigns_using, uses_of
from config import clock
from tests.segments.saved import CHICAGO

NOW = datetime(2027, 3, 1, 15, tzinfo=UTC)  # 09:00 in Chicago


def page(response):
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ({}, "as soon as possible"),
        ({"at": "2027-03-01T09:01"}, "on 1 March 2027 at 09:01, America/Chicago"),
        ({"daily": "09:00"}, "every day at 09:00, America/Chicago, next on 1 March 2027 at 09:01"),
    ],
)
def test_a_schedule_is_told_with_its_next_run(schedule, words):
    assert upcoming(schedule, "America/Chicago", NOW + timedelta(minutes=1)) == words
    assert upcoming(schedule, "America/Chicago", None) == ""


def test_an_edit_says_which_scheduled_campaigns_it_changes_and_when_they_run(make_segment, make_campaign):
    segment, monday = make_segment(), datetime(2027, 3, 8, 8, tzinfo=UTC)
    at = {"schedule": {"at": "2027-03-02T09:00"}, "next_run_at": datetime(2027, 3, 2, 9, tzinfo=UTC)}
    make_campaign("Spring Sale", include=[segment], **at)
    weekly = {"weekly": ["mon"], "time": "08:00"}
    make_campaign("Weekly", exclude=[segment], schedule=weekly, next_run_at=monday)
    make_campaign("Never scheduled", include=[segment], schedule=weekly)
    told = effect(uses_of(segment))
    assert told == (
        " “Never scheduled”, “Spring Sale”, “Weekly” will use it as it is now, from the next launch on."
        " Scheduled: “Spring Sale” on 2 March 2027 at 09:00, UTC;"
        " “Weekly” every week on Monday at 08:00, UTC, next on 8 March 2027 at 08:00."
    )


def test_an_edit_changes_campaigns_through_other_segments_too(make_segment, make_campaign):
    inner = make_segment("Inner")
    middle = make_segment("Middle", {"any": [{"segment": inner.pk}]})
    outer = make_segment("Outer", {"segment": middle.pk, "member": False})
    make_segment("Loop", {"segment": outer.pk})
    make_campaign("Far away", include=[outer])
    both = make_campaign("Both", include=[middle], exclude=[inner])
    other = make_campaign("Rules")
    rules: dict[str, Any] = {"version": 2, "rules": {"all": [{"segment": outer.pk}]}}
    SubAudience.objects.create(campaign=other, position=0, name="a", rules=rules)
    found = {(use.name, use.how) for use in uses_of(inner).campaigns}
    assert found == {
        ("Far away", "through “Outer”: includes it"),
        (both.name, "excludes it"),
        ("Rules", "through “Outer”: names it in the rules of a sub-audience"),
    }


@pytest.fixture
def suppressed(database, make_segment, make_campaign):
    """The suppression list, what it names, and what that names."""
    inner = make_segment("Inner")
    middle = make_segment("Middle", {"any": [{"segment": inner.pk}]})
    outer = make_segment("Unsubscribed", {"segment": middle.pk})
    database.suppression = outer
    database.save()
    make_campaign("Daily", schedule={"daily": "08:00"}, next_run_at=NOW)
    make_campaign("By hand", exclude=[inner])
    make_campaign("Archived", schedule={"daily": "08:00"}, archived_at=clock.now())
    return outer, middle, inner


def test_a_suppression_list_concerns_every_campaign_and_names_the_scheduled(suppressed):
    assert effect(uses_of(suppressed[0])) == (
        " Every campaign of “Shop” excludes its members. Scheduled: “Daily” every day at 08:00, UTC,"
        " next on 1 March 2027 at 15:00."
    )


def test_what_a_suppression_list_names_concerns_every_campaign_too(client, suppressed):
    changes = "Every campaign of “Shop” changes with it, through the suppression list “Unsubscribed”."
    scheduled = "Scheduled: “Daily” every day at 08:00, UTC, next on 1 March 2027 at 15:00."
    _, middle, inner = suppressed
    assert effect(uses_of(middle)) == f" {changes} {scheduled}"
    assert effect(uses_of(inner)) == (
        f" “By hand” will use it as it is now, from the next launch on. {changes} {scheduled}"
    )
    assert "through “Unsubscribed”: its suppression list" in page(client.get(f"/segments/{inner.pk}/"))
    assert "Every campaign of <strong>Shop</strong> changes with it" in page(
        client.get(f"/segments/{inner.pk}/edit/")
    )


def test_the_list_counts_the_campaigns_that_the_page_names(client, make_segment, make_campaign):
    inner = make_segment("Inner")
    outer = make_segment("Outer", {"any": [{"segment": inner.pk}]})
    make_campaign("Both", include=[outer], exclude=[inner])
    make_campaign("Far away", include=[outer])
    rules: dict[str, Any] = {"version": 2, "rules": {"all": [{"segment": outer.pk}]}}
    SubAudience.objects.create(campaign=make_campaign("Rules"), position=0, name="a", rules=rules)
    assert campaigns_using([inner, outer]) == {inner.pk: 3, outer.pk: 3}
    rows = re.findall(r'data-label="Campaigns">(\d+)<', page(client.get("/segments/")))
    assert rows == ["3", "3"]
    for url in (f"/segments/{inner.pk}/", f"/segments/{inner.pk}/delete/"):
        assert "3 campaigns" in page(client.get(url))


def test_a_text_that_looks_like_rules_names_nothing(make_segment):
    segment = make_segment()
    words = f'"segment": {segment.pk} and "list": {segment.pk}'
    make_segment("Words", {"attribute": "profiles.city", "is": words}, description=words)
    make_segment("Longer", {"segment": int(f"{segment.pk}1")})
    assert not uses_of(segment)


def test_nobody_is_concerned_where_nothing_uses_it(make_segment):
    assert effect(uses_of(make_segment())) == ""


def test_many_names_are_cut(make_segment, make_campaign):
    segment = make_segment()
    for number in range(8):
        make_campaign(f"C{number}", include=[segment])
    assert "“C4” and 3 more will use it" in effect(uses_of(segment))


def test_restoring_says_it_too(client, make_segment, make_campaign, marketer, database):
    segment = make_segment()
    store(Draft("Chicago", database.pk, {"all": [CHICAGO]}), segment, marketer, None)
    segment.refresh_from_db()
    store(Draft("Boston", database.pk, {"all": [{**CHICAGO, "is": "Boston"}]}), segment, marketer, None)
    make_campaign("Weekly", include=[segment], schedule={"daily": "08:00"}, next_run_at=NOW)
    answer = client.post(f"/segments/{segment.pk}/versions/2/restore/", {"version": 3}, follow=True)
    assert "Scheduled: “Weekly” every day at 08:00, UTC, next on 1 March 2027 at 15:00." in page(answer)
    assert "scheduled every day at 08:00, UTC" in page(client.get(f"/segments/{segment.pk}/"))


def test_one_in_use_is_not_deleted_and_the_campaigns_are_named(client, make_segment, make_campaign):
    segment = make_segment()
    outer = make_segment("Outer", {"segment": segment.pk})
    make_campaign("Spring Sale", include=[outer])
    text = page(client.post(f"/segments/{segment.pk}/delete/"))
    assert "It is in use, so it cannot be deleted." in text
    assert "Spring Sale" in text
    assert "Outer" in text
    assert Segment.objects.active().count() == 2


def test_it_costs_the_same_with_three_and_with_thirty(make_segment, make_campaign):
    def cost(number):
        segment = make_segment(f"S{number}")
        for place in range(number):
            outer = make_segment(f"S{number} {place}", {"segment": segment.pk})
            make_campaign(f"C{number} {place}", include=[segment], exclude=[outer])
        segment = Segment.objects.select_related("customer_database").get(pk=segment.pk)
        with CaptureQueriesContext(connection) as queries:
            uses_of(segment)
        return len(queries)

    assert cost(3) == cost(30) <= 8
