"""Writing, reading and showing a query, as a browser asks for it."""

from __future__ import annotations

import html
import json
import re
from uuid import uuid4

import pytest

from campaigns.segments.models import Segment
from campaigns.segments.plain import Draft
from campaigns.segments.saving import draft_of, store
from config.audit.models import Event

SQL = "SELECT customer_id\nFROM customer_360\nWHERE city = 'Chicago'"
RULES = {"version": 2, "rules": {"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}}


@pytest.fixture
def writer(marketer):
    marketer.writes_sql = True
    marketer.save()
    return marketer


@pytest.fixture
def writing(client_of, writer):
    return client_of(writer)


@pytest.fixture
def make(customer_database):
    def make_segment(rules, name="Chicago", **more):
        return Segment.objects.create(customer_database=customer_database, name=name, rules=rules, **more)

    return make_segment


@pytest.fixture
def query(make):
    return make({"version": 2, "rules": {"all": [{"sql": SQL}]}}, "Chicago in SQL")


def fields(database, sql=SQL, **more):
    basics = {"name": "Chicago", "description": "", "time_zone": "UTC", "customer_database": str(database.pk)}
    return {**basics, "sql": sql.replace("\n", "\r\n"), "action": "save", **more}


def text(response):
    return html.unescape(response.content.decode())


def htmx(client, url, posted):
    return client.post(url, posted, headers={"HX-Request": "true"})


# Writing ------------------------------------------------------------------------------------------------


def test_the_page_offers_tables_and_columns(writing, customer_database):
    page = text(writing.get("/segments/new/sql/"))
    for name in ("customer_360", "merged_customers", "orders", "loyalty_tier"):
        assert f'data-insert="{name}"' in page
    assert "many rows per customer" in page


def test_the_rule_editor_leads_there_for_who_may(writing, client_of, operator, customer_database):
    assert "Write SQL" in text(writing.get("/segments/new/"))
    assert "Write SQL" not in text(client_of(operator).get("/segments/new/"))


def test_with_several_customer_databases_one_is_chosen_first(writing, customer_database):
    customer_database.pk = None
    customer_database.name = "Second"
    customer_database.save()
    assert "Whose customers?" in text(writing.get("/segments/new/sql/"))
    assert 'id="id_sql"' in text(writing.get(f"/segments/new/sql/?customer_database={customer_database.pk}"))


def test_a_query_is_saved_once(writing, writer, customer_database):
    posted = fields(customer_database, form_token=str(uuid4()))
    for _ in range(2):
        assert "“Chicago” is saved." in text(writing.post("/segments/new/sql/", posted, follow=True))
    segment = Segment.objects.get()
    assert draft_of(segment).rules == {"all": [{"sql": SQL}]}
    assert segment.edited_by == writer
    assert Event.objects.get().verb == "created"


def test_a_query_is_changed_and_the_later_of_two_is_told(writing, customer_database, query):
    url = f"/segments/{query.pk}/query/"
    changed = fields(customer_database, SQL + "\nLIMIT 5", version="1")
    assert "is saved" in text(writing.post(url, changed, follow=True))
    page = text(writing.post(url, fields(customer_database, SQL, version="1")))
    assert "Save mine over version 2" in page
    assert "Save as version" not in page
    assert SQL in page
    writing.post(url, fields(customer_database, SQL, version="1", action="overwrite:2"))
    query.refresh_from_db()
    assert (query.version, draft_of(query).rules) == (3, {"all": [{"sql": SQL}]})


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("", "Enter a query"),
        ("SELECT * FROM orders", "Write its column instead of *"),
        ("SELECT customer_id\nFROM orders\nWHERE getenv('HOME') = 'x'", "Line 3: The function getenv"),
        (
            "SELECT customer_id\nFROM orders\nWHERE no_such = 1",
            'Line 3: The customer database says: Referenced column "no_such"',
        ),
        ("SELECT customer_id FROM orders; DROP TABLE orders", "remove all but one"),
    ],
)
def test_what_is_wrong_is_told_below_the_field_and_nothing_is_stored(writing, customer_database, sql, told):
    response = writing.post("/segments/new/sql/", fields(customer_database, sql, form_token=str(uuid4())))
    page = text(response)
    assert told in page
    assert sql.replace("\n", "\r\n").replace("\r\n", "\n") in page
    assert not Segment.objects.exists()


