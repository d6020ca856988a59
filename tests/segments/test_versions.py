"""A segment's versions: kept at every save, told apart in words, restored through the door that checks."""

from __future__ import annotations

from importlib import import_module
from uuid import uuid4

import pytest
from django.apps import apps

from campaigns.segments.models import Segment, SegmentVersion
from campaigns.segments.plain import Draft
from campaigns.segments.saving import copy, draft_of, set_enabled, store
from campaigns.segments.uploaded.models import UploadedList
from config.audit.models import Event
from tests.segments.saved import CHICAGO, of

COUNTS = ("rows", "empty", "invalid", "repeated", "values", "unmatched", "customers", "shared")
BOSTON = of("city", **{"is": "Boston"})


def page(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def save(database, marketer):
    """Save rules as the next version of a segment, or as the first of a new one."""

    def save(*rules, segment=None, user=marketer, **more):
        rules = {"all": list(rules) or [CHICAGO]}
        fields = {"name": "Chicago", "customer_database": database.pk, **more}
        stored = store(Draft(rules=rules, **fields), segment, user, None)
        return Segment.objects.get(pk=stored.pk)

    return save


def restore(client, segment, number, version=None):
    fields = {"version": segment.version if version is None else version}
    return client.post(f"/segments/{segment.pk}/versions/{number}/restore/", fields)


def test_every_save_keeps_a_version(save, marketer, operator):
    first = save(description="d", time_zone="America/Chicago")
    second = save(BOSTON, segment=first, user=operator, name="Boston")
    kept = list(second.versions.order_by("number"))
    assert [(one.number, one.name, one.saved_by) for one in kept] == [
        (1, "Chicago", marketer),
        (2, "Boston", operator),
    ]
    assert (kept[0].description, kept[0].time_zone) == ("d", "America/Chicago")
    assert kept[0].rules == first.rules
    assert kept[1].rules == second.rules
    assert kept[1].saved_at == second.updated_at


def test_a_copy_begins_with_a_version_and_switching_off_makes_none(save, marketer):
    segment = save()
    made = copy(segment, marketer, None)
    assert [one.name for one in made.versions.all()] == ["Copy of Chicago"]
    set_enabled(segment, marketer, is_enabled=False)
    assert segment.versions.count() == 1


def test_a_refused_save_keeps_none(save):
    from campaigns.segments.plain import SegmentRefused

    segment = save()
    with pytest.raises(SegmentRefused):
        save(of("gone", **{"is": "x"}), segment=segment)
    assert segment.versions.count() == 1


def test_the_migration_keeps_what_is_stored(make_segment, operator):
    segment = make_segment("Old", version=7, edited_by=operator, description="d")
    import_module("campaigns.migrations.0008_segment_history").keep_what_is(apps, None)
    (kept,) = SegmentVersion.objects.all()
    assert (kept.segment, kept.number, kept.saved_by) == (segment, 7, operator)
    assert (kept.rules, kept.saved_at) == (segment.rules, segment.updated_at)


def test_the_page_says_who_when_and_what(client_of, viewer, save, operator):
    first = save()
    save(BOSTON, of("points", gt=5), segment=first, user=operator, name="Boston", time_zone="America/Chicago")
    text = page(client_of(viewer).get(f"/segments/{first.pk}/versions/"))
    assert "Version 2" in text
    assert "Otto, <time" in text
    assert "Mara, <time" in text
    assert "Name: Boston" in text
    assert "was: Chicago" in text
    assert "Time zone: America/Chicago" in text
    assert "City is Boston" in text
    assert "was: City is Chicago" in text
    assert "Points is more than 5" in text
    assert "The segment was made, as “Chicago”." in text
    assert "Restore" not in text, "viewers read"


def test_segments_in_rules_go_by_their_names(client, save, make_segment):
    other = make_segment("Recent buyers")
    first = save()
    save(CHICAGO, {"segment": other.pk}, segment=first)
    assert "a member of Recent buyers" in page(client.get(f"/segments/{first.pk}/versions/"))


def test_uploaded_lists_in_rules_go_by_their_names(client, save, database):
    uploaded = UploadedList.objects.create(
        customer_database=database,
        name="Spring fair",
        matched_by="key",
        upload=uuid4(),
        **dict.fromkeys(COUNTS, 0),
    )
    first = save()
    save(CHICAGO, {"list": uploaded.pk}, segment=first)
    assert "on the uploaded list “Spring fair”" in page(client.get(f"/segments/{first.pk}/versions/"))


def test_a_query_is_edited_and_copied_by_who_may_write_it_on_every_tab(client, marketer, make_segment):
    asked = make_segment("Asked", rules={"version": 2, "rules": {"all": [{"sql": "SELECT 1"}]}})
    tabs = ("", "members/", "overlap/", "versions/")
    edit, copying = f'href="/segments/{asked.pk}/edit/"', f"/segments/{asked.pk}/copy/"
    assert copying not in page(client.get(f"/segments/{asked.pk}/"))
    assert not any(edit in page(client.get(f"/segments/{asked.pk}/{tab}")) for tab in tabs)
    marketer.writes_sql = True
    marketer.save()
    assert all(edit in page(client.get(f"/segments/{asked.pk}/{tab}")) for tab in tabs)


def test_personal_values_are_masked_for_who_may_not_see_them(client_of, viewer, save, database):
    database.catalogue["tables"][0]["columns"].append({"name": "email", "type": "text"})
    database.save()
    first = save(of("email", **{"is": "jordan.secret@example.com"}))
    save(of("email", **{"is": "taylor.secret@example.com"}), segment=first)
    viewer.sees_personal_data = False
    viewer.save()
    text = page(client_of(viewer).get(f"/segments/{first.pk}/versions/"))
    assert "secret" not in text
    assert "Email is t···@example.com" in text
    assert "was: Email is j···@example.com" in text
    assert "Masked: you do not see personal data" in text


def test_restoring_makes_a_new_version_and_says_whom_it_concerns(client, save, make_campaign):
    first = save(description="d")
    second = save(BOSTON, segment=first, name="Boston")
    make_campaign("Spring Sale", include=[second])
    text = page(client.get(f"/segments/{second.pk}/versions/"))
    assert text.count(">Restore<") == 1, "the current one needs none"
    answer = client.post(
        f"/segments/{second.pk}/versions/1/restore/", {"version": second.version}, follow=True
    )
    found = Segment.objects.get(pk=first.pk)
    assert (found.version, found.name, found.description, found.rules) == (3, "Chicago", "d", first.rules)
    assert found.versions.count() == 3
    assert Event.objects.filter(verb="edited", object_id=str(found.pk), detail={"version": 3}).exists()
    assert "Version 1 of “Chicago” is restored as version 3. “Spring Sale” will use it" in page(answer)


def test_what_no_longer_fits_is_refused_with_the_reasons(client, save, make_segment, database):
    first = save(CHICAGO, of("points", gt=5))
    second = save(CHICAGO, segment=first, name="Boston")
    make_segment("Chicago")
    columns = database.catalogue["tables"][0]["columns"]
    database.catalogue["tables"][0]["columns"] = [one for one in columns if one["name"] != "points"]
    database.save()
    text = page(restore(client, second, 1))
    assert "Version 1 cannot be restored as it is." in text
    assert "There is a segment “Chicago” already. Choose another name." in text
    assert "The attribute profiles.points is gone from the customer database. Choose another one." in text
    assert Segment.objects.get(pk=second.pk).version == 2


def test_nobody_restores_over_what_they_have_not_seen(client, save):
    first = save()
    second = save(BOSTON, segment=first)
    save(of("points", gt=5), segment=second)
    text = page(restore(client, second, 1))
    assert "Version 1 is not restored: the segment was saved while you were looking." in text
    assert "Points is more than 5" in text
    assert page(restore(client, second, 1, version="x")).count("is not restored") == 1
    assert Segment.objects.get(pk=first.pk).version == 3


def test_only_marketers_restore_and_only_what_there_is(client_of, viewer, client, save):
    first = save()
    second = save(BOSTON, segment=first)
    assert restore(client_of(viewer), second, 1).status_code == 403
    assert restore(client, second, 9).status_code == 404
    assert client.get(f"/segments/{second.pk}/versions/1/restore/").status_code == 405
    assert Segment.objects.get(pk=first.pk).version == 2


def test_a_restored_circle_is_refused_by_name(client, save, make_segment):
    inner = save(name="Inner")
    outer = save({"segment": inner.pk}, name="Outer")
    apart = save(CHICAGO, segment=outer, name="Outer")
    save({"segment": apart.pk}, segment=inner, name="Inner")
    assert "The segments would go in a circle" in page(restore(client, apart, 1))


def test_many_versions_are_paged_at_the_same_cost(client, save, django_assert_max_num_queries):
    segment = save()
    for number in range(2, 24):
        segment = save(of("points", gt=number), segment=segment)
    with django_assert_max_num_queries(9):
        text = page(client.get(f"/segments/{segment.pk}/versions/"))
    assert "Page 1 of 2" in text
    assert "The segment was made" not in text
    assert "was: Points is more than 2<" not in text
    last = page(client.get(f"/segments/{segment.pk}/versions/?page=2"))
    assert "The segment was made" in last
    with django_assert_max_num_queries(9):
        client.get(f"/segments/{segment.pk}/versions/?page=2")


def test_a_segment_of_before_shows_what_is_kept(client, make_segment, marketer):
    segment = make_segment(version=3)
    assert "None is kept yet." in page(client.get(f"/segments/{segment.pk}/versions/"))
    store(draft_of(segment), segment, marketer, None)
    assert "The oldest version that is kept." in page(client.get(f"/segments/{segment.pk}/versions/"))


def test_the_lines_of_a_query_are_for_who_may_see_its_values(client, client_of, viewer, make_segment):
    segment = make_segment(version=2)
    for number, person in ((1, "jordan"), (2, "taylor")):
        sql = f"SELECT customer_id FROM profiles WHERE email = '{person}@example.com'"
        segment.versions.create(
            number=number,
            name="Chicago",
            time_zone="UTC",
            rules={"version": 2, "rules": {"all": [{"sql": sql}]}},
            saved_at=segment.updated_at,
        )
    url = f"/segments/{segment.pk}/versions/"
    assert "+ SELECT customer_id FROM profiles WHERE email = &#x27;taylor@example.com&#x27;" in page(
        client.get(url)
    )
    viewer.sees_personal_data = False
    viewer.save()
    text = page(client_of(viewer).get(url))
    assert "the query is another one" in text
    assert "@example.com" not in text
