"""Customer databases, credentials and destinations from files: secrets, host keys, connections."""

import pytest
import yaml

from campaigns.as_files.difference import in_words
from campaigns.as_files.exporting import export
from campaigns.as_files.marks import FileProblem
from campaigns.customers.models import CustomerDatabase, DefaultAttribute
from config.audit.models import Event
from destinations.models import Credential, Destination
from tests.base import make_customers


@pytest.fixture
def text(tmp_path, sandbox, monkeypatch):
    """One of each, all new."""
    make_customers(tmp_path / "customers")
    monkeypatch.setenv("ATTENTIVE_PASSPHRASE", sandbox.passphrase)
    return f"""\
customer_databases:
  - name: Demo customers
    url: files:{tmp_path / "customers"}
    customer_key: customer_id
    profile_table: customer_360
    orders: {{table: orders, amount: amount, ordered_at: ordered_at}}
credentials:
  - name: Attentive login
    kind: attentive_segments
    fields: {{hostname: 127.0.0.1, port: {sandbox.port}, username: acme, passphrase: {{env: ATTENTIVE_PASSPHRASE}}}}
destinations:
  - name: Attentive Segments (email)
    kind: attentive_segments
    credential: Attentive login
    host_key: accept
    settings:
      client_domain: acme
      remote_folder: /uploads
      identifier: email
      segment_name_template: "{{{{ campaign_name }}}}_{{{{ group_name }}}}"
    default_attributes:
      - {{customer_database: Demo customers, identifier: merged_customers.email}}
"""


@pytest.fixture
def applied(apply, text):
    return apply(text)


def test_a_file_connects_what_it_describes(applied, sandbox):
    database, destination = CustomerDatabase.objects.get(), Destination.objects.get()
    assert {table["name"] for table in database.catalogue["tables"]} >= {"customer_360", "orders"}
    assert database.default_country == "US"
    assert destination.host_key == sandbox.fingerprint
    assert destination.checked_at is not None
    assert (destination.settings["files"], destination.settings["time_zone"]) == ("separate", "UTC")
    assert Credential.objects.get().fields["passphrase"] == sandbox.passphrase
    assert DefaultAttribute.objects.get().column == "merged_customers.email"


def test_the_same_file_again_connects_to_nothing(applied, apply, text, sandbox, monkeypatch):
    events, checked = Event.objects.count(), Destination.objects.get().checked_at
    monkeypatch.setattr("destinations.saving.connect", _nobody)
    again = apply(text)
    assert in_words(again.changes) == ["= 3 unchanged"]
    assert Event.objects.count() == events
    assert Destination.objects.get().checked_at == checked


def nothing_is_stored():
    return not any(model.objects.exists() for model in (Credential, Destination, CustomerDatabase))


def _nobody(*_, **__):
    raise AssertionError("something was connected to")


def test_a_dry_run_connects_to_nothing_and_stores_nothing(apply, text, monkeypatch):
    monkeypatch.setattr("destinations.saving.connect", _nobody)
    monkeypatch.setattr("campaigns.customers.saving.read_catalogue", _nobody)
    told = in_words(apply(text, dry_run=True).changes)
    assert "+ destination “Attentive Segments (email)”" in told
    assert "    fields.passphrase: (secret)" in told
    assert "    host_key: SHA256: as the server shows it" in told
    assert nothing_is_stored()


def test_an_export_has_no_secret_and_applied_again_changes_nothing(applied, apply, sandbox, monkeypatch):
    told = export()
    assert sandbox.passphrase not in told
    assert yaml.safe_load(told)["credentials"][0]["fields"]["passphrase"] == {
        "env": "ATTENTIVE_LOGIN_PASSPHRASE"
    }
    monkeypatch.setenv("ATTENTIVE_LOGIN_PASSPHRASE", sandbox.passphrase)
    monkeypatch.setattr("destinations.saving.connect", _nobody)
    assert in_words(apply(told).changes) == ["= 3 unchanged"]


def test_two_secrets_never_share_a_name(applied):
    for name in ("Attentive-login", "ATTENTIVE LOGIN"):
        fields = {"hostname": "h", "port": 22, "username": "u", "passphrase": name}
        Credential.objects.create(kind="attentive_segments", name=name, fields=fields)
    told = yaml.safe_load(export())["credentials"]
    assert [one["fields"]["passphrase"]["env"] for one in told] == [
        "ATTENTIVE_LOGIN_PASSPHRASE",
        "ATTENTIVE_LOGIN_PASSPHRASE_2",
        "ATTENTIVE_LOGIN_PASSPHRASE_3",
    ]


def test_a_secret_may_stand_in_a_file_beside(applied, apply, text, tmp_path, sandbox):
    (tmp_path / "passphrase").write_text(f"{sandbox.passphrase}\n")
    again = apply(text.replace("{env: ATTENTIVE_PASSPHRASE}", "{file: passphrase}"))
    assert in_words(again.changes) == ["= 3 unchanged"]


