"""The list of segments, a segment to read, and copy, disable and delete."""

from uuid import uuid4

import pytest

from campaigns.planning.models import SubAudience
from campaigns.segments.models import Segment
from config import clock
from config.audit.models import Event
from tests.segments.saved import CHICAGO, of, shop_like


def page(response):
    return response.content.decode()


# The list ---------------------------------------------------------------------------------------------------


def test_an_empty_list_teaches(client, database, client_of, viewer):
    assert "Build the first segment" in page(client.get("/segments/"))
    text = page(client_of(viewer).get("/segments/"))
    assert "No segments yet" in text
    assert "Build the first segment" not in text
    assert "New segment" not in text


def test_without_a_customer_database_the_list_says_what_comes_first(client, db):
    assert "A customer database has to be connected first" in page(client.get("/segments/"))


def test_it_shows_size_use_and_who_edited(client, make_segment, make_campaign, operator):
    chicago = make_segment(size=1234, size_counted_at=clock.now(), edited_by=operator)
    make_segment("Unused", size=0)
    make_campaign("One", include=[chicago])
    make_campaign("Two", exclude=[chicago])
    make_campaign("Old", include=[chicago], archived_at=clock.now())
    text = page(client.get("/segments/"))
    assert "1,234" in text
    assert '<td class="num" data-label="Campaigns">2</td>' in text
    assert "Otto" in text
    assert "never" in text


def test_it_finds_by_name_and_description(client, make_segment):
    make_segment("Chicago")
    make_segment("Buyers", description="who bought in Chicago")
    make_segment("Gold")
    text = page(client.get("/segments/?q=chicago"))
    assert "Buyers" in text
    assert "Gold" not in text
    assert "No segment is called that" in page(client.get("/segments/?q=<b>%00"))


def test_the_list_is_paged_and_takes_few_queries(
    client, make_segment, make_campaign, django_assert_max_num_queries
):
    for number in range(60):
        make_campaign(f"Campaign {number}", include=[make_segment(f"Segment {number:02d}", description="d")])
    with django_assert_max_num_queries(14):
        text = page(client.get("/segments/?q=segment"))
    assert "Page 1 of 2" in text
    assert "Segment 59" not in text
    assert "Segment 59" in page(client.get("/segments/?q=segment&page=2"))
    assert "Page 2 of 2" in page(client.get("/segments/?page=99"))


def test_html_in_a_name_is_shown_not_drawn(client, make_segment):
    segment = make_segment("<script>alert(1)</script>", of("city", **{"is": "<b>x</b>"}))
    for url in (
        "/segments/",
        f"/segments/{segment.pk}/",
        f"/segments/{segment.pk}/edit/",
        f"/segments/{segment.pk}/delete/",
    ):
        text = page(client.get(url))
        assert "<script>alert" not in text
        assert "<b>x</b>" not in text
        assert "&lt;script&gt;" in text


# A segment to read ----------------------------------------------------------------------------------------------


def test_rules_are_read_in_words(client_of, viewer, make_segment):
    other = make_segment("Recent buyers")
    segment = make_segment(
        "Regulars",
        of("city", **{"is": "Chicago", "ignore_case": True}),
        {"none": [{"segment": other.pk}, of("points", between=[1, 2])]},
        {
            "rows": "orders",
            "where": {"all": [{"attribute": "orders.amount", "gt": 5}]},
            "aggregate": "count",
            "gte": 3,
        },
        time_zone="America/Chicago",
    )
    text = page(client_of(viewer).get(f"/segments/{segment.pk}/"))
    assert "City is Chicago in any case" in text
    assert "<strong>None</strong> of these" in text
    assert "a member of Recent buyers" in text
    assert "Points is between 1 and 2" in text
    assert "number of rows in orders (where Amount is more than 5) is at least 3" in text
    assert "Dates in America/Chicago" in text
    assert "Edit" not in text.split("page-actions")[1].split("</div>")[0], "viewers read"


def test_personal_values_of_rules_are_masked_for_who_may_not_see_them(
    client_of, viewer, client, make_segment
):
    segment = make_segment("One person", of("email", **{"is": "jordan.secret@example.com"}))
    viewer.sees_personal_data = False
    viewer.save()
    shown = page(client_of(viewer).get(f"/segments/{segment.pk}/"))
    assert "jordan" not in shown
    assert "j···@example.com" in shown
    assert "jordan.secret@example.com" in page(client.get(f"/segments/{segment.pk}/"))


