"""Attentive's subscriber segment upload over SFTP. README.md beside this file says what it is for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from destinations import segment_names
from destinations.kind import (
    Absent,
    CheckResult,
    Confirmed,
    CredentialFields,
    FileSpec,
    Group,
    Identifier,
    Kind,
    Parcel,
    Pending,
    Settings,
    Unknown,
)
from destinations.kinds.attentive_segments import packing
from destinations.kinds.attentive_segments.forms import CredentialForm, SettingsForm
from destinations.transport import ssh, ssh_check, ssh_send


class AttentiveSegments(Kind):
    name = "attentive_segments"
    label = "Attentive (segments)"
    icon = "server"
    suggested_name = "Attentive Segments"
    platform = "Attentive"
    secret_fields: ClassVar[frozenset[str]] = frozenset({"passphrase", "private_key"})
    credential_form = CredentialForm
    settings_form = SettingsForm
    has_host_key = True
    takes_a_name_once_a_day = True
    hours_until_usable = 24
    after_delivery = (
        "Attentive processes segment files once a day. Allow up to 24 hours, then look at its Segments page. "
        "People who are not subscribed are skipped without a report."
    )

    def check(self, settings: Settings, credential: CredentialFields, host_key: str = "") -> CheckResult:
        return ssh_check.check(_login(credential, host_key), _folder(settings), rename=_renames(settings))

    def account_key(self, settings: Settings, credential: CredentialFields) -> str:
        return f"sftp:{credential['username']}@{str(credential['hostname']).lower()}:{credential['port']}"

    def drop_point(self, settings: Settings, credential: CredentialFields) -> str:
        account = self.account_key(settings, credential)
        return f"{account}{_folder(settings)}#{str(settings['client_domain']).lower()}"

    def identifier(self, settings: Settings) -> Identifier:
        return "phone" if settings["identifier"] == "phone" else "email"

    def segment_name(self, settings: Settings, campaign_name: str, group_name: str) -> str:
        return segment_names.segment_name(
            settings.get("segment_name_template", ""), campaign_name, group_name
        )

    def name_problem(self, name: str) -> str:
        return segment_names.name_problem(name, "in Attentive")

    def segment_names(self, settings: Settings, segment_name: str) -> tuple[str, bool]:
        return segment_name, _large_audiences(settings) == "numbered_segments"

    def plan(self, settings: Settings, groups: Sequence[Group]) -> list[FileSpec]:
        files = settings.get("files", "separate")
        return packing.plan(groups, files=files, large_audiences=_large_audiences(settings))

    def day(self, settings: Settings, now: datetime) -> date:
        return now.astimezone(ZoneInfo(settings.get("time_zone", "UTC"))).date()

    def file_name(self, settings: Settings, spec: FileSpec, day: date, number: int) -> str:
        """Attentive: {clientdomain}_subscriber_segment_{YYYYMMDD}_{file_number}.csv."""
        return f"{settings['client_domain']}_subscriber_segment_{day:%Y%m%d}_{number}.csv"

    def send(self, parcel: Parcel) -> Confirmed:
        login = _login(parcel.credential, parcel.host_key)
        put = ssh_send.put_and_rename if _renames(parcel.settings) else ssh_send.put_directly
        return put(login, _folder(parcel.settings), parcel)

    def look_up(self, parcel: Parcel, handle: str = "") -> Confirmed | Pending | Absent | Unknown:
        login = _login(parcel.credential, parcel.host_key)
        return ssh_send.look_up(login, _folder(parcel.settings), parcel, renamed=_renames(parcel.settings))


def _renames(settings: Settings) -> bool:
    return bool(settings.get("upload", "rename") != "directly")


def _large_audiences(settings: Settings) -> str:
    return str(settings.get("large_audiences", "numbered_segments"))


def _folder(settings: Settings) -> str:
    """The remote folder as the server knows it: a space is written `\\ ` in the form."""
    return str(settings["remote_folder"]).replace("\\ ", " ").rstrip("/") or "/"


def _login(credential: CredentialFields, host_key: str) -> ssh.Login:
    return ssh.Login(
        host=str(credential["hostname"]),
        port=int(credential["port"]),
        username=str(credential["username"]),
        passphrase=str(credential.get("passphrase") or ""),
        private_key=str(credential.get("private_key") or ""),
        host_key=host_key,
    )
