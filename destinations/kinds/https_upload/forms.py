"""What an operator fills in for an HTTPS upload."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from destinations.segment_names import EXAMPLE_TEMPLATE, template_problem
from destinations.transport.http import url_problem


class CredentialForm(forms.Form):
    one_of: ClassVar[tuple[str, ...]] = ("bearer_token", "hmac_key")

    bearer_token = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        required=False,
        max_length=2000,
        help_text="Sent as “Authorization: Bearer …”.",
    )
    hmac_key = forms.CharField(
        label="HMAC key",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        required=False,
        max_length=2000,
        help_text="Instead of a token: signs every request. The README says how to verify it.",
    )

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        given = [name for name in ("bearer_token", "hmac_key") if fields.get(name)]
        if len(given) == 2:
            raise ValidationError({"hmac_key": "Enter a bearer token or an HMAC key, not both."})
        if not given and not self.errors:
            raise ValidationError({"bearer_token": "Enter a bearer token or an HMAC key."})
        return fields

    def clean_bearer_token(self) -> str:
        token: str = self.cleaned_data["bearer_token"]
        if any(not 32 < ord(character) < 127 for character in token):
            raise ValidationError("A bearer token has no spaces or special characters. Paste it again.")
        return token


class SettingsForm(forms.Form):
    url = forms.CharField(
        label="URL",
        max_length=1000,
        help_text="The file's name is appended to it: https://lists.example.com/in becomes …/in/SpringSale….csv.",
    )
    method = forms.ChoiceField(choices=[("PUT", "PUT"), ("POST", "POST")], initial="PUT")
    identifier = forms.ChoiceField(
        choices=[("email", "Email"), ("phone", "Phone")],
        widget=forms.RadioSelect,
        help_text="One file holds emails or phones, never both.",
        error_messages={"required": "Choose email or phone: a file holds one of them."},
    )
    segment_name_template = forms.CharField(
        max_length=300,
        required=False,
        strip=False,
        initial=EXAMPLE_TEMPLATE,
        help_text="Two variables and plain text. Spaces inside the two names are removed.",
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].rstrip("/")
        if problem := url_problem(url):
            raise ValidationError(problem)
        return url

    def clean_segment_name_template(self) -> str:
        value: str = self.cleaned_data["segment_name_template"]
        if problem := template_problem(value):
            raise ValidationError(problem)
        return value