def test_it_says_where_it_is_used(client, database, make_segment, make_campaign):
    segment = make_segment()
    make_campaign("Includes", include=[segment])
    make_campaign("Excludes", exclude=[segment])
    by_list = make_campaign("By list")
    SubAudience.objects.create(campaign=by_list, position=0, name="a").segments.add(segment)
    rules = {"version": 1, "rules": {"any": [{"segment": segment.pk}]}}
    old, past = make_campaign("Long gone", archived_at=clock.now()), {"removed_at": clock.now()}
    for campaign, more in ((make_campaign("By rules"), {}), (old, {}), (make_campaign("Removed"), past)):
        SubAudience.objects.create(campaign=campaign, position=0, name="a", rules=rules, **more)
    make_segment("Names it", CHICAGO, {"segment": segment.pk})
    database.suppression = segment
    database.save()
    text = page(client.get(f"/segments/{segment.pk}/"))
    for words in ("Includes", "Excludes", "By list", "By rules", "Names it", "its suppression list"):
        assert words in text
    assert "Long gone" not in text
    assert "Removed" not in text


def test_it_is_not_there_for_others(client, make_segment, client_of):
    gone = make_segment(archived_at=clock.now())
    for url in ("", "edit/", "size/", "people/", "delete/"):
        assert client.get(f"/segments/{gone.pk}/{url}").status_code == 404
    from django.test import Client

    assert Client().get("/segments/").status_code == 302


# Copy, disable, delete --------------------------------------------------------------------------------------------


def test_a_copy_opens_in_the_editor_and_a_double_click_makes_one(client, make_segment):
    segment = make_segment("Chicago", {"segment": 10**9}, description="d", time_zone="America/Chicago")
    token = str(uuid4())
    first = client.post(f"/segments/{segment.pk}/copy/", {"token": token})
    second = client.post(f"/segments/{segment.pk}/copy/", {"token": token})
    copy = Segment.objects.get(name="Copy of Chicago")
    assert first.url == second.url == f"/segments/{copy.pk}/edit/"
    assert (copy.rules, copy.description, copy.time_zone) == (segment.rules, "d", "America/Chicago")
    client.post(f"/segments/{segment.pk}/copy/", {"token": "x"})
    assert Segment.objects.filter(name="Copy of Chicago 2").exists()


def test_what_nobody_uses_is_deleted_after_one_question(client, make_segment):
    segment = make_segment()
    assert "Delete “Chicago”?" in page(client.get(f"/segments/{segment.pk}/delete/"))
    assert Segment.objects.active().exists()
    assert client.post(f"/segments/{segment.pk}/delete/").url == "/segments/"
    assert not Segment.objects.active().exists()
    assert Event.objects.filter(verb="deleted", object_name="Chicago").exists()
    make_segment("Chicago")


def test_one_in_use_is_only_disabled_and_says_where(client, make_segment, make_campaign):
    segment = make_segment()
    make_campaign("Spring Sale", include=[segment])
    text = page(client.post(f"/segments/{segment.pk}/delete/"))
    assert "It is in use, so it cannot be deleted." in text
    assert "Spring Sale" in text
    assert Segment.objects.active().exists()
    text = page(client.post(f"/segments/{segment.pk}/disable/", follow=True))
    assert "“Chicago” is disabled." in text
    assert "stays where it is used" in text
    assert not Segment.objects.enabled().exists()
    client.post(f"/segments/{segment.pk}/enable/")
    client.post(f"/segments/{segment.pk}/enable/")
    assert Segment.objects.enabled().exists()
    assert list(Event.objects.order_by("pk").values_list("verb", flat=True)) == ["disabled", "enabled"]


def test_an_archived_campaign_does_not_hold_it(client, make_segment, make_campaign):
    segment = make_segment()
    make_campaign("Old", include=[segment], archived_at=clock.now())
    client.post(f"/segments/{segment.pk}/delete/")
    segment.refresh_from_db()
    assert segment.archived_at


@pytest.mark.parametrize("verb", ["copy", "disable", "enable", "delete"])
def test_viewers_change_nothing(client_of, viewer, make_segment, verb):
    segment = make_segment()
    assert client_of(viewer).post(f"/segments/{segment.pk}/{verb}/").status_code == 403
    segment.refresh_from_db()
    assert segment.archived_at is None
    assert Segment.objects.count() == 1


def test_campaigns_offer_enabled_segments_and_keep_the_chosen(client, make_segment, make_campaign):
    off = make_segment("Switched off", disabled_at=clock.now())
    make_segment("Still on")
    assert "Remove Switched off" in page(client.get(f"/campaigns/{make_campaign(include=[off]).pk}/"))
    found = page(client.get(f"/segments/offered/?customer_database={off.customer_database_id}"))
    assert "Still on" in found
    assert "Switched off" not in found


def test_another_database_is_not_mixed_in(client, make_segment):
    other = shop_like("Another shop")
    Segment.objects.create(
        customer_database=other, name="Elsewhere", rules={"version": 1, "rules": {"all": [CHICAGO]}}
    )
    segment = make_segment("Uses one", {"segment": make_segment("Here").pk})
    assert "Elsewhere" not in page(client.get(f"/segments/{segment.pk}/edit/"))
