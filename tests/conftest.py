"""The cast of the tests: one person of each role, and a client for any of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
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


@pytest.fixture(autouse=True)
def no_tries_counted() -> None:
    """The tries to sign in are counted in the cache, which no test's end rolls back."""
    cache.clear()


@pytest.fixture(autouse=True)
def nothing_of_this_machine(settings: object, tmp_path: Path) -> None:
    """Neither a Redis that happens to run here is asked, nor is anything written beside real launches."""
    queue = {**settings.RQ_QUEUES["default"], "URL": f"unix://{tmp_path}/nobody.sock"}  # type: ignore[attr-defined]
    settings.RQ_QUEUES = {"default": queue}  # type: ignore[attr-defined]
    launches = {**settings.STORAGES["launches"], "OPTIONS": {"location": str(tmp_path / "storage")}}  # type: ignore[attr-defined]
    settings.STORAGES = {**settings.STORAGES, "launches": launches}  # type: ignore[attr-defined]
