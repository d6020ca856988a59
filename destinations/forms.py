"""Forms of credentials and destinations. What depends on the kind comes from the kind's own forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.forms.boundfield import BoundField
from django.http import QueryDict

from destinations.kind import Kind
from destinations.models import Credential
from destinations.refusals import DestinationRefused

SETTINGS, FIELDS = "settings", "fields"  # the prefixes of a kind's two forms
FORGET = "forget_"
one_line = RegexValidator(r"[\x00-\x1f\x7f\u0085\u2028\u2029]", "Write it on one line.", inverse_match=True)


class NamedForm(forms.Form):
    name = forms.CharField(
        max_length=100, validators=[one_line], widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    description = forms.CharField(
        max_length=500,
        required=False,
        validators=[one_line],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class CredentialForm(NamedForm):
    """What credentials of every kind have."""


class DestinationForm(NamedForm):
    """What destinations of every kind have."""

    credential = forms.ModelChoiceField(
        Credential.objects.none(), empty_label=None, error_messages={"required": "Choose a credential."}
    )
    operators_only = forms.BooleanField(required=False, label="Administrators and operators only")
    open_without_personal_data = forms.BooleanField(
        required=False,
        label="Open to people who may not see personal data",
        help_text="They can send to it and see every value masked.",
    )
    field_order = ("credential", "name", "description", "open_without_personal_data", "operators_only")

    def __init__(self, *args: Any, kind: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["credential"]
        assert isinstance(field, forms.ModelChoiceField)
        found = Credential.objects.active()
        field.queryset = found.filter(kind=kind) if kind else found
        if kind and "credential" not in self.initial and field.queryset.count() > 1:
            field.empty_label = "Choose a credential"


@dataclass(frozen=True)
class Section:
    title: str
    rows: list[list[BoundField]]


def sections(form: forms.Form, title: str = "Settings") -> list[Section]:
    """A kind's form as the kind wants it drawn; else each field in a row of its own."""
    placed = getattr(form, "sections", None) or [(title, [[name] for name in form.base_fields])]
    return [Section(title, [row for names in rows for row in _rows(form, names)]) for title, rows in placed]


def _rows(form: forms.Form, names: Iterable[str]) -> list[list[BoundField]]:
    """The fields of a row, and below it the switches that forget a secret of it."""
    forgets = [FORGET + name for name in names if FORGET + name in form.fields]
    return [[form[name] for name in names], *([form[name]] for name in forgets)]


def settings_form(
    kind: Kind, post: QueryDict | None = None, stored: Mapping[str, Any] | None = None
) -> forms.Form:
    form = kind.settings_form(post, prefix=SETTINGS, initial=dict(stored or {}))
    form.use_required_attribute = False
    return form


def credential_form(kind: Kind, post: QueryDict | None, stored: Mapping[str, Any]) -> forms.Form:
    """The kind's form. An empty secret stands for the stored one; no secret is ever in what is drawn."""
    shown = {name: value for name, value in stored.items() if name not in kind.secret_fields}
    form = kind.credential_form(_with_stored(kind, post, stored), prefix=FIELDS, initial=shown)
    form.use_required_attribute = False
    for name in kind.secret_fields:
        _say_what_is_stored(form, name, bool(stored.get(name)))
    if post is not None:
        form.full_clean()
        form.data = _without_secrets(kind, form.data)
    return form


def given_fields(form: forms.Form, post: QueryDict) -> dict[str, Any]:
    """A valid credential form as plain data: None for a secret that is to be forgotten."""
    given = {name: value for name, value in form.cleaned_data.items() if not name.startswith(FORGET)}
    return given | {name: None for name in given if _forgotten(post, name)}


def _forgotten(post: QueryDict, name: str) -> bool:
    return f"{FIELDS}-{FORGET}{name}" in post


def _with_stored(kind: Kind, post: QueryDict | None, stored: Mapping[str, Any]) -> QueryDict | None:
    if post is None:
        return None
    data = post.copy()
    for name in kind.secret_fields:
        if not data.get(f"{FIELDS}-{name}") and not _forgotten(post, name):
            data[f"{FIELDS}-{name}"] = stored.get(name) or ""
    return data


def _without_secrets(kind: Kind, data: Any) -> QueryDict:
    cleared: QueryDict = data.copy()
    for name in kind.secret_fields:
        cleared.pop(f"{FIELDS}-{name}", None)
    return cleared


def _say_what_is_stored(form: forms.Form, name: str, is_stored: bool) -> None:
    field = form.fields[name]
    if not is_stored:
        if form.data.get(form.add_prefix(name)):
            field.help_text = f"Enter it again: no page keeps a secret. {field.help_text}"
        return
    if not field.required:
        label = (field.label or name.replace("_", " ")).lower()
        form.fields[FORGET + name] = forms.BooleanField(required=False, label=f"Forget the stored {label}")
    field.required = False
    field.help_text = "One is stored. Leave it empty to keep that one."


def place(refused: DestinationRefused, kind: Kind, own: forms.Form, of_kind: forms.Form) -> None:
    """Put a refusal where it belongs on the page; one about a login stands at the choice of the credential."""
    for form in (own, of_kind):
        if refused.field in form.fields:
            form.add_error(refused.field, refused.message)
            return
    if refused.field in kind.credential_form.base_fields and "credential" in own.fields:
        own.add_error("credential", refused.message)
    else:
        own.add_error(None, refused.message)


def public_values(
    form_class: type[forms.Form], values: Mapping[str, Any], hidden: Iterable[str]
) -> list[tuple[str, str]]:
    """[(label, value)] of what is stored, in the order of the form, for reading."""
    form = form_class()
    return [
        (str(field.label), _shown(field.field, values.get(field.name)))
        for field in form
        if field.name not in hidden and values.get(field.name) not in (None, "")
    ]


def _shown(field: forms.Field, value: Any) -> str:
    """A choice by the first part of its label, as its card shows it."""
    if not isinstance(field, forms.ChoiceField):
        return str(value)
    choices: Any = field.choices
    return str(dict(choices).get(value, value)).partition(": ")[0]
