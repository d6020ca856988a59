"""The form of what a campaign is found by."""

from __future__ import annotations

from django import forms

from campaigns.planning.filing.labels import LONGEST_LABEL, MOST_LABELS


class FilingForm(forms.Form):
    labels = forms.CharField(
        required=False,
        help_text=(
            f"Divided by commas or spaces: {MOST_LABELS} at most, each of up to {LONGEST_LABEL} letters,"
            " digits, “-” and “_”."
        ),
        error_messages={
            "null_characters_not_allowed": "A label has a character that cannot be stored. Type it anew."
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "spring vip store-opening"}),
    )
