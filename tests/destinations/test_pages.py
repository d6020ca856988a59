"""Credentials and destinations on their pages: tried for real, refused at the field, no secret ever shown."""

from __future__ import annotations

import re
import uuid

import asyncssh
import pytest
from django.urls import reverse

from config import clock
from destinations.kinds import KINDS
from destinations.models import Credential, Destination
from destinations.sandbox import account, server
from tests.browser.house import free_ports


@pytest.fixture
def client(operator, client_of):
    return client_of(operator)


@pytest.fixture
def far_side_of_https(settings, tmp_path):
    """(the URL, the token) of the sandbox's place for uploads, on a free port."""
    settings.DATA_DIR = tmp_path
    first = free_ports(2)
    settings.SANDBOX_HTTP_PORT, settings.SANDBOX_SFTP_PORT = first, first + 1
    with server.running():
        yield account.http_url(), account.bearer_token()


@pytest.fixture
def credential(sandbox, db):
    return Credential.objects.create(kind="attentive_segments", name="Login", fields=sandbox.credential)


def credential_form(sandbox, **changes):
    fields = {f"fields-{name}": value for name, value in sandbox.credential.items()}
    return {"name": "Attentive login", "form_token": str(uuid.uuid4()), "version": "1", **fields, **changes}


def form(credential, **changes):
    settings = {
        "client_domain": "acme",
        "remote_folder": "/uploads",
        "identifier": "email",
        "segment_name_template": "{{ campaign_name }}_{{ group_name }}",
        "files": "separate",
        "large_audiences": "numbered_segments",
        "time_zone": "UTC",
        "upload": "rename",
    }
    return {
        "name": "Attentive Segments (email)",
        "credential": credential.pk,
        "kind": "attentive_segments",
        "form_token": str(uuid.uuid4()),
        "version": "1",
        **{f"settings-{name}": value for name, value in settings.items()},
        **changes,
    }


NEW = "?kind=attentive_segments"


def text(answer):
    return answer.content.decode()


def saved(client, credential, **changes):
    """The form, then the same with the host key accepted."""
    url = reverse("destination_new") + NEW
    data = form(credential, **changes)
    page = text(client.post(url, data))
    key = re.search(r'name="accept_host_key" value="(SHA256:[^"]+)"', page)
    assert key, page
    return client.post(url, {**data, "accept_host_key": key[1]})


def test_a_host_key_is_shown_and_accepted_once(client, credential, sandbox, operator):
    url = reverse("destination_new") + NEW
    page = text(client.post(url, form(credential)))
    assert "Is this the right server?" in page
    assert sandbox.fingerprint in page
    assert not Destination.objects.exists()
    answer = saved(client, credential)
    stored = Destination.objects.get()
    assert answer["Location"] == reverse("destination", args=[stored.pk])
    assert (stored.host_key, stored.host_key_accepted_by) == (sandbox.fingerprint, operator)
    assert stored.account_key
    assert stored.state == "connected"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"settings-remote_folder": "/nowhere"}, "There is no folder /nowhere"),
        ({"settings-client_domain": "a b"}, "letters, digits"),
        ({"settings-identifier": ""}, "Choose email or phone"),
        ({"settings-segment_name_template": "{{ name }}"}, "is no variable"),
        ({"settings-segment_name_template": "{{ group_name"}, "A brace is not closed"),
        ({"settings-segment_name_template": "a/{{ group_name }}"}, "a slash"),
        ({"name": "N" * 500}, "at most 100 characters"),
        ({"name": "Two\u2028lines"}, "Write it on one line"),
        ({"description": "D" * 501}, "at most 500 characters"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_kept_in_the_form(client, credential, change, sentence):
    page = text(client.post(reverse("destination_new") + NEW, form(credential, **change)))
    assert sentence in page
    assert not Destination.objects.exists()
    assert 'value="acme"' in page or "a b" in page


def test_a_folder_that_may_not_be_written_is_told(client, credential, sandbox):
    sandbox.read_only = True
    page = text(client.post(reverse("destination_new") + NEW, form(credential)))
    assert "may not write into /uploads" in page
    assert not Destination.objects.exists()


def test_an_account_that_may_not_rename_is_offered_to_upload_directly(client, credential, sandbox):
    sandbox.refuses_rename = True
    page = text(client.post(reverse("destination_new") + NEW, form(credential)))
    assert "may not rename" in page
    saved(client, credential, **{"settings-upload": "directly"})
    assert Destination.objects.get().settings["upload"] == "directly"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"passphrase": "another"}, "refused this user name and passphrase"),
        ({"port": 9}, "refused the connection"),
        ({"hostname": "sftp.example.com"}, "not among ALLOWED_DESTINATION_HOSTS"),
    ],
)
def test_a_login_that_fails_stores_no_destination(client, credential, fields, sentence):
    credential.fields = {**credential.fields, **fields}
    credential.save()
    page = text(client.post(reverse("destination_new") + NEW, form(credential)))
    assert sentence in page
    assert not Destination.objects.exists()


