"""What an operator fills in for Attentive's segment upload."""

from __future__ import annotations

import re
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError

from destinations.kind import Sections
from destinations.segment_names import EXAMPLE_TEMPLATE, template_problem
from destinations.transport import ssh

MONO = {"class": "mono", "spellcheck": "false", "autocapitalize": "off"}


class CredentialForm(forms.Form):
    sections: ClassVar[Sections] = (
        ("Server", (("hostname", "port"),)),
        ("Login", (("username", "passphrase"), ("private_key",))),
    )
    one_of: ClassVar[tuple[str, ...]] = ("passphrase", "private_key")

    hostname = forms.CharField(
        max_length=255, initial="sftp.attentivemobile.com", widget=forms.TextInput(attrs=MONO)
    )
    port = forms.IntegerField(min_value=1, max_value=65535, initial=22)
    username = forms.CharField(
        max_length=100, label="User name", widget=forms.TextInput(attrs={**MONO, "autocomplete": "off"})
    )
    passphrase = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        required=False,
        help_text="The permanent one, set in Attentive under Settings > SFTP Account Management.",
    )
    private_key = forms.CharField(
        widget=forms.Textarea(attrs={**MONO, "rows": 4, "autocomplete": "off"}),
        required=False,
        help_text="Instead of a passphrase: a key in OpenSSH’s format, without a passphrase of its own.",
    )

    def clean_hostname(self) -> str:
        value: str = self.cleaned_data["hostname"]
        if re.search(r"[\s/@]", value):
            raise ValidationError("Write the host alone, without “sftp://”, user name, slash or space.")
        return value

    def clean_private_key(self) -> str:
        value: str = self.cleaned_data["private_key"]
        if value and (problem := ssh.key_problem(value)):
            raise ValidationError(problem)
        return value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("passphrase") and not cleaned.get("private_key") and not self.errors:
            self.add_error("passphrase", "Enter the passphrase, or paste a private key below.")
        return cleaned


class SettingsForm(forms.Form):
    sections: ClassVar[Sections] = (
        ("Where files go", (("client_domain", "remote_folder"), ("upload",))),
        (
            "What a file holds",
            (("identifier",), ("segment_name_template",), ("files",), ("large_audiences",), ("time_zone",)),
        ),
    )

    client_domain = forms.CharField(
        max_length=100, help_text="From Attentive’s White Glove team.", widget=forms.TextInput(attrs=MONO)
    )
    remote_folder = forms.CharField(
        max_length=500,
        initial="/uploads",
        help_text="Starts with /. Write a space as “\\ ”.",
        widget=forms.TextInput(attrs=MONO),
    )
    identifier = forms.ChoiceField(
        choices=[
            ("email", "Email: The account identifies people by email."),
            ("phone", "Phone: The account identifies people by phone, as +1 202 555 0142."),
        ],
        widget=forms.RadioSelect,
        help_text="One file holds emails or phones, never both. Ask White Glove which one your account uses.",
        error_messages={"required": "Choose email or phone: the account accepts one of them."},
    )
    segment_name_template = forms.CharField(
        max_length=300,
        required=False,
        strip=False,
        initial=EXAMPLE_TEMPLATE,
        help_text="The two variables and plain text. Spaces inside the two names are removed.",
        widget=forms.TextInput(attrs={**MONO, "autocomplete": "off"}),
    )
    files = forms.ChoiceField(  # type: ignore[assignment] # the setting's name; the form takes no uploads
        choices=[
            ("separate", "Separate: One file per treatment group."),
            ("single", "Single: One file for all; each row names its own segment."),
        ],
        initial="separate",
        widget=forms.RadioSelect,
    )
    large_audiences = forms.ChoiceField(
        choices=[
            (
                "numbered_segments",
                "Numbered segments: The name, then _2, _3 and so on, each a whole segment in a file of its own.",
            ),
            (
                "several_files",
                "Several files: All under one segment name. Ask White Glove first: the last may replace the others.",
            ),
            ("refuse", "Refuse: The launch stops, and says which treatment group is too large."),
        ],
        initial="numbered_segments",
        widget=forms.RadioSelect,
        help_text="What becomes of a treatment group of over 500,000 rows, the most that a file may have.",
    )
    time_zone = forms.ChoiceField(
        choices=[(zone, zone) for zone in sorted(available_timezones())],
        initial="UTC",
        label="Time zone of the date in the file name",
        help_text="The date is the day of the first attempt there.",
    )
    upload = forms.ChoiceField(
        choices=[
            ("rename", "Rename: Under a temporary name first, so that only a whole file is taken in."),
            (
                "directly",
                "Upload directly: For accounts that may not rename. A file that is cut short may be taken in as it is.",
            ),
        ],
        initial="rename",
        widget=forms.RadioSelect,
    )

    def clean_client_domain(self) -> str:
        value: str = self.cleaned_data["client_domain"]
        if not re.fullmatch(r"[A-Za-z0-9.-]+", value):
            raise ValidationError("A client domain has letters, digits, “.” and “-” only.")
        return value

    def clean_remote_folder(self) -> str:
        value: str = self.cleaned_data["remote_folder"]
        if not value.startswith("/") or ".." in value.split("/"):
            raise ValidationError("The remote folder starts with / and has no “..” in it.")
        if re.search(r"(?<!\\) ", value):
            raise ValidationError("Write a space in the remote folder as “\\ ”.")
        return value

    def clean_segment_name_template(self) -> str:
        value: str = self.cleaned_data["segment_name_template"]
        if problem := template_problem(value):
            raise ValidationError(problem)
        return value
