"""The upload in three steps and the pages of the lists."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.segments.models import Segment
from campaigns.segments.uploaded.models import PENDING_FOR, PendingUpload, UploadedList
from campaigns.segments.uploaded.storing import match_upload, segment_from
from config import clock
from config.accounts.models import Role, User
from config.audit.models import Event
from config.scratch import scratch_folder
from tests.segments.saved import shop_like
from tests.segments.uploaded.conftest import chosen, work_off

EMAILS = b"email,first_name\nperson1@example.com,Jordan\nnobody@example.com,Alexis\n=cmd@example.com,Kim\n"


def page(response):
    return response.content.decode()


def streamed(response):
    return b"".join(response.streaming_content).decode()


def csv_file(data=EMAILS, name="vips.csv"):
    return SimpleUploadedFile(name, data, "text/csv")


@pytest.fixture
def outsider(client_of, db):
    """Another marketer."""
    person = User.objects.create(username="mona", role=Role.MARKETER)
    return client_of(person)


@pytest.fixture
def pending(upload):
    return upload(EMAILS, "vips.csv")


@pytest.fixture
def url(pending):
    return f"/segments/lists/upload/{pending.pk}/"


def test_from_a_file_to_a_segment(client, customer_database, marketer):
    answer = client.post("/segments/lists/new/", {"file": csv_file()})
    url = answer.url
    text = page(client.get(url))
    assert "UTF-8, columns separated by comma" in text
    assert '<option value="0" selected>email</option>' in text
    assert (
        "In the first 3 values of “email” 3 are valid e-mail addresses, and about 1 belongs to a customer."
        in text
    )
    assert "Jordan" in text
    answer = client.post(url, {"header": "on", "column": "0", "matched_by": "email"})
    assert answer.url == f"{url}matched/"
    work_off()
    text = page(client.get(answer.url))
    assert 'value="vips"' in text
    assert re.search(r'name="make_segment"[^>]* checked', text)
    answer = client.post(f"{url}matched/", {"name": "VIPs", "make_segment": "on"}, follow=True)
    one = UploadedList.objects.get()
    assert (one.name, one.customers, one.unmatched, one.created_by) == ("VIPs", 1, 2, marketer)
    assert "on the uploaded list “VIPs”" in page(answer)
    assert Segment.objects.get().name == "VIPs"


def test_without_a_segment_the_list_is_shown(client, pending, url):
    match_upload(pending, chosen(pending))
    text = page(client.post(f"{url}matched/", {"name": "VIPs"}, follow=True))
    assert "“VIPs” is stored." in text
    assert "Unmatched and invalid values" in text
    assert not Segment.objects.exists()


def test_a_double_click_on_store_makes_one_list(client, pending, url):
    match_upload(pending, chosen(pending))
    first = client.post(f"{url}matched/", {"name": "VIPs"})
    assert client.post(f"{url}matched/", {"name": "VIPs"}).url == first.url
    assert client.get(f"{url}matched/").url == first.url


def test_a_customer_database_is_chosen_where_there_are_several(client, customer_database):
    other = shop_like("Another shop")
    assert "Customer database" in page(client.get("/segments/lists/new/"))
    client.post("/segments/lists/new/", {"file": csv_file(), "customer_database": customer_database.pk})
    assert PendingUpload.objects.get().customer_database == customer_database
    answer = page(
        client.post("/segments/lists/new/", {"file": csv_file(), "customer_database": other.pk + 9})
    )
    assert "Choose one of these." in answer


def test_without_a_customer_database_it_says_whom_to_ask(client, operator):
    text = page(client.get("/segments/lists/new/"))
    assert "No customer database yet" in text
    assert "Otto" in text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose a CSV file."),
        ({"file": ""}, "Choose a CSV file."),
    ],
)
def test_a_form_without_a_file_says_so(client, customer_database, fields, words):
    assert words in page(client.post("/segments/lists/new/", fields))


def test_a_file_that_is_no_list_is_told_at_its_field(client, customer_database):
    text = page(client.post("/segments/lists/new/", {"file": csv_file(b"PK\x03\x04")}))
    assert "This is an Excel file" in text
    assert not PendingUpload.objects.exists()
    assert "The file is empty." in page(client.post("/segments/lists/new/", {"file": csv_file(b"")}))


def test_a_file_over_the_limit_is_refused_with_the_number(client, customer_database, settings):
    settings.LIST_MEGABYTES = 1
    text = page(client.post("/segments/lists/new/", {"file": csv_file(b"x" * 1_500_000)}))
    assert "The file has more than 1 MB, which are the most." in text
    assert not list(scratch_folder().iterdir())


def test_nothing_is_kept_of_a_file_that_a_viewer_sends(client_of, viewer, customer_database, settings):
    assert client_of(viewer).post("/segments/lists/new/", {"file": csv_file()}).status_code == 403
    assert not list(scratch_folder().iterdir())


# What the columns hold ----------------------------------------------------------------------------------------


def test_the_header_and_the_column_are_redrawn_with_what_the_column_holds(client, url):
    asked = {"was": "0", "column": "1", "matched_by": "email", "header": "on"}
    text = page(client.get(url, asked, headers={"hx-request": "true"}))
    assert "<html" not in text
    assert re.search(r'value="key"[^>]* checked', text)
    assert "about 0 belong to a customer" in text
    text = page(
        client.get(url, {"was": "0", "column": "0", "matched_by": "email"}, headers={"hx-request": "true"})
    )
    assert '<option value="0" selected>Column 1</option>' in text
    assert "first_name</td>" in text


def test_a_kind_that_was_chosen_by_hand_is_kept(client, url):
    asked = {"was": "0", "column": "0", "matched_by": "phone", "header": "on"}
    assert re.search(r'value="phone"[^>]* checked', page(client.get(url, asked)))


@pytest.mark.parametrize("asked", [{"column": "99"}, {"column": "x"}, {"column": "0", "matched_by": "<b>"}])
def test_an_address_that_asks_for_nonsense_shows_the_proposal(client, url, asked):
    assert '<option value="0" selected>email</option>' in page(client.get(url, asked | {"header": "on"}))


@pytest.mark.parametrize(
    ("posted", "words"),
    [
        ({"column": "7", "matched_by": "email"}, "The file has no such column."),
        ({"column": "0"}, "Choose what the column holds."),
        ({"column": "0", "matched_by": "name"}, "Customers cannot be found by that."),
    ],
)
def test_a_choice_that_cannot_be_is_told(client, url, posted, words):
    assert words in page(client.post(url, posted | {"header": "on"}))


def test_only_what_customers_have_is_offered(client, upload):
    pending = upload("a\n1\n", database=shop_like("No contacts"))
    text = page(client.get(f"/segments/lists/upload/{pending.pk}/"))
    assert "The sample could not be looked up." in text
    assert 'value="key"' in text
    assert 'value="email"' not in text


def test_the_first_rows_are_masked_without_the_permission(client, marketer, url):
    marketer.sees_personal_data = False
    marketer.save()
    text = page(client.get(url))
    assert "p···@example.com" in text
    assert "Masked: you do not see personal data" in text
    for secret in ("person1", "Jordan", "Alexis"):
        assert secret not in text


def test_a_row_of_data_that_is_called_names_stays_masked(client, marketer, upload):
    marketer.sees_personal_data = False
    marketer.save()
    pending = upload("person1@example.com,Jordan\nperson2@example.com,Alexis\n")
    url = f"/segments/lists/upload/{pending.pk}/"
    text = page(client.get(url, {"was": "0", "column": "0", "matched_by": "email", "header": "on"}))
    assert "p···@example.com</option>" in text
    assert "person1" not in text
    assert "Jordan" not in text
    client.post(url, {"column": "0", "matched_by": "email", "header": "on"})
    work_off()
    client.post(f"{url}matched/", {"name": "VIP"})
    assert UploadedList.objects.get().column == "p···@example.com"


def test_an_upload_whose_file_is_lost_has_to_be_sent_again(client, pending, url):
    storages["lists"].delete(pending.lines_path)
    text = page(client.get(url, follow=True))
    assert "The uploaded file is no longer kept. Upload it again." in text
    client.post(url, {"column": "0", "matched_by": "email"})
    work_off()
    text = page(client.get(f"{url}matched/", follow=True))
    assert "The uploaded file is no longer kept. Upload it again." in text


def test_html_in_a_file_is_shown_not_drawn(client, upload):
    pending = upload("<b>id</b>,x\n<script>alert(1)</script>,1\n", "<i>.csv")
    match_upload(pending, chosen(pending))
    for url in ("", "matched/"):
        text = page(client.get(f"/segments/lists/upload/{pending.pk}/{url}"))
        for tag in ("<b>id", "<script>alert", "<i>.csv"):
            assert tag not in text


def test_an_upload_is_its_persons_alone(client, outsider, pending, url):
    match_upload(pending, chosen(pending))
    for one in (url, f"{url}matched/"):
        assert client.get(one).status_code == 200
        assert outsider.get(one).status_code == 404
        assert outsider.post(one, {"name": "Mine"}).status_code == 404
    assert outsider.post(f"{url}discard/").status_code == 404
    assert client.get(f"/segments/lists/upload/{uuid4()}/").status_code == 404


def test_an_upload_of_yesterday_is_gone(client, pending, url):
    PendingUpload.objects.update(created_at=clock.now() - PENDING_FOR)
    assert client.get(url).status_code == 404


def test_before_it_is_matched_the_last_step_leads_back(client, url):
    assert client.get(f"{url}matched/").url == url


def test_a_name_that_is_taken_is_told_at_its_field(client, stored, pending, url):
    stored("C01\n", "vips")
    match_upload(pending, chosen(pending))
    assert 'value="vips 2"' in page(client.get(f"{url}matched/"))
    text = page(client.post(f"{url}matched/", {"name": "vips"}))
    assert "There is an uploaded list “vips” already." in text


def test_discarding_leaves_nothing(client, pending, url):
    text = page(client.post(f"{url}discard/", follow=True))
    assert "The upload is discarded; nothing of it is kept." in text
    assert not PendingUpload.objects.exists()


# The lists ----------------------------------------------------------------------------------------------------------


def test_an_empty_list_teaches(client, customer_database, client_of, viewer):
    assert "Upload the first list" in page(client.get("/segments/lists/"))
    text = page(client_of(viewer).get("/segments/lists/"))
    assert "No uploaded lists yet" in text
    assert "Upload the first list" not in text


def test_lists_are_found_by_name_and_file(client, stored, django_assert_max_num_queries):
    stored("C01\n", "Staff", file_name="people.csv")
    stored("C02\n", "VIP", file_name="spring.csv")
    with django_assert_max_num_queries(12):
        text = page(client.get("/segments/lists/?q=SPRING"))
    assert "VIP" in text
    assert "Staff" not in text
    assert "No list is called that" in page(client.get("/segments/lists/?q=<b>%00"))


def test_the_lists_are_paged(client, stored):
    one = stored("C01\n", "List 00")
    fields = {key: value for key, value in vars(one).items() if key not in ("_state", "id", "name", "upload")}
    UploadedList.objects.bulk_create(
        UploadedList(**fields, name=f"List {number:02d}", upload=uuid4()) for number in range(1, 60)
    )
    text = page(client.get("/segments/lists/"))
    assert "Page 1 of 2" in text
    assert "List 59" not in text
    assert "List 59" in page(client.get("/segments/lists/?page=2"))


def test_the_segments_lead_to_the_lists(client, customer_database):
    assert 'href="/segments/lists/"' in page(client.get("/segments/"))


def test_a_list_shows_its_numbers_and_where_it_is_used(client, stored, marketer):
    one = stored("email\nshared@example.com\nnobody@example.com\n", "Sharers")
    assert "Nowhere yet. Segments and sub-audiences name it" in page(client.get(f"/segments/lists/{one.pk}/"))
    text = page(client.post(f"/segments/lists/{one.pk}/segment/", follow=True))
    assert "The segment “Sharers” has everybody on it." in text
    text = page(client.get(f"/segments/lists/{one.pk}/"))
    assert "1 value belongs to several customers." in text
    assert "names it in its rules" in text


def test_a_newer_file_is_a_list_of_its_own_and_says_what_names_the_old(client, stored, marketer):
    old = stored("C01\n", "VIP")
    segment = segment_from(old, marketer)
    assert "Replace “VIP”" in page(client.get(f"/segments/lists/new/?replaces={old.pk}"))
    url = client.post("/segments/lists/new/", {"file": csv_file(b"C01\nC02\n"), "replaces": old.pk}).url
    client.post(url, {"column": "0", "matched_by": "key"})
    work_off()
    assert 'value="VIP 2"' in page(client.get(f"{url}matched/"))
    text = page(client.post(f"{url}matched/", {"name": "VIP 2"}, follow=True))
    assert "What it replaces is still in use." in text
    assert f'href="/segments/{segment.pk}/edit/"' in text
    segment.refresh_from_db()
    assert segment.rules["rules"] == {"all": [{"list": old.pk}]}
    assert "There is a newer list." in page(client.get(f"/segments/lists/{old.pk}/"))


def test_what_nobody_has_is_downloaded_without_formulas(client, stored, marketer):
    text = 'email\nnobody@example.com\n=1+1\n"a,""b"\n+1 (2)\nperson1@example.com\n'
    one = stored(text, 'V/I"P', (0, "email", True))
    answer = client.get(f"/segments/lists/{one.pk}/unmatched/")
    assert answer["Content-Disposition"] == 'attachment; filename="vip-unmatched.csv"'
    assert streamed(answer).splitlines() == [
        "row,value,reason",
        "2,nobody@example.com,no customer has it",
        "3,'=1+1,no valid e-mail address",
        '4,"a,""b",no valid e-mail address',
        "5,'+1 (2),no valid e-mail address",
    ]
    assert Event.objects.get(verb="downloaded").detail == {"what": "unmatched"}


def test_the_keys_are_downloaded(client, stored):
    one = stored("C02\nC01\n")
    assert streamed(client.get(f"/segments/lists/{one.pk}/keys/")) == "customer_key\nC01\nC02\n"


def test_downloads_are_masked_without_the_permission(client_of, viewer, stored):
    viewer.sees_personal_data = False
    viewer.save()
    one = stored("email\nnobody@example.com\n2025550142\nperson1@example.com\n")
    text = streamed(client_of(viewer).get(f"/segments/lists/{one.pk}/unmatched/"))
    assert (
        text
        == "row,value,reason\n2,n···@example.com,no customer has it\n3,20255···,no valid e-mail address\n"
    )
    assert streamed(client_of(viewer).get(f"/segments/lists/{one.pk}/keys/")) == "customer_key\nC···\n"
    assert not Event.objects.filter(verb="downloaded").exists()


def test_deleting_asks_once_and_says_where_it_is_used(client, stored, marketer):
    one = stored("C01\n")
    assert "Delete “VIP”?" in page(client.get(f"/segments/lists/{one.pk}/delete/"))
    segment = segment_from(one, marketer)
    text = page(client.post(f"/segments/lists/{one.pk}/delete/", follow=True))
    assert "“VIP” is in use." in text
    assert f'href="/segments/{segment.pk}/"' in text
    segment.archived_at = clock.now()
    segment.save()
    assert "“VIP” is deleted." in page(client.post(f"/segments/lists/{one.pk}/delete/", follow=True))
    for url in ("", "keys/", "unmatched/", "delete/"):
        assert client.get(f"/segments/lists/{one.pk}/{url}").status_code == 404


def test_viewers_read_and_change_nothing(client_of, viewer, stored):
    one, reader = stored("C01\n"), client_of(viewer)
    assert reader.get("/segments/lists/").status_code == 200
    text = page(reader.get(f"/segments/lists/{one.pk}/"))
    assert "Delete" not in text
    assert reader.get("/segments/lists/new/").status_code == 403
    for url in ("delete/", "segment/"):
        assert reader.post(f"/segments/lists/{one.pk}/{url}").status_code == 403
    assert UploadedList.objects.active().exists()
