"""What `manage.py check` says about settings that do not fit together."""

import pytest
from django.core.checks import run_checks
from django.core.management import call_command

from config.accounts.models import Role, User


@pytest.fixture
def production(settings, tmp_path):
    settings.PRODUCTION = True
    settings.SANDBOX = False
    settings.ALLOWED_HOSTS = ["muster.example.com"]
    settings.SECRET_KEY = "s" * 60
    settings.ENCRYPTION_KEYS = ["e" * 60]
    settings.DATA_DIR = tmp_path
    return settings


def found(**more):
    return {message.id for message in run_checks(**more) if message.id.startswith("muster.")}


def test_a_plain_start_has_nothing_to_say():
    assert found() == set()


def test_production_with_settings_of_its_own_has_nothing_to_say(production):
    assert found() == set()


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("ALLOWED_HOSTS", [], "muster.E001"),
        ("SANDBOX", True, "muster.E002"),
        ("ENCRYPTION_KEYS", ["e" * 60, "s" * 60], "muster.E003"),
        ("RETRY_FIRST_SECONDS", 10_000_000, "muster.E006"),
    ],
)
def test_each_mistake_has_its_own_sentence_and_a_hint(production, name, value, check):
    setattr(production, name, value)
    messages = [message for message in run_checks() if message.id == check]
    assert [bool(message.msg and message.hint) for message in messages] == [True]


def test_a_folder_that_cannot_be_written_is_told(production, tmp_path):
    file = tmp_path / "file"
    file.touch()
    production.DATA_DIR = file
    assert found() == {"muster.E005"}


def test_production_refuses_demo_logins(db, production):
    User.objects.create(username=Role.MARKETER, first_name="Demo", role=Role.MARKETER)
    User.objects.create(username="ada", first_name="Ada", role=Role.ADMINISTRATOR)
    messages = run_checks(databases=["default"])
    assert [message.msg for message in messages] == ["The demo logins marketer may sign in."]
    User.objects.filter(username=Role.MARKETER).update(is_active=False)
    assert found(databases=["default"]) == set()


def test_demo_logins_are_fine_elsewhere(db):
    User.objects.create(username=Role.MARKETER, first_name="Demo", role=Role.MARKETER)
    call_command("check", databases=["default"])