def test_names_are_checked_too(writing, customer_database):
    page = text(writing.post("/segments/new/sql/", fields(customer_database, name="")))
    assert "Enter a name." in page
    assert not Segment.objects.exists()


def test_while_typing_only_what_is_wrong_is_answered(writing, customer_database):
    answer = htmx(
        writing, "/segments/new/sql/", fields(customer_database, "SELECT *\nFROM orders", action="")
    )
    assert "instead of *" in text(answer)
    assert "id_sql" not in text(answer)
    assert "recount" in answer["HX-Trigger-After-Swap"]
    answer = htmx(writing, "/segments/new/sql/", fields(customer_database, action=""))
    assert "is-bad" not in text(answer)
    assert "recount" in answer["HX-Trigger-After-Swap"]


def test_a_database_that_gives_no_answer_does_not_keep_a_query_from_being_saved(writing, customer_database):
    customer_database.url = "files:/nowhere"
    customer_database.save()
    page = text(writing.post("/segments/new/sql/", fields(customer_database), follow=True))
    assert "“Chicago” is saved." in page
    assert "It was not tried: The folder of the customer database is not there" in page


def test_without_scripts_a_button_checks_it(writing, customer_database):
    posted = fields(customer_database, "SELECT *\nFROM orders", action="refresh")
    page = text(writing.post("/segments/new/sql/", posted))
    assert "instead of *" in page
    assert 'id="id_sql"' in page


# Counting -----------------------------------------------------------------------------------------------


def test_size_reach_and_sample_follow_the_query(writing, customer_database):
    answer = writing.post("/segments/query/size/", fields(customer_database))
    assert '<p class="big">30</p>' in text(answer)
    people = text(writing.post("/segments/query/people/", fields(customer_database)))
    assert "C02" in people
    assert "C01" not in people


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "SELECT *",
        "SELECT no_such FROM orders",
        "DROP TABLE orders",
        "SELECT content FROM read_text('/etc/passwd')",
    ],
)
def test_what_is_refused_is_not_counted(writing, customer_database, sql):
    answer = text(writing.post("/segments/query/size/", fields(customer_database, sql)))
    assert ("Mend the query" if sql else "Write a query") in answer
    assert 'class="big"' not in answer
    people = text(writing.post("/segments/query/people/", fields(customer_database, sql)))
    assert "is-bad" in people


# Who may ------------------------------------------------------------------------------------------------


def test_without_the_permission_no_page_makes_or_counts_a_query(
    client_of, operator, customer_database, query
):
    client = client_of(operator)
    for url in ("/segments/new/sql/", "/segments/query/size/", "/segments/query/people/"):
        response = client.post(url, fields(customer_database))
        assert response.status_code == 403
        assert "writes SQL" in text(response)
    assert client.post(f"/segments/{query.pk}/convert/").status_code == 403
    assert Segment.objects.count() == 1


def test_without_the_permission_a_query_is_read_alone(client_of, operator, customer_database, query):
    client = client_of(operator)
    for url in (f"/segments/{query.pk}/edit/", f"/segments/{query.pk}/query/"):
        page = text(client.get(url, follow=True))
        assert "needs the permission “writes SQL”" in page
        assert SQL in page
        assert ">Edit</a>" not in page
    client.post(f"/segments/{query.pk}/query/", fields(customer_database, "SELECT 1", version="1"))
    query.refresh_from_db()
    assert query.version == 1
    answer = client.post(f"/segments/{query.pk}/copy/", {"token": str(uuid4())})
    assert answer.status_code == 403
    assert "writes SQL" in text(answer)


def test_the_rule_editor_opens_no_query(writing, query):
    for response in (writing.get(f"/segments/{query.pk}/edit/"), writing.post(f"/segments/{query.pk}/edit/")):
        assert response.status_code == 302
        assert response["Location"] == f"/segments/{query.pk}/query/"
    assert writing.get(f"/segments/{query.pk}/query/").status_code == 200


