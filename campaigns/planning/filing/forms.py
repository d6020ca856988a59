"""The forms of what a campaign is found by, and of a folder."""

from __future__ import annotations

from typing import Any

from django import forms

from campaigns.planning.filing.folders import Tree
from campaigns.planning.filing.labels import LONGEST_LABEL, MOST_LABELS
from campaigns.planning.filing.models import Folder


class _InFolder(forms.Form):
    folder = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "This folder was deleted. Choose another one."}
    )

    def __init__(self, *args: Any, tree: Tree, nowhere: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tree = tree
        choices = [(str(pk), path) for pk, path in tree.paths.items()]
        self.fields["folder"].choices = [("", nowhere), *choices]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Folder | None:
        value = self.cleaned_data["folder"]
        return self.tree.folders[int(value)] if value else None


class FilingForm(_InFolder):
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


class FolderForm(_InFolder):
    name = forms.CharField(
        error_messages={
            "required": "Enter a name for the folder.",
            "null_characters_not_allowed": "The name has a character that cannot be shown. Type it anew.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Spring"}),
    )
    field_order = ("name", "folder")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, nowhere="Outermost", **kwargs)
        self.fields["folder"].label = "Inside"
