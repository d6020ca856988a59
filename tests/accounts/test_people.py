from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from config.accounts.models import Role, User
from config.audit.models import Event

ClientOf = Callable[[User], Client]


def _fields(**changes: object) -> dict[str, object]:
    fields = {
        "username": "nora",
        "first_name": "Nora",
        "last_name": "New",
        "email": "nora@example.com",
        "role": Role.MARKETER,
        "is_active": "on",
        "password": "a long invented passphrase",
    }
    return {**fields, **changes}


def test_a_stranger_is_sent_to_the_sign_in_page(client: Client, db: None) -> None:
    answer = client.get(reverse("home"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_a_person_signs_in_with_name_and_password(client: Client, marketer: User) -> None:
    answer = client.post(
        reverse("account_login"), {"login": "mara", "password": "an invented passphrase"}, follow=True
    )
    assert b"Mara" in answer.content
    assert answer.redirect_chain[-1][0] == reverse("home")


def test_a_wrong_password_is_told_and_signs_nobody_in(client: Client, marketer: User) -> None:
    answer = client.post(reverse("account_login"), {"login": "mara", "password": "wrong"})
    assert b"not correct" in answer.content
    assert "_auth_user_id" not in client.session


def test_there_is_no_way_to_sign_up(client: Client, db: None) -> None:
    assert client.get("/people/signup/").status_code == 404


@pytest.mark.parametrize("role", ["viewer", "marketer", "operator"])
def test_only_administrators_see_people(
    role: str, request: pytest.FixtureRequest, client_of: ClientOf
) -> None:
    answer = client_of(request.getfixturevalue(role)).get(reverse("people"))
    assert answer.status_code == 403
    assert b"Only administrators" in answer.content


def test_an_administrator_adds_a_person_who_can_then_sign_in(
    administrator: User, client_of: ClientOf, client: Client
) -> None:
    client_of(administrator).post(reverse("person_new"), _fields())
    nora = User.objects.get(username="nora")
    assert nora.role == Role.MARKETER
    assert not nora.sees_personal_data
    assert client.login(username="nora", password="a long invented passphrase")
    assert Event.objects.get().verb == "added"


def test_a_new_person_needs_a_password_of_twelve_characters(administrator: User, client_of: ClientOf) -> None:
    answer = client_of(administrator).post(reverse("person_new"), _fields(password="short"))
    assert b"at least 12 characters" in answer.content
    assert not User.objects.filter(username="nora").exists()


def test_an_empty_password_keeps_the_present_one(administrator: User, client_of: ClientOf) -> None:
    client_of(administrator).post(
        reverse("person", args=[administrator.pk]),
        _fields(username="ada", first_name="Adele", role=Role.ADMINISTRATOR, password=""),
    )
    administrator.refresh_from_db()
    assert administrator.first_name == "Adele"
    assert administrator.check_password("an invented passphrase")


@pytest.mark.parametrize("change", [{"role": Role.VIEWER}, {"is_active": ""}])
def test_the_last_administrator_cannot_be_locked_out(
    change: dict[str, object], administrator: User, client_of: ClientOf
) -> None:
    fields = _fields(username="ada", role=Role.ADMINISTRATOR, password="") | change
    answer = client_of(administrator).post(reverse("person", args=[administrator.pk]), fields)
    assert b"last administrator" in answer.content
    administrator.refresh_from_db()
    assert administrator.may_administer


def test_each_role_may_do_what_the_one_before_may(
    viewer: User, marketer: User, operator: User, administrator: User
) -> None:
    ladder = [
        (person.may_market, person.may_operate, person.may_administer)
        for person in (viewer, marketer, operator, administrator)
    ]
    assert ladder == [
        (False, False, False),
        (True, False, False),
        (True, True, False),
        (True, True, True),
    ]


def test_who_may_no_longer_sign_in_may_do_nothing(administrator: User) -> None:
    administrator.is_active = False
    assert not administrator.may_market
