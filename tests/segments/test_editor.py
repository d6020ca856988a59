"""Rules as the texts of fields and back, and the page that posts them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.http import QueryDict

from campaigns.segments.board import look
from campaigns.segments.editor import data_of, parse, tree_of
from campaigns.segments.models import Segment
from tests.segments.form import fields_of, member, nested, rule, segment_form
from tests.segments.saved import CHICAGO, of, shop_like

CITY, POINTS = "city · profiles", "points · profiles"


def page(response):
    return response.content.decode()


def read(database, fields):
    post = QueryDict(mutable=True)
    post.update(fields)
    known = look(database).known
    return data_of(parse(post, known), known)


@pytest.mark.parametrize(
    ("fields", "data"),
    [
        (rule(CITY, "is", "Chicago"), CHICAGO),
        (rule("City", "is", "Chicago"), CHICAGO),
        (rule("profiles.city", "is_not", " x "), of("city", is_not=" x ")),
        (rule(CITY, "in", "IL\r\n\r\nWI, too"), of("city", **{"in": ["IL", "WI, too"]})),
        (rule(CITY, "contains", "hic", ignore_case="on"), of("city", contains="hic", ignore_case=True)),
        (rule(CITY, "empty:false"), of("city", empty=False)),
        (rule(POINTS, "gte", " 1,234.5 ", control="number"), of("points", gte=1234.5)),
        (rule(POINTS, "is", "60", control="number"), of("points", **{"is": 60})),
        (rule(POINTS, "is", "sixty", control="number"), of("points", **{"is": "sixty"})),
        (rule(POINTS, "between", "1", "2", control="number"), of("points", between=[1, 2])),
        (rule(POINTS, "in", "1\n2", control="list"), of("points", **{"in": [1, 2]})),
        (
            rule("birthday · profiles", "on", "2027-03-01", control="date"),
            of("birthday", on="2027-03-01"),
        ),
        (
            rule("seen_at · profiles", "after", "2027-03-01", control="time", **{"value-time": "09:30"}),
            of("seen_at", after="2027-03-01T09:30"),
        ),
        (
            rule("seen_at · profiles", "in_last", "90", control="span", unit="weeks"),
            of("seen_at", in_last="90 weeks"),
        ),
        (
            rule("birthday · profiles", "anniversary_within", "7", control="days"),
            of("birthday", anniversary_within="7 days"),
        ),
        (rule("opted_in · profiles", "is:false"), of("opted_in", **{"is": False})),
        (rule("opted_in · profiles", "is_not:true"), of("opted_in", is_not=True)),
        (member(7), {"segment": 7}),
        (member(7, "is_not"), {"segment": 7, "member": False}),
    ],
)  # fmt: skip
def test_fields_become_rules_and_rules_the_same_fields(database, fields, data):
    assert read(database, segment_form(fields)) == {"all": [data]}
    known = look(database).known
    assert data_of(tree_of({"all": [data]}, known), known) == {"all": [data]}


def test_groups_are_nested_by_their_ids(database):
    inner = nested("r-1-0", "none", rule(POINTS, "is", "5", control="number"))
    outer = nested("r-1", "any", inner, member(3))
    found = read(database, segment_form(rule(CITY, "is", "Chicago"), outer))
    assert found == {"all": [CHICAGO, {"any": [{"none": [of("points", **{"is": 5})]}, {"segment": 3}]}]}


@pytest.mark.parametrize(
    ("fields", "data"),
    [
        # another attribute takes the comparisons of its type
        (rule(POINTS, "contains", "hic", was="profiles.city"), of("points", **{"is": "hic"})),
        (rule(POINTS, "", was=""), of("points", **{"is": None})),
        # the same attribute keeps what does not fit, for its error to say so
        (rule(POINTS, "contains", "hic"), of("points", contains="hic")),
        # a value stays while the control takes the same, and goes with it
        (rule(CITY, "in", "Chicago", control="text"), of("city", **{"in": ["Chicago"]})),
        (rule("seen_at · profiles", "on", "90", control="span"), of("seen_at", on=None)),
        (rule("birthday · profiles", "in_last", "2027-03-01", control="date"), of("birthday", in_last=" days")),
        (rule(POINTS, "is", "5", ignore_case="on", control="number"), of("points", **{"is": 5})),
        (rule(CITY, "fly", "x"), of("city", **{"is": "x"})),
        (rule("nonsense", "is", "x"), {"attribute": "nonsense", "is": "x"}),
    ],
)  # fmt: skip
def test_what_a_change_of_attribute_or_comparison_leaves(database, fields, data):
    assert read(database, segment_form(fields)) == {"all": [data]}


@pytest.mark.parametrize(
    "data",
    [
        of("city", **{"is": "two\nlines"}),
        of("city", **{"in": ["", "x"]}),
        of("city", **{"is": ""}),
    ],
)  # fmt: skip
def test_a_rule_without_fields_is_kept_as_it_is(client, database, make_segment, data):
    segment = make_segment("Kept", CHICAGO, data)
    text = page(client.get(f"/segments/{segment.pk}/edit/"))
    assert "There are no fields for such a rule." in text
    saved = client.post(
        f"/segments/{segment.pk}/edit/", {**fields_of(text), "action": "save", "name": "Kept too"}
    )
    assert saved.url == f"/segments/{segment.pk}/"
    segment.refresh_from_db()
    assert (segment.name, segment.rules["rules"]) == ("Kept too", {"all": [CHICAGO, data]})
    client.post(f"/segments/{segment.pk}/edit/", {**fields_of(text), "version": "2", "action": "remove:r-1"})
    removed = client.post(f"/segments/{segment.pk}/edit/", {**fields_of(text), "action": "remove:r-1"})
    assert "There are no fields for such a rule." not in page(removed)


def test_what_was_posted_comes_back_as_it_was(client, database, make_segment):
    """Every kind of field of a stored segment survives the way through the page."""
    other = make_segment("Other")
    rules = [
        of("city", is_not='<b>"O\'Hare" & co</b>', ignore_case=True),
        {"any": [of("city", **{"in": ["IL", "WI"]}), {"none": [of("points", between=[1, 2.5])]}]},
        of("seen_at", between=["2027-03-01", "2027-03-02T09:30"]),
        of("seen_at", on="2027-03-02T09:30:15Z"),
        of("birthday", anniversary_within="7 days"),
        of("seen_at", not_in_last="3 months"),
        of("opted_in", is_not=True),
        of("extras", empty=False),
        {"segment": other.pk, "member": False},
    ]
    segment = make_segment("All of it", *rules)
    fields = fields_of(page(client.get(f"/segments/{segment.pk}/edit/")))
    redrawn = fields_of(page(client.post(f"/segments/{segment.pk}/edit/", {**fields, "action": "refresh"})))
    assert redrawn == fields
    client.post(f"/segments/{segment.pk}/edit/", {**redrawn, "action": "save"})
    segment.refresh_from_db()
    assert segment.rules["rules"] == {"all": rules}
    assert segment.version == 2


def test_a_new_segment_is_saved_and_shown(client, database, marketer):
    text = page(client.get("/segments/new/"))
    fields = fields_of(text) | segment_form(
        rule(CITY, "is", "Chicago"), name="Chicago", customer_database=database.pk
    )
    saved = client.post("/segments/new/", {**fields, "action": "save"}, follow=True)
    segment = Segment.objects.get()
    assert segment.rules["rules"] == {"all": [CHICAGO]}
    assert segment.edited_by == marketer
    assert "“Chicago” is saved." in page(saved)
    again = client.post("/segments/new/", {**fields, "action": "save"})
    assert again.url == f"/segments/{segment.pk}/"
    assert Segment.objects.count() == 1, "a form posted twice makes one"


def test_with_htmx_it_goes_to_the_saved_one(client, database):
    fields = segment_form(rule(CITY, "is", "Chicago"), customer_database=database.pk, form_token=uuid4())
    saved = client.post("/segments/new/", {**fields, "action": "save"}, headers={"HX-Request": "true"})
    assert saved["HX-Redirect"] == f"/segments/{Segment.objects.get().pk}/"


def test_an_error_stands_on_the_row_that_caused_it_and_keeps_what_was_typed(client, database):
    fields = segment_form(
        rule(CITY, "is", "Chicago"),
        rule(POINTS, "gte", "<many>", control="number"),
        rule("zzz", "is", "1"),
        name="n" * 500,
        customer_database=database.pk,
    )
    text = page(client.post("/segments/new/", {**fields, "action": "save"}))
    assert not Segment.objects.exists()
    assert text.count("has-error") == 2
    assert 'id="r-1-error"' in text
    assert "Enter a number." in text
    assert "There is no attribute “zzz”. Choose one from the list." in text
    assert 'value="&lt;many&gt;"' in text
    assert "The name has 500 characters." in text
    assert "n" * 500 in text
    assert "1 field and 2 rules to mend before you can save." in text


def test_what_is_not_filled_in_yet_is_no_error_before_a_save(client, database):
    fields = segment_form(
        rule("", "", fresh="1"), rule(CITY, "is", "", fresh="1"), name="", customer_database=database.pk
    )
    text = page(client.post("/segments/new/", {**fields, "action": "refresh"}))
    assert "has-error" not in text
    assert "Enter a name." not in text
    assert "2 rules need a value before you can save." in text
    text = page(client.post("/segments/new/", {**fields, "action": "save"}))
    assert text.count("has-error") == 2
    assert "Choose an attribute, or remove this rule." in text
    assert "Enter a value." in text
    assert "Enter a name." in text


def test_nul_bytes_are_refused_in_words(client, database):
    fields = segment_form(
        rule(CITY, "is", "a\0b"),
        name="a\0b",
        description="a\0b",
        time_zone="UTC\0",
        customer_database=database.pk,
    )
    text = page(client.post("/segments/new/", {**fields, "action": "save"}))
    for words in (
        "The value has a character that cannot be stored.",
        "The name has a character that cannot be shown.",
        "The description has a character that cannot be stored.",
        "Use a name such as America/Chicago or UTC.",
    ):
        assert words in text
    assert not Segment.objects.exists()


def test_a_vanished_column_is_told_and_the_page_still_opens(client, database, make_segment):
    segment = make_segment("Gone", of("town", **{"is": "x"}), of("town", gte=5), CHICAGO)
    for url in (f"/segments/{segment.pk}/edit/", f"/segments/{segment.pk}/"):
        text = page(client.get(url))
        assert text.count("The attribute profiles.town is gone from the customer database.") == 2
    fields = fields_of(page(client.get(f"/segments/{segment.pk}/edit/")))
    assert fields["r-0-attribute"] == "town · profiles"
    assert fields["r-0-value"] == "x"
    fields |= {"r-0-attribute": CITY, "r-1-attribute": POINTS, "action": "save"}
    client.post(f"/segments/{segment.pk}/edit/", fields)
    segment.refresh_from_db()
    assert segment.rules["rules"]["all"] == [of("city", **{"is": "x"}), of("points", gte=5), CHICAGO]


def test_a_column_of_another_type_than_before_is_told(client, database, make_segment):
    segment = make_segment("Retyped", of("points", contains="x"))
    text = page(client.get(f"/segments/{segment.pk}/edit/"))
    assert "“contains” cannot be used with a number column. Choose another comparison." in text
    assert fields_of(text)["r-0-choice"] == "contains"


def test_without_a_catalogue_nothing_is_lost(client, make_segment, database):
    segment = make_segment("Before", of("points", **{"is": 5}))
    database.catalogue = {}
    database.save()
    text = page(client.get(f"/segments/{segment.pk}/edit/"))
    assert "Nothing is known of what “Shop” holds." in text
    client.post(f"/segments/{segment.pk}/edit/", {**fields_of(text), "action": "save"})
    segment.refresh_from_db()
    assert segment.rules["rules"] == {"all": [of("points", **{"is": 5})]}


def test_buttons_change_the_rules_and_say_where_the_focus_goes(client, database):
    fields = segment_form(rule(CITY, "is", "Chicago"), customer_database=database.pk)
    text = page(client.post("/segments/new/", {**fields, "action": "add-group:r"}))
    assert 'data-focus="r-1-0-attribute"' in text
    found = fields_of(text)
    assert (found["r-1-kind"], found["r-1-match"], found["r-0-value"]) == ("group", "any", "Chicago")
    moved = fields_of(page(client.post("/segments/new/", {**found, "action": "down:r-0"})))
    assert moved["r-0-0-value"] == "Chicago"


def test_a_redraw_asks_for_new_numbers_only_when_they_would_differ(client, database):
    fields = segment_form(rule(CITY, "is", "Chicago"), customer_database=database.pk)
    first = client.post("/segments/new/", fields, headers={"HX-Request": "true"})
    assert "recount" in first["HX-Trigger-After-Swap"]
    again = fields_of(page(first)) | {"name": "Renamed"}
    assert "HX-Trigger-After-Swap" not in client.post("/segments/new/", again, headers={"HX-Request": "true"})
    again["r-0-value"] = "Seattle"
    assert "HX-Trigger-After-Swap" in client.post("/segments/new/", again, headers={"HX-Request": "true"})


def test_the_later_of_two_editors_keeps_what_was_typed(client, client_of, operator, make_segment):
    segment = make_segment()
    fields = fields_of(page(client.get(f"/segments/{segment.pk}/edit/")))
    client_of(operator).post(f"/segments/{segment.pk}/edit/", {**fields, "name": "Theirs", "action": "save"})
    text = page(client.post(f"/segments/{segment.pk}/edit/", {**fields, "name": "Mine", "action": "save"}))
    assert "Otto saved “Theirs” while you were editing it." in text
    assert 'value="overwrite:2">Save mine over version 2</button>' in text
    assert "Save as version" not in text, "one way on"
    again = fields_of(text)
    assert again["name"] == "Mine"
    client.post(f"/segments/{segment.pk}/edit/", {**again, "action": "save"})
    segment.refresh_from_db()
    assert segment.name == "Theirs", "told once more, for nobody decided yet"
    client.post(f"/segments/{segment.pk}/edit/", {**again, "action": "overwrite:2"})
    segment.refresh_from_db()
    assert (segment.name, segment.version) == ("Mine", 3)


def test_an_edit_says_which_campaigns_it_reaches(client, make_segment, make_campaign):
    segment = make_segment()
    make_campaign("Spring <Sale>", include=[segment])
    text = page(client.get(f"/segments/{segment.pk}/edit/"))
    assert "<strong>Spring &lt;Sale&gt;</strong>" in text
    saved = client.post(f"/segments/{segment.pk}/edit/", {**fields_of(text), "action": "save"}, follow=True)
    assert "“Spring &lt;Sale&gt;” will use it as it is now, from the next launch on." in page(saved)


def test_disabled_segments_are_offered_only_where_they_are_chosen(client, make_segment):
    off = make_segment("Switched off", disabled_at="2027-01-01T00:00:00Z")
    make_segment("Still on")
    user = make_segment("Uses it", {"segment": off.pk})
    text = page(client.get(f"/segments/{user.pk}/edit/"))
    assert fields_of(text)["r-0-typed"] == "Switched off"
    assert "(disabled)" in text
    url = f"/segments/offered/?kind=segment&customer_database={off.customer_database_id}&not={user.pk}&q="
    found = page(client.get(url))
    assert 'data-value="Still on"' in found
    assert "Switched off" not in found
    assert "Uses it" not in found
    assert "No segment is called that." in page(client.get(f"{url}nowhere"))


def test_a_segment_is_chosen_by_its_name(client, database, make_segment):
    other = make_segment("Gold & more")
    named = {"*-kind": "segment", "*-attribute": "segment", "*-named": "", "*-member": "is_not"}
    form = segment_form({**named, "*-typed": "Gold & more"}, customer_database=database.pk)
    text = page(client.post("/segments/new/", {**form, "action": "refresh"}))
    assert fields_of(text)["r-0-named"] == str(other.pk)
    text = page(client.post("/segments/new/", {**fields_of(text), "r-0-typed": "Silver", "action": "save"}))
    assert "There is no segment “Silver”. Choose one from the list." in text
    assert fields_of(text)["r-0-typed"] == "Silver"


def test_the_list_of_segments_is_short_however_many_there_are(client, database, make_segment):
    for number in range(25):
        make_segment(f"Segment {number:02}")
    found = page(client.get(f"/segments/offered/?customer_database={database.pk}&q=segment"))
    assert found.count("data-value=") == 20
    assert "There are more. Type a part of the name." in found


def test_a_deleted_segment_that_the_rules_name_stays_named(client, make_segment):
    gone = make_segment("Long gone", archived_at="2027-01-01T00:00:00Z")
    user = make_segment("Uses it", {"segment": gone.pk})
    fields = fields_of(page(client.get(f"/segments/{user.pk}/edit/")))
    assert (fields["r-0-named"], fields["r-0-typed"]) == (str(gone.pk), "Long gone")
    client.post(f"/segments/{user.pk}/edit/", {**fields, "action": "save"})
    user.refresh_from_db()
    assert (user.version, user.rules["rules"]) == (2, {"all": [{"segment": gone.pk}]})


def test_it_says_when_something_is_not_saved_yet(client, make_segment):
    segment = make_segment()
    fields = fields_of(page(client.get(f"/segments/{segment.pk}/edit/")))
    url = f"/segments/{segment.pk}/edit/"
    assert "Unsaved changes" not in page(client.post(url, fields))
    assert "Unsaved changes" in page(client.post(url, {**fields, "r-0-value": "Seattle"}))
    assert "Not saved yet" in page(client.get("/segments/new/"))


def test_circles_are_refused_on_the_row(client, make_segment):
    first = make_segment("A")
    second = make_segment("B", {"segment": first.pk})
    fields = fields_of(page(client.get(f"/segments/{first.pk}/edit/"))) | {
        key.replace("*", "r-0"): value for key, value in member(second.pk).items()
    }
    text = page(client.post(f"/segments/{first.pk}/edit/", {**fields, "action": "save"}))
    assert "The segments would go in a circle: “A” → “B” → “A”." in text


def test_sixty_rules_take_as_many_queries_as_one(client, database, make_segment, django_assert_num_queries):
    other = make_segment("Other")
    rules = [rule(CITY, "is", "Chicago"), member(other.pk)] * 30
    few = segment_form(*rules[:2], customer_database=database.pk)
    many = segment_form(*rules, customer_database=database.pk)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.post("/segments/new/", few)
    with CaptureQueriesContext(connection) as counted:
        client.post("/segments/new/", few, headers={"HX-Request": "true"})
    with django_assert_num_queries(len(counted)):
        client.post("/segments/new/", many, headers={"HX-Request": "true"})


@pytest.mark.parametrize(
    "changes",
    [
        {"r-match": "some"},
        {"r-0-kept": "{"},
        {"r-0-kept": "[" * 3000},
        {"r-0-kept": '{"all":' * 300 + "1" + "}" * 300},
        {"r-0-kept": "[]"},
        {"r-0-unit": "moons", "r-0-choice": "in_last"},
        {"r-0-segment": "9" * 40, "r-0-attribute": "segment"},
        {"version": "x", "form_token": "x", "time_zone": "../../etc"},
        {"r-0-attribute": "birthday · profiles", "r-0-choice": "on", "r-0-value": "١"},
        {"r-0-attribute": POINTS, "r-0-value": "9" * 5000, "r-0-control": "number"},
        {"r-0-attribute": POINTS, "r-0-value": "1e999", "r-0-control": "number"},
        {"r-0-attribute": "a" * 5000 + " · b"},
    ],
)
def test_no_nonsense_in_a_post_breaks_the_page(client, database, changes):
    fields = segment_form(rule(CITY, "is", "Chicago"), customer_database=database.pk) | changes
    for action in ("refresh", "save", "down:r-0", "duplicate:r-0"):
        assert client.post("/segments/new/", {**fields, "action": action}).status_code in (200, 302)


@pytest.mark.parametrize("depth", [21, 30, 100])
def test_groups_nested_too_deep_are_refused_by_the_limit_and_keep_what_was_typed(client, database, depth):
    fields = segment_form(customer_database=database.pk)
    id = "r"
    for _ in range(depth):
        fields |= {f"{id}-kind": "group", f"{id}-match": "all"}
        id += "-0"
    fields |= {
        key.replace("*", id, 1): value for key, value in rule("city · profiles", "is", "Chicago").items()
    }
    text = page(client.post("/segments/new/", {**fields, "action": "save"}))
    assert "to mend before you can save" in text
    assert "Groups are nested 20 deep at most." in text
    assert "Chicago" in text
    assert not Segment.objects.exists()


def test_a_customer_database_is_chosen_first(client, database):
    other = shop_like("Another shop")
    text = page(client.get("/segments/new/"))
    assert "Whose customers?" in text
    assert f'href="?customer_database={other.pk}"' in text
    assert "Another shop" in page(client.get(f"/segments/new/?customer_database={other.pk}"))
    assert "Whose customers?" in page(client.get("/segments/new/?customer_database=x"))


def test_without_a_customer_database_it_says_whom_to_ask(client, operator, db):
    text = page(client.get("/segments/new/"))
    assert "No customer database yet" in text
    assert "ask Otto" in text


def test_viewers_may_not_edit(client_of, viewer, make_segment):
    segment = make_segment()
    looking = client_of(viewer)
    for url in ("/segments/new/", f"/segments/{segment.pk}/edit/", "/segments/size/", "/segments/people/"):
        assert looking.post(url).status_code == 403
        assert looking.get(url).status_code == 403


def test_an_edit_says_which_campaigns_run_by_themselves(client, make_segment, make_campaign):
    segment = make_segment()
    monday = datetime(2027, 3, 8, 8, tzinfo=UTC)
    weekly = {"weekly": ["mon"], "time": "08:00"}
    make_campaign("Weekly", include=[segment], schedule=weekly, next_run_at=monday)
    fields = fields_of(page(client.get(f"/segments/{segment.pk}/edit/")))
    saved = client.post(f"/segments/{segment.pk}/edit/", {**fields, "action": "save"}, follow=True)
    assert "Scheduled: “Weekly” every week on Monday at 08:00, UTC, next on 8 March 2027 at 08:00." in page(
        saved
    )