def test_the_query_page_opens_no_rules(writing, make):
    assert writing.get(f"/segments/{make(RULES).pk}/query/")["Location"].endswith("/edit/")


@pytest.mark.parametrize("kept", [{"sql": SQL}, {"all": [{"sql": SQL}]}])
def test_a_query_is_not_smuggled_through_the_form_of_rules(
    client_of, operator, customer_database, make, kept
):
    client, segment = client_of(operator), make(RULES)
    posted = fields(customer_database, segment=str(segment.pk), version="1")
    posted |= {"r-kind": "group", "r-match": "all", "r-0-kind": "kept", "r-0-kept": json.dumps(kept)}
    for url in ("/segments/size/", "/segments/people/"):
        assert client.post(url, posted).status_code == 403
    for url in ("/segments/new/", f"/segments/{segment.pk}/edit/"):
        assert "is saved" not in text(client.post(url, posted, follow=True))
    segment.refresh_from_db()
    assert segment.rules == RULES
    assert Segment.objects.count() == 1


def test_a_query_is_offered_to_other_segments_and_campaigns(writing, query):
    assert "Chicago in SQL" in text(writing.get("/segments/"))


# Reading ------------------------------------------------------------------------------------------------


def test_the_page_of_a_segment_shows_its_query(client_of, viewer, query):
    page = text(client_of(viewer).get(f"/segments/{query.pk}/"))
    assert SQL in page
    assert "Show as SQL" not in page
    assert '<p class="big">30</p>' in text(client_of(viewer).get(f"/segments/{query.pk}/size/"))


def test_it_says_what_became_wrong_with_the_query(client_of, viewer, query, customer_database):
    tables = [one for one in customer_database.catalogue["tables"] if one["name"] != "customer_360"]
    customer_database.catalogue = {"tables": tables, "profile_table": ""}
    customer_database.save()
    page = text(client_of(viewer).get(f"/segments/{query.pk}/"))
    assert "There is no table customer_360" in page
    assert "can no longer be used" in text(client_of(viewer).get(f"/segments/{query.pk}/size/"))


def test_values_are_masked_for_who_may_not_see_them(client_of, viewer, make):
    sql = "SELECT customer_id FROM merged_customers WHERE email = 'anna@example.com'"
    segment = make({"version": 2, "rules": {"all": [{"sql": sql}]}})
    assert "anna@example.com" in text(client_of(viewer).get(f"/segments/{segment.pk}/"))
    viewer.sees_personal_data = False
    viewer.save()
    page = text(client_of(viewer).get(f"/segments/{segment.pk}/"))
    assert "'···'" in page
    assert "anna" not in page


# Rules as SQL -------------------------------------------------------------------------------------------


def _shown(page):
    return html.unescape(re.search(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)[1])


def test_rules_are_shown_as_sql_to_all_who_may_read(client_of, viewer, make):
    segment = make(RULES)
    assert f"/segments/{segment.pk}/sql/" in text(client_of(viewer).get(f"/segments/{segment.pk}/"))
    page = client_of(viewer).get(f"/segments/{segment.pk}/sql/").content.decode()
    assert "'Chicago'" in _shown(page)
    assert _shown(page).startswith("SELECT\n")
    assert 'data-copy="' in page
    assert "Convert to SQL" not in page


def test_personal_values_are_masked_in_it(client_of, viewer, make):
    rules = {
        "version": 2,
        "rules": {"all": [{"attribute": "merged_customers.email", "is": "anna@example.com"}]},
    }
    segment = make(rules)
    viewer.sees_personal_data = False
    viewer.save()
    page = client_of(viewer).get(f"/segments/{segment.pk}/sql/").content.decode()
    assert "anna" not in page
    assert "Personal values are masked" in page
    assert "Copy the query" not in page, "dots are no query to run"


def test_rules_that_are_no_query_say_why(client_of, viewer, make, customer_database):
    segment = make({"version": 2, "rules": {"all": [{"attribute": "customer_360.gone", "is": "x"}]}})
    assert "no query to show" in text(client_of(viewer).get(f"/segments/{segment.pk}/sql/"))
    segment = make({"version": 9, "rules": {}}, "Too new")
    assert "Mend them first" in text(client_of(viewer).get(f"/segments/{segment.pk}/sql/"))
    customer_database.url = "files:/nowhere"
    customer_database.save()
    segment = make(RULES, "Unreachable")
    assert "The folder of the customer database is not there" in text(
        client_of(viewer).get(f"/segments/{segment.pk}/sql/")
    )


