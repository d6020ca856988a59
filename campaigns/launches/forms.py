"""The form of a test."""

from __future__ import annotations

from django import forms

from campaigns.launches.start import MOST_TEST_RECORDS


class TestForm(forms.Form):
    """How many records of each treated group, and where they go."""

    size = forms.IntegerField(
        label="Records of each treated group",
        initial=10,
        min_value=1,
        max_value=MOST_TEST_RECORDS,
        help_text="The first records in the order of the file. Groups in control are left out.",
        error_messages={
            "required": "Enter how many records, such as 10.",
            "invalid": "Enter how many records, as a whole number such as 10.",
            "min_value": "Enter 1 or more.",
            "max_value": f"A test has {MOST_TEST_RECORDS:,} records of each group at most. Enter less.",
        },
    )
    to = forms.ChoiceField(
        label="Where to",
        choices=[
            ("file", "Only into files: you download them here; nothing is sent."),
            (
                "destination",
                "To the destinations: under segment names that end in _TEST; no real list is replaced.",
            ),
        ],
        initial="file",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose where the test goes."},
    )

    @property
    def to_destination(self) -> bool:
        return bool(self.cleaned_data["to"] == "destination")