def test_a_form_posted_twice_makes_one(client, credential):
    token = str(uuid.uuid4())
    location = saved(client, credential, form_token=token)["Location"]
    second = client.post(reverse("destination_new") + NEW, form(credential, form_token=token))
    assert second["Location"] == location
    assert Destination.objects.count() == 1


def test_the_later_of_two_editors_is_told_and_may_replace_it_knowingly(client, destination, operator):
    url = reverse("destination_edit", args=[destination.pk])
    client.post(url, form(destination.credential, name="Mine"))
    page = text(client.post(url, form(destination.credential, name="Later")))
    assert f"{operator.display_name} changed “Mine” while you edited it" in page
    assert 'value="Later"' in page
    destination.refresh_from_db()
    assert destination.name == "Mine"
    again = re.search(r'name="version" value="([0-9]+)"', page)[1]
    client.post(url, form(destination.credential, name="Later", version=again))
    destination.refresh_from_db()
    assert destination.name == "Later"


@pytest.mark.parametrize("version", ["", "none", "9" * 40])
def test_a_form_that_does_not_say_what_it_edits_replaces_nothing(client, destination, version):
    url = reverse("destination_edit", args=[destination.pk])
    page = text(client.post(url, form(destination.credential, name="Mine", version=version)))
    assert "while you edited it" in page


def test_a_changed_host_key_needs_a_deliberate_step(client, destination, sandbox):
    Destination.objects.filter(pk=destination.pk).update(host_key="SHA256:another")
    page = text(client.post(reverse("destination_check", args=[destination.pk])))
    assert "SHA256:another" in page
    assert sandbox.fingerprint in page
    destination.refresh_from_db()
    assert (destination.state, destination.host_key) == ("needs_you", "SHA256:another")
    client.post(reverse("destination_accept_key", args=[destination.pk]), {"host_key": sandbox.fingerprint})
    destination.refresh_from_db()
    assert (destination.host_key, destination.needs_attention) == (sandbox.fingerprint, "")


def test_saving_does_not_accept_a_changed_host_key_by_the_way(client, destination, sandbox):
    Destination.objects.filter(pk=destination.pk).update(host_key="SHA256:another")
    url = reverse("destination_edit", args=[destination.pk])
    for accepted in ("", "accept"):
        page = text(client.post(url, form(destination.credential, name="New", accept_host_key=accepted)))
        assert "another host key than the accepted one" in page
        assert f'value="{sandbox.fingerprint}"' in page
    destination.refresh_from_db()
    assert destination.name != "New"
    assert destination.host_key == "SHA256:another"


def test_a_new_key_is_not_accepted_while_the_rest_fails(client, destination, sandbox):
    Destination.objects.filter(pk=destination.pk).update(host_key="SHA256:another")
    (sandbox.root / "uploads").rmdir()
    url = reverse("destination_accept_key", args=[destination.pk])
    assert "There is no folder /uploads" in text(client.post(url, {"host_key": sandbox.fingerprint}))
    destination.refresh_from_db()
    assert destination.host_key == "SHA256:another"


