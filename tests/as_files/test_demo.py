"""The demo of a first start, applied in this process; tests/test_start.py starts the whole."""

import io

import pytest
from django.core.management import call_command

from campaigns.as_files.demo import is_wanted
from campaigns.customers.models import CustomerDatabase
from campaigns.planning.draft import draft_of, validate
from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
from config import clock
from destinations.models import Credential, Destination
from destinations.sandbox import account
from tests.browser.house import free_ports


@pytest.fixture
def machine(db, settings, tmp_path):
    """A data folder and ports of its own."""
    settings.DATA_DIR = tmp_path
    settings.SANDBOX_HTTP_PORT = free_ports(2)
    settings.SANDBOX_SFTP_PORT = settings.SANDBOX_HTTP_PORT + 1
    return settings


@pytest.fixture
def demo(machine):
    call_command("demo")


def test_it_waits_for_launch_alone(demo):
    campaign = Campaign.objects.get()
    problems = validate(draft_of(campaign), None)
    assert (problems.errors, problems.warnings) == ((), ())
    assert campaign.schedule == {"asap": True}
    assert Segment.objects.count() == 5
    assert {one.identifier for one in Destination.objects.all()} == {"email", "phone"}
    assert all(one.checked_at for one in Destination.objects.all())


def test_it_is_made_once(demo):
    call_command("demo")
    assert Campaign.objects.count() == 1
    for model in (Campaign, Segment, Destination, Credential, CustomerDatabase):
        model.objects.update(archived_at=clock.now())
    assert not is_wanted()


def test_production_gets_none(machine):
    machine.PRODUCTION = True
    call_command("demo")
    assert not CustomerDatabase.objects.exists()


def test_without_the_sandbox_there_is_none(machine):
    machine.SANDBOX = False
    call_command("demo", stderr=io.StringIO())
    assert not CustomerDatabase.objects.exists()


def test_the_logins_to_the_sandbox_follow_its_ports(demo, settings):
    settings.SANDBOX_HTTP_PORT += 10
    settings.SANDBOX_SFTP_PORT += 10
    call_command("demo")
    login = Credential.objects.get(kind="attentive_segments")
    assert login.fields["port"] == settings.SANDBOX_SFTP_PORT
    upload = Destination.objects.get(kind="https_upload")
    assert upload.settings["url"] == account.http_url()
    assert all(str(settings.SANDBOX_SFTP_PORT) in one.account_key for one in login.destinations.all())
