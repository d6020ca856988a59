"""The one search."""

from __future__ import annotations

from django import forms


class WhyForm(forms.Form):
    """By customer key, e-mail address or phone number."""

    who = forms.CharField(
        label="Customer key, e-mail address or phone number",
        max_length=400,
        help_text="As you know it: addresses and numbers are read by the launch’s own rules.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
        error_messages={
            "required": "Enter a customer key, an e-mail address or a phone number.",
            "max_length": "Enter 400 characters at the most.",
        },
    )