def test_a_check_shows_its_steps_and_clears_what_needed_a_look(client, destination):
    Destination.objects.filter(pk=destination.pk).update(needs_attention="The server stopped answering.")
    page = text(client.post(reverse("destination_check", args=[destination.pk])))
    for step in ("Login", "Host key", "Folder", "Probe file", "Everything works"):
        assert step in page
    destination.refresh_from_db()
    assert destination.state == "connected"


def test_a_check_that_fails_is_kept_for_all_to_see(client, destination, sandbox, marketer, client_of):
    sandbox.read_only = True
    client.post(reverse("destination_check", args=[destination.pk]))
    page = text(client_of(marketer).get(reverse("destination", args=[destination.pk])))
    assert "may not write into /uploads" in page
    assert "Needs a look" in page


def test_a_key_that_is_not_the_one_shown_is_not_accepted(client, destination):
    client.post(reverse("destination_accept_key", args=[destination.pk]), {"host_key": "SHA256:made up"})
    destination.refresh_from_db()
    assert destination.host_key != "SHA256:made up"


def test_the_template_is_previewed_while_it_is_typed(client):
    url = reverse("destination_preview")
    data = {"kind": "attentive_segments", "settings-segment_name_template": "{{ group_name }}_x"}
    assert "GoldTier_x" in text(client.post(url, data))
    data["settings-segment_name_template"] = "{{ nobody }}"
    assert "is no variable" in text(client.post(url, data))


# Credentials ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_has_its_forms_and_its_readme(client, kind):
    assert client.get(reverse("credential_new") + f"?kind={kind}").status_code == 200
    page = text(client.get(reverse("destination_new") + f"?kind={kind}"))
    assert "What arrives" in page


def test_a_secret_goes_in_and_never_comes_out(client, sandbox):
    client.post(reverse("credential_new") + NEW, credential_form(sandbox))
    stored = Credential.objects.get()
    assert stored.fields["passphrase"] == sandbox.passphrase
    page = text(client.get(reverse("credential", args=[stored.pk])))
    assert sandbox.passphrase not in page
    assert "One is stored" in page
    data = credential_form(sandbox, name="Renamed", **{"fields-passphrase": ""})
    client.post(reverse("credential", args=[stored.pk]), data)
    stored.refresh_from_db()
    assert (stored.name, stored.fields["passphrase"]) == ("Renamed", sandbox.passphrase)


def test_a_refused_form_does_not_show_the_secret_that_was_typed(client, sandbox):
    page = text(client.post(reverse("credential_new") + NEW, credential_form(sandbox, name="")))
    assert sandbox.passphrase not in page
    assert sandbox.username in page
    assert page.count("Enter it again") == 1  # the passphrase; no private key was typed


@pytest.mark.parametrize("kind", list(KINDS))
def test_two_ways_to_log_in_do_not_both_call_themselves_optional(client, kind):
    page = text(client.get(reverse("credential_new") + f"?kind={kind}"))
    assert page.count("one of the two") == 2


def test_a_credential_is_chosen_beforehand_only_where_there_is_one(client, credential):
    assert "Choose a credential" not in text(client.get(reverse("destination_new") + NEW))
    Credential.objects.create(kind="attentive_segments", name="Another login", fields={})
    assert '<option value="" selected>Choose a credential' in text(
        client.get(reverse("destination_new") + NEW)
    )


def test_a_destination_names_its_kind_as_every_page_does(client, destination):
    page = text(client.get(reverse("destination", args=[destination.pk])))
    assert "<span>Attentive (segments)</span>" in page
    assert "attentive_segments" not in page


def test_a_changed_login_is_tried_with_its_destinations(client, destination, sandbox):
    url = reverse("credential", args=[destination.credential_id])
    page = text(client.post(url, credential_form(sandbox, **{"fields-passphrase": "another"})))
    assert f"“{destination}” cannot be reached with this login" in page
    assert "One is stored. Leave it empty to keep that one." in page
    destination.credential.refresh_from_db()
    assert destination.credential.fields["passphrase"] == sandbox.passphrase


