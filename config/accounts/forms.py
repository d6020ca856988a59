"""Forms for people; an administrator fills them in."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from config.accounts.models import Role, User


class PersonForm(forms.ModelForm[User]):
    """A person's name, role and permission; a password is set here and never shown."""

    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        required=False,
        help_text="At least 12 characters. Give it to the person, who changes it after signing in.",
    )

    class Meta:
        model = User
        fields = [
            "username",
            "first_name",
            "last_name",
            "email",
            "role",
            "sees_personal_data",
            "writes_sql",
            "is_active",
        ]
        labels = {
            "username": "User name",
            "email": "E-mail address",
            "is_active": "May sign in",
            "sees_personal_data": "Sees personal data",
            "writes_sql": "Writes SQL",
        }
        help_texts = {
            "username": "What the person types to sign in.",
            "is_active": "",
            "sees_personal_data": "Without it, e-mail addresses, phone numbers and names are masked everywhere.",
            "writes_sql": "Makes and changes segments that are a query in SQL; marketers and those above them.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.fields["password"].required = self.instance.pk is None
        if self.instance.pk:
            self.fields["password"].help_text = "Empty keeps the present one."

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password, self.instance)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.instance.pk and self._takes_away_the_last_administrator(cleaned):
            raise ValidationError(
                "This is the last administrator who may sign in. Make somebody else an administrator first."
            )
        return cleaned

    def _takes_away_the_last_administrator(self, cleaned: dict[str, Any]) -> bool:
        stays = cleaned.get("role") == Role.ADMINISTRATOR and cleaned.get("is_active")
        others = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(pk=self.instance.pk)
        was = User.objects.filter(pk=self.instance.pk, role=Role.ADMINISTRATOR, is_active=True)
        return not stays and was.exists() and not others.exists()

    def save(self, commit: bool = True) -> User:
        person = super().save(commit=False)
        if self.cleaned_data["password"]:
            person.set_password(self.cleaned_data["password"])
        person.save()
        return person


def _reword(form: forms.Form, labels: dict[str, str]) -> None:
    """Our words, and no placeholder that repeats the label."""
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _reword(self, {"login": "User name", "password": "Password"})


class OwnPasswordForm(ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _reword(
            self,
            {
                "oldpassword": "Present password",
                "password1": "New password",
                "password2": "New password, again",
            },
        )
        self.fields["password1"].help_text = "At least 12 characters: no common password, not your name."
