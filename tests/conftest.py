"""The cast of the tests: one person of each role, and a client for any of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings as django_settings
from django.test import Client

from config.accounts.models import Role, User


def _person(role: Role, name: str) -> User:
    person = User(username=name.lower(), first_name=name, role=role, sees_personal_data=True)
    person.set_password("an invented passphrase")
    person.save()
    return person


@pytest.fixture
def administrator(db: None) -> User:
    return _person(Role.ADMINISTRATOR, "Ada")


@pytest.fixture
def operator(db: None) -> User:
    return _person(Role.OPERATOR, "Otto")


@pytest.fixture
def marketer(db: None) -> User:
    return _person(Role.MARKETER, "Mara")


@pytest.fixture
def viewer(db: None) -> User:
    return _person(Role.VIEWER, "Vera")


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    def signed_in(person: User) -> Client:
        client = Client()
        client.force_login(person, backend=django_settings.AUTHENTICATION_BACKENDS[0])
        return client

    return signed_in


@pytest.fixture(autouse=True)
def fast_passwords(settings: object) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