def test_one_that_destinations_use_is_not_deleted(client, destination):
    url = reverse("credential_delete", args=[destination.credential_id])
    assert f"“{destination}”" in text(client.post(url))
    assert Credential.objects.active().exists()
    destination.archived_at = destination.created_at
    destination.save()
    client.post(url)
    assert not Credential.objects.active().exists()


def test_a_stored_secret_is_forgotten_only_when_asked(client, sandbox):
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    client.post(reverse("credential_new") + NEW, credential_form(sandbox, **{"fields-private_key": key}))
    stored = Credential.objects.get()
    url = reverse("credential", args=[stored.pk])
    assert "PRIVATE KEY" not in text(client.get(url))
    empty = {"fields-passphrase": "", "fields-private_key": ""}
    client.post(url, credential_form(sandbox, **empty, **{"fields-forget_private_key": "on"}))
    stored.refresh_from_db()
    assert "private_key" not in stored.fields
    assert stored.fields["passphrase"] == sandbox.passphrase
    page = text(
        client.post(url, credential_form(sandbox, version="2", **empty, **{"fields-forget_passphrase": "on"}))
    )
    assert "Enter the passphrase" in page


def test_the_later_of_two_editors_of_a_credential_is_told(client, sandbox, credential):
    url = reverse("credential", args=[credential.pk])
    client.post(url, credential_form(sandbox, name="Mine"))
    page = text(client.post(url, credential_form(sandbox, name="Later")))
    assert "changed “Mine” while you edited it" in page
    assert sandbox.passphrase not in page


def test_a_credential_posted_twice_makes_one(client, sandbox):
    data = credential_form(sandbox)
    for _ in range(2):
        assert client.post(reverse("credential_new") + NEW, data).status_code == 302
    assert Credential.objects.count() == 1


# Who may ------------------------------------------------------------------------------------------------


def test_only_operators_see_credentials_and_edit_destinations(destination, marketer, client_of):
    client = client_of(marketer)
    for name, args in (
        ("credential_list", []),
        ("credential_new", []),
        ("credential", [destination.credential_id]),
        ("destination_new", []),
        ("destination_edit", [destination.pk]),
        ("destination_delete", [destination.pk]),
    ):
        assert client.get(reverse(name, args=args)).status_code == 403
    page = text(client.get(reverse("destination", args=[destination.pk])))
    assert "an invented passphrase" not in page


def test_operators_set_up_what_they_may_not_send_to(client, destination, operator):
    operator.sees_personal_data = False
    operator.save()
    assert client.get(reverse("destination", args=[destination.pk])).status_code == 200


def test_a_marketer_reads_the_settings_but_not_the_login(destination, marketer, client_of, sandbox):
    page = text(client_of(marketer).get(reverse("destination", args=[destination.pk])))
    assert "/uploads" in page
    assert destination.credential.name in page
    assert str(sandbox.port) not in page
    assert "Check the connection" not in page


def test_who_may_use_none_is_told_whom_to_ask(marketer, operator, client_of):
    assert f"Ask {operator.display_name}" in text(client_of(marketer).get(reverse("destination_list")))


def test_one_for_operators_alone_is_known_to_nobody_else(destination, marketer, client_of):
    destination.operators_only = True
    destination.save()
    client = client_of(marketer)
    assert client.get(reverse("destination", args=[destination.pk])).status_code == 404
    assert destination.name not in text(client.get(reverse("destination_list")))


