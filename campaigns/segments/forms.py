"""What a segment is called, and the zone in which its days count. Its rules are no Django form: see editor.py."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from campaigns.segments.plain import Draft, Problem


class BasicsForm(forms.Form):
    name = forms.CharField(
        strip=False,
        error_messages={
            "required": "Enter a name.",
            "null_characters_not_allowed": "The name has a character that cannot be shown. Type it anew.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Chicago regulars"}),
    )
    time_zone = forms.CharField(
        label="Time zone",
        strip=False,
        help_text="Where a day begins and ends for dates in the rules.",
        error_messages={
            "required": "Enter a time zone such as America/Chicago or UTC.",
            "null_characters_not_allowed": "Use a name such as America/Chicago or UTC.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "zones"}),
    )
    description = forms.CharField(
        required=False,
        strip=False,
        error_messages={
            "null_characters_not_allowed": "The description has a character that cannot be stored. Type it anew."
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def basics_form(draft: Draft, problems: Sequence[Problem], *, tried: bool) -> BasicsForm:
    """The fields beside the rules, with what is wrong with them; an empty name only once somebody tried to save."""
    form = BasicsForm({"name": draft.name, "description": draft.description, "time_zone": draft.time_zone})
    if not tried and not draft.name:
        form.errors.pop("name", None)
    for problem in problems:
        name = str(problem.path[0])
        if name in form.fields and name not in form.errors:
            form.add_error(name, problem.message)
    return form