def test_rules_are_converted_and_find_the_same_people(writing, writer, make):
    segment = make(RULES)
    before = text(writing.get(f"/segments/{segment.pk}/size/"))
    page = text(writing.get(f"/segments/{segment.pk}/sql/"))
    assert "stay as they are at this moment" in page
    page = text(writing.post(f"/segments/{segment.pk}/convert/", {"version": "1"}, follow=True))
    assert "is a query now, version 2" in page
    segment.refresh_from_db()
    assert segment.rules["rules"]["all"][0]["sql"].startswith("SELECT\n")
    assert segment.edited_by == writer
    assert '<p class="big">30</p>' in before
    assert '<p class="big">30</p>' in text(writing.get(f"/segments/{segment.pk}/size/"))
    again = text(writing.post(f"/segments/{segment.pk}/convert/", {"version": "2"}, follow=True))
    assert "version 2" in again


def test_rules_that_were_edited_meanwhile_are_not_converted(writing, make):
    segment = make(RULES, version=4)
    page = text(writing.post(f"/segments/{segment.pk}/convert/", {"version": "3"}, follow=True))
    assert "is a query now" not in page
    segment.refresh_from_db()
    assert segment.rules == RULES


def test_rules_about_an_uploaded_list_are_not_converted(writing, make):
    segment = make({"version": 2, "rules": {"all": [{"list": 1}]}})
    page = text(writing.post(f"/segments/{segment.pk}/convert/", {"version": "1"}, follow=True))
    assert "is a query now" not in page
    segment.refresh_from_db()
    assert segment.version == 1


def test_what_was_converted_is_restored_by_who_writes_sql(writing, client_of, operator, customer_database):
    draft = Draft(name="Chicago", customer_database=customer_database.pk, rules=RULES["rules"])
    segment = store(draft, None, None, None)
    writing.post(f"/segments/{segment.pk}/convert/", {"version": str(segment.version)})
    url = f"/segments/{segment.pk}/versions/{segment.version}/restore/"
    segment.refresh_from_db()
    assert "sql" in str(segment.rules)
    assert "writes SQL" in text(client_of(operator).post(url, {"version": str(segment.version)}, follow=True))
    segment.refresh_from_db()
    assert "sql" in str(segment.rules)
    writing.post(url, {"version": str(segment.version)})
    segment.refresh_from_db()
    assert segment.rules["rules"] == RULES["rules"]


# What operators said about columns ----------------------------------------------------------------------


@pytest.fixture
def mark(customer_database):
    def mark_column(column, **said):
        customer_database.column_marks = {column: said}
        customer_database.save()

    return mark_column


def test_a_hidden_column_is_neither_offered_nor_read(writing, customer_database, mark):
    mark("customer_360.loyalty_tier", hidden=True)
    assert "loyalty_tier" not in text(writing.get("/segments/new/sql/"))
    named = fields(customer_database, "SELECT customer_id FROM customer_360 WHERE loyalty_tier = 'gold'")
    assert "The column loyalty_tier is hidden" in text(writing.post("/segments/new/sql/", named))
    by_place = "SELECT a FROM (SELECT * FROM customer_360) AS t(a, b, c, d, e, f, g) WHERE d = 'gold'"
    answer = text(writing.post("/segments/query/size/", fields(customer_database, by_place)))
    assert 'class="big"' not in answer
    whole = "SELECT customer_id FROM customer_360 AS c WHERE CAST(c AS VARCHAR) LIKE '%gold%'"
    answer = text(writing.post("/segments/query/size/", fields(customer_database, whole)))
    assert '<p class="big">0</p>' in answer


def test_the_pages_take_few_queries(writing, query, make, django_assert_max_num_queries):
    make(RULES)
    with django_assert_max_num_queries(15):
        writing.get(f"/segments/{query.pk}/query/")
    with django_assert_max_num_queries(12):
        writing.get("/segments/new/sql/")
