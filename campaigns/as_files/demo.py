"""The objects of the first start: sample customers, and a file applied against the sandbox."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from campaigns.as_files.applying import apply_file
from campaigns.as_files.sections import SECTIONS
from campaigns.customers.sample_data import FOLDER
from destinations.sandbox import account

FILE = Path(__file__).with_name("demo.yaml")


def is_wanted() -> bool:
    """Only where nothing was ever set up: who deleted the demo does not want it back."""
    return not any(section.all().model._default_manager.exists() for section in SECTIONS.values())


def make_demo() -> None:
    """Raises FileProblem where it cannot be, OSError where the sandbox's ports are taken."""
    from destinations.sandbox.server import running

    folder = Path(settings.DATA_DIR) / FOLDER
    if not folder.exists():
        call_command("sample_data")
    with running():  # what is new is connected to
        apply_file(FILE, environment=_environment(folder))


def _environment(customers: Path) -> dict[str, str]:
    login = account.sftp_credential()
    return {
        "DEMO_CUSTOMERS_URL": f"files:{customers}",
        "SANDBOX_HOST": login["hostname"],
        "SANDBOX_SFTP_PORT": str(login["port"]),
        "SANDBOX_USERNAME": login["username"],
        "SANDBOX_PASSPHRASE": login["passphrase"],
        "SANDBOX_BEARER_TOKEN": account.bearer_token(),
        "SANDBOX_URL": account.http_url(),
    }
