"""The cast of the tests: one person of each role, a client for any of them, customers, and a far side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client

from campaigns.customers.models import CustomerDatabase, DefaultAttribute
from config.accounts.models import Role, User
from destinations.models import Credential, Destination
from tests.base import make_customers

if TYPE_CHECKING:
    from tests.fakes import SftpFarSide


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


@pytest.fixture
def customer_database(db: None, tmp_path: Path) -> CustomerDatabase:
    """The customers of base.py in a folder of Parquet files, their catalogue read."""
    from campaigns.customers.catalogue import read_catalogue

    make_customers(tmp_path / "customers")
    database = CustomerDatabase(
        name="Demo customers",
        url=f"files:{tmp_path / 'customers'}",
        customer_key="customer_id",
        profile_table="customer_360",
    )
    database.catalogue = read_catalogue(database).to_json()
    database.save()
    return database


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SftpFarSide]:
    """An SFTP server that takes uploads in /uploads."""
    from tests.fakes import SftpFarSide

    (tmp_path / "far side" / "uploads").mkdir(parents=True)
    with SftpFarSide(tmp_path / "far side") as server:
        yield server


@pytest.fixture
def destination(db: None, sandbox: SftpFarSide, customer_database: CustomerDatabase) -> Destination:
    """E-mail to the sandbox, its host key accepted, fed by merged_customers.email."""
    login: Any = sandbox.credential
    credential = Credential.objects.create(kind="attentive_segments", name="Attentive login", fields=login)
    found = Destination(
        kind="attentive_segments",
        name="Attentive Segments (email)",
        credential=credential,
        settings={
            "client_domain": "acme",
            "remote_folder": "/uploads",
            "identifier": "email",
            "segment_name_template": "{{ campaign_name }}_{{ group_name }}",
            "files": "separate",
            "large_audiences": "numbered_segments",
            "time_zone": "UTC",
        },
        host_key=sandbox.fingerprint,
    )
    found.account_key = found.the_kind.account_key(found.settings, login)
    found.drop_point = found.the_kind.drop_point(found.settings, login)
    found.save()
    DefaultAttribute.objects.create(
        destination=found, customer_database=customer_database, column="merged_customers.email"
    )
    return found


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL database for customers; empty, and the same for all tests of a process."""
    from tests.postgres import server

    with server() as url:
        yield url


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
    lists = {**settings.STORAGES["lists"], "OPTIONS": {"location": str(tmp_path / "lists")}}  # type: ignore[attr-defined]
    settings.STORAGES = {**settings.STORAGES, "launches": launches, "lists": lists}  # type: ignore[attr-defined]
    settings.DATA_DIR = tmp_path / "data"  # type: ignore[attr-defined]
