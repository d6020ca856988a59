"""Who is not signed in signs in first, and comes back to where they were."""

from django.test import Client
from django.urls import reverse


def test_a_page_comes_back_after_signing_in(db, marketer):
    client = Client()
    answer = client.get(reverse("home") + "?a=1")
    assert answer["Location"] == f"{reverse('account_login')}?next=/%3Fa%3D1"
    answer = client.post(answer["Location"], {"login": "mara", "password": "an invented passphrase"})
    assert answer["Location"] == "/?a=1"


def test_a_fragment_sends_the_whole_page_to_sign_in(db):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/people/?page=2"}
    answer = Client().get(reverse("home"), headers=headers)
    assert answer["HX-Redirect"] == f"{reverse('account_login')}?next=/people/%3Fpage%3D2"
    assert answer.content == b""


def test_a_request_behind_an_editor_leaves_the_page_as_it_is(db):
    answer = Client().post(reverse("campaign_new"), headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "HX-Redirect" not in answer


def test_a_page_may_ask_whether_its_person_is_still_signed_in(client_of, marketer, db):
    assert Client().get(reverse("signed_in")).status_code == 401
    assert client_of(marketer).get(reverse("signed_in")).status_code == 200


def test_a_form_sent_too_late_leads_back_to_its_page(db):
    answer = Client().post(reverse("person_new"), headers={"Referer": "http://testserver/people/new/"})
    assert answer["Location"] == f"{reverse('account_login')}?next=/people/new/"


def test_nobody_is_led_to_another_house(db):
    elsewhere = "http://elsewhere.example.com/people/"
    answer = Client().get(reverse("home"), headers={"HX-Current-URL": elsewhere, "HX-Request": "true"})
    assert answer["HX-Redirect"] == f"{reverse('account_login')}?next=/"
    answer = Client().post(reverse("home"), headers={"Referer": elsewhere})
    assert answer["Location"] == f"{reverse('account_login')}?next=/"


def test_a_refusal_says_whom_to_ask(client_of, marketer):
    answer = client_of(marketer).get(reverse("people"))
    assert answer.status_code == 403
    assert b"Only administrators may do this." in answer.content


def test_too_many_wrong_passwords_are_answered_with_a_pause(db, marketer):
    client = Client()
    for _ in range(6):
        answer = client.post(reverse("account_login"), {"login": "mara", "password": "wrong"})
    assert b"Too many failed login attempts. Try again later." in answer.content
    right = client.post(reverse("account_login"), {"login": "mara", "password": "an invented passphrase"})
    assert "_auth_user_id" not in client.session
    assert b"Too many" in right.content


def test_a_person_changes_the_password(client_of, marketer):
    client = client_of(marketer)
    words = {"oldpassword": "an invented passphrase", "password1": "short", "password2": "short"}
    assert b"This password is too short." in client.post(reverse("account_change_password"), words).content
    words |= {"password1": "another invented passphrase", "password2": "another invented passphrase"}
    assert client.post(reverse("account_change_password"), words).status_code == 302
    marketer.refresh_from_db()
    assert marketer.check_password("another invented passphrase")
    assert client.get("/").status_code == 200