def test_one_in_use_can_only_be_disabled(client, destination, customer_database):
    from decimal import Decimal

    from campaigns.planning.draft import Draft, DraftGroup, DraftSubAudience, save
    from campaigns.segments.models import Segment
    from campaigns.segments.rules import dump, parse

    rules = dump(parse({"all": [{"attribute": "customer_360.city", "is": "Chicago"}]}))
    segment = Segment.objects.create(customer_database=customer_database, name="Chicago", rules=rules)
    group = DraftGroup("GoldOffer", Decimal("100"), destinations=(destination.pk,))
    parts = (DraftSubAudience("All remaining recipients", (group,)),)
    save(Draft("Spring <b>Sale", customer_database.pk, (segment.pk,), sub_audiences=parts), None, None, None)
    page = text(client.post(reverse("destination_delete", args=[destination.pk])))
    assert "“Spring &lt;b&gt;Sale”" in page
    assert Destination.objects.active().exists()
    url = reverse("destination_disable", args=[destination.pk])
    assert "“Spring &lt;b&gt;Sale”" in text(client.get(url))
    assert Destination.objects.enabled().exists()
    client.post(url)
    assert not Destination.objects.enabled().exists()
    page = text(
        client.post(
            reverse("destination_edit", args=[destination.pk]),
            form(destination.credential, **{"settings-identifier": "phone"}),
        )
    )
    assert "Make another destination for phone" in page


@pytest.mark.parametrize("state", ["waiting", "building", "sending", "retrying", "unknown"])
def test_one_with_a_file_on_its_way_can_only_be_disabled(client, destination, customer_database, state):
    from campaigns.launches.models import LaunchFile
    from tests.launches.on_page import make_campaign, make_launch

    campaign = make_campaign(customer_database, destination)
    make_launch(campaign, file_state=state)
    campaign.archived_at = clock.now()
    campaign.save()
    url = reverse("destination_delete", args=[destination.pk])
    for answer in (client.get(url), client.post(url)):
        assert "A file is still on its way to it, so it can only be disabled." in text(answer)
    assert Destination.objects.active().exists()
    LaunchFile.objects.update(state="delivered")
    client.post(url)
    assert not Destination.objects.active().exists()


def test_enabling_checks_the_connection(client, destination, sandbox):
    client.post(reverse("destination_disable", args=[destination.pk]))
    url = reverse("destination_enable", args=[destination.pk])
    sandbox.read_only = True
    assert "may not write into /uploads" in text(client.post(url))
    assert not Destination.objects.enabled().exists()
    sandbox.read_only = False
    client.post(url)
    assert Destination.objects.enabled().exists()


def test_another_identifier_takes_the_default_attributes_away(client, destination):
    data = form(destination.credential, **{"settings-identifier": "phone"})
    client.post(reverse("destination_edit", args=[destination.pk]), data)
    destination.refresh_from_db()
    assert destination.identifier == "phone"
    assert not destination.default_attributes.exists()


def test_a_name_is_shown_as_it_is_written(client, credential):
    location = saved(client, credential, name="<b>Bold</b>")["Location"]
    page = text(client.get(location))
    assert "<b>Bold" not in page
    assert "&lt;b&gt;Bold" in page


def test_the_suggested_name_is_one_that_is_free(client, credential, destination):
    Destination.objects.filter(pk=destination.pk).update(name="Attentive Segments")
    assert 'value="Attentive Segments 2"' in text(client.get(reverse("destination_new") + NEW))


def test_a_kind_without_host_keys_is_saved_at_once(client, far_side_of_https):
    url, token = far_side_of_https
    client.post(
        reverse("credential_new") + "?kind=https_upload",
        {"name": "Token", "form_token": str(uuid.uuid4()), "fields-bearer_token": token},
    )
    credential = Credential.objects.get()
    data = {
        "name": "Partner",
        "credential": credential.pk,
        "form_token": str(uuid.uuid4()),
        "settings-url": url,
        "settings-method": "PUT",
        "settings-identifier": "email",
        "settings-segment_name_template": "",
    }
    answer = client.post(reverse("destination_new") + "?kind=https_upload", data)
    stored = Destination.objects.get()
    assert answer["Location"] == reverse("destination", args=[stored.pk])
    assert (stored.host_key, stored.account_key) == ("", f"https:{url}")


def test_the_list_costs_the_same_for_many(client, destination):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    url = reverse("destination_list")
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(5):
        destination.pk, destination.name = None, f"Another {number}"
        destination.save()
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)
