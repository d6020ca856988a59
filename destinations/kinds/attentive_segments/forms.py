"""What an operator fills in for Attentive's segment upload."""

from __future__ import annotations

import re
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError

from destinations.segment_names import EXAMPLE_TEMPLATE, template_problem


class CredentialForm(forms.Form):
    hostname = forms.CharField(max_length=255, initial="sftp.attentivemobile.com")
    port = forms.IntegerField(min_value=1, max_value=65535, initial=22)
    username = forms.CharField(max_length=100)
    passphrase = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        required=False,
        help_text="The permanent one, set in Attentive under Settings > SFTP Account Management.",
    )
    private_key = forms.CharField(
        widget=forms.Textarea, required=False, help_text="Instead of a passphrase: a key in OpenSSH's format."
    )


class SettingsForm(forms.Form):
    client_domain = forms.CharField(max_length=100, help_text="From Attentive’s White Glove team.")
    remote_folder = forms.CharField(
        max_length=500, initial="/uploads", help_text="Starts with /. Write a space as “\\ ”."
    )
    identifier = forms.ChoiceField(
        choices=[("email", "Email"), ("phone", "Phone")],
        widget=forms.RadioSelect,
        help_text="One file holds emails or phones, never both. Ask White Glove which one your account uses.",
        error_messages={"required": "Choose email or phone: the account accepts one of them."},
    )
    segment_name_template = forms.CharField(
        max_length=300,
        required=False,
        strip=False,
        initial=EXAMPLE_TEMPLATE,
        help_text="Two variables and plain text. Spaces inside the two names are removed.",
    )
    files = forms.ChoiceField(  # type: ignore[assignment] # the setting's name; the form takes no uploads
        choices=[("separate", "One file per treatment group"), ("single", "One file for all")],
        initial="separate",
    )
    large_audiences = forms.ChoiceField(
        choices=[
            ("numbered_segments", "Numbered segments: _2, _3, …"),
            ("several_files", "Several files of one segment name"),
            ("refuse", "Refuse"),
        ],
        initial="numbered_segments",
        help_text="Above 500,000 rows a file. Ask White Glove before you choose several files.",
    )
    time_zone = forms.ChoiceField(
        choices=[(zone, zone) for zone in sorted(available_timezones())],
        initial="UTC",
        label="Time zone of the date in the file name",
    )
    upload = forms.ChoiceField(
        choices=[
            ("rename", "Under a temporary name, then renamed"),
            ("directly", "Directly: a file cut short may be taken in"),
        ],
        initial="rename",
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