def test_a_changed_secret_is_tried_where_it_is_used(applied, apply, text, monkeypatch, sandbox):
    monkeypatch.setenv("ATTENTIVE_PASSPHRASE", "another one")
    with pytest.raises(
        FileProblem, match="“Attentive Segments \\(email\\)” cannot be reached with this login"
    ) as caught:
        apply(text)
    assert "line 10, credentials[0].fields.passphrase: " in str(caught.value)
    assert "another one" not in str(caught.value)
    assert Credential.objects.get().fields["passphrase"] == sandbox.passphrase


def test_a_secret_left_out_stays(applied, apply, sandbox):
    told = in_words(apply("credentials:\n  - {name: Attentive login, description: For tests}\n").changes)
    assert told == ["~ credential “Attentive login”", "    description: For tests"]
    assert Credential.objects.get().fields["passphrase"] == sandbox.passphrase


def test_a_secret_is_never_shown_by_a_difference(applied, apply, text, monkeypatch):
    monkeypatch.setenv("ATTENTIVE_PASSPHRASE", "another one")
    told = "\n".join(in_words(apply(text, dry_run=True).changes))
    assert "fields.passphrase: another secret" in told
    assert "another one" not in told


def test_a_pinned_host_key_is_not_replaced_by_accept(applied, apply, text):
    Destination.objects.update(host_key="SHA256:pinned")
    assert in_words(apply(text).changes) == ["= 3 unchanged"]
    with pytest.raises(FileProblem, match="not the accepted SHA256:pinned"):
        apply(text.replace("/uploads", "/"))


def test_a_given_host_key_has_to_be_the_one_the_server_shows(apply, text, sandbox):
    with pytest.raises(FileProblem, match="host_key: The server shows the host key"):
        apply(text.replace("host_key: accept", "host_key: SHA256:other"))
    apply(text.replace("host_key: accept", f"host_key: {sandbox.fingerprint}"))
    assert Destination.objects.get().host_key == sandbox.fingerprint


def test_a_disabled_destination_is_not_connected_to(applied, apply, text, monkeypatch):
    monkeypatch.setattr("destinations.saving.connect", _nobody)
    text = text.replace("    host_key: accept", "    disabled: true").replace(
        "client_domain: acme", "client_domain: acne"
    )
    apply(text)
    assert Destination.objects.get().disabled_at is not None
    assert Destination.objects.get().settings["client_domain"] == "acne"


def test_default_attributes_given_are_all_there_are(applied, apply):
    apply("destinations:\n  - name: Attentive Segments (email)\n    default_attributes: []\n")
    assert not DefaultAttribute.objects.exists()


def test_a_url_with_a_password_is_a_secret(applied, apply, monkeypatch, tmp_path):
    CustomerDatabase.objects.update(url="postgres://muster:hush@db.example.com/shop")
    told = export()
    assert "hush" not in told
    assert yaml.safe_load(told)["customer_databases"][0]["url"] == {"env": "DEMO_CUSTOMERS_URL"}


def test_a_url_may_come_from_the_environment(apply, text, monkeypatch, tmp_path):
    monkeypatch.setenv("CUSTOMERS", f"files:{tmp_path / 'customers'}")
    apply(text.replace(f"files:{tmp_path / 'customers'}", "{env: CUSTOMERS}"))
    assert CustomerDatabase.objects.get().url == f"files:{tmp_path / 'customers'}"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{env: ATTENTIVE_PASSPHRASE}", "hunter2", "fields.passphrase: Write {env: NAME} or {file: PATH} here"),
        ("{env: ATTENTIVE_PASSPHRASE}", "{env: NOT_SET}", "variable NOT_SET is not set"),
        ("{env: ATTENTIVE_PASSPHRASE}", "{file: nowhere}", "nowhere cannot be read"),
        ("{env: ATTENTIVE_PASSPHRASE}", "{env: A, file: b}", "Write {env: NAME}"),
        ("username: acme", "user: acme", "credentials[0].fields.user: “user” is not known here"),
        ("username: acme", "username: wrong", "settings: "),
        ("kind: attentive_segments\n    fields", "kind: pigeons\n    fields", "The kind is one of attentive_segments"),
        ("credential: Attentive login", "credential: Other login", "no credential “Other login”"),
        ("    host_key: accept\n", "", "Add host_key: its fingerprint, or `accept`"),
        ("identifier: email\n", "identifier: post\n", "destinations[0].settings.identifier: "),
        ("      identifier: email\n", "", "destinations[0].settings: Choose email or phone"),
        ("/uploads", "/nowhere", "destinations[0].settings.remote_folder: "),
        ("files:", "files:/nowhere", "customer_databases[0].url: There is no folder"),
        ("customer_key: customer_id", "customer_key: client", "customer_databases[0].customer_key"),
        ("amount: amount", "amount: price", "customer_databases[0].orders.amount: "),
        ("table: orders,", "", "customer_databases[0].orders: The key table is missing"),
        ("merged_customers.email", "merged_customers.mail", "default_attributes[0].identifier: "),
        ("client_domain: acme", "client: acme", "settings.client: “client” is not known here"),
    ],
)  # fmt: skip
def test_an_error_names_its_key_and_nothing_is_stored(apply, text, old, new, words):
    with pytest.raises(FileProblem) as caught:
        apply(text.replace(old, new, 1))
    assert words in str(caught.value)
    assert "muster.yaml, line " in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert nothing_is_stored()
