"""The sandbox moves with PORT; what logs in to it moves along, so that a demo works wherever Muster was started."""

from __future__ import annotations

import re
from typing import Any

from destinations.models import Credential, Destination
from destinations.sandbox import account
from destinations.saving import save_credential, save_destination

_URL = re.compile(rf"http://{re.escape(account.HOST)}:\d+(/.*)?")


def follow_the_ports() -> None:
    """Nothing is connected to: the sandbox need not run yet."""
    login = account.sftp_credential()
    for credential in Credential.objects.active():
        fields: Any = credential.fields
        if _is_ours(fields, login) and fields.get("port") != login["port"]:
            save_credential(credential, {"fields": {"port": login["port"]}}, None, check=False)
    for destination in Destination.objects.active().select_related("credential"):
        url = str(destination.settings.get("url", ""))
        token = destination.credential.fields.get("bearer_token")
        if token == account.bearer_token() and _URL.fullmatch(url) and url != account.http_url():
            save_destination(destination, {"settings": {"url": account.http_url()}}, None, check=False)


def _is_ours(fields: Any, login: dict[str, Any]) -> bool:
    """The passphrase is random, so nobody else's login has it."""
    return all(fields.get(key) == login[key] for key in ("hostname", "username", "passphrase"))
