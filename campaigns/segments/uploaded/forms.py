"""The steps of an upload: the file, how it is read, what its columns hold, the list's name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from campaigns.customers.contacts import contact_columns
from campaigns.customers.models import CustomerDatabase, large
from campaigns.segments.uploaded.decoding import ENCODINGS, encoding_of
from campaigns.segments.uploaded.looks import SEPARATORS, in_words
from campaigns.segments.uploaded.matching import Choice, identifier_of
from campaigns.segments.uploaded.models import MatchedBy
from campaigns.segments.uploaded.reading import Found, Wanted
from config.full_disk import FULL
from config.requests import Request
from config.uploads import found_no_room, is_over_limit, limit_in_bytes

NO_FILE = "Choose a CSV file."


class FileForm(forms.Form):
    customer_database: forms.ModelChoiceField[CustomerDatabase] = forms.ModelChoiceField(
        queryset=None,
        empty_label=None,
        help_text="Whose customers the list is matched to.",
        error_messages={"required": "Choose a customer database.", "invalid_choice": "Choose one of these."},
    )
    file = forms.FileField(
        label="CSV file",
        allow_empty_file=True,  # told in our own words, as every other fault of a file
        error_messages={"required": NO_FILE, "invalid": NO_FILE, "missing": NO_FILE},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )

    def __init__(self, request: Request, databases: Sequence[CustomerDatabase]) -> None:
        """A choice of one is none."""
        posted = request.method == "POST"
        super().__init__(*((request.POST, request.FILES) if posted else ()))
        self.fields["customer_database"].queryset = CustomerDatabase.objects.defer(*large()).filter(  # type: ignore[attr-defined]
            pk__in=[one.pk for one in databases]
        )
        self.fields[
            "file"
        ].help_text = (
            f"One customer a line, {limit_in_bytes() / 1_000_000:,.0f} MB and 1,000,000 lines at most."
        )
        if len(databases) == 1:
            del self.fields["customer_database"]
        if posted and found_no_room(request):
            self.fields["file"].error_messages["required"] = FULL
        elif posted and "file" not in request.FILES and is_over_limit(request):
            self.fields["file"].error_messages["required"] = (
                f"The file has more than {limit_in_bytes() / 1_000_000:,.0f} MB, which are the most."
                " Divide it, or leave out columns."
            )


_WHAT_THEY_ARE = {
    MatchedBy.KEY: "Compared as text with {column}.",
    MatchedBy.EMAIL: "Compared with {column}, in lower case and without spaces around.",
    MatchedBy.PHONE: "Compared with {column}, however both are written; without a country code they are of {country}.",
}


def _told(matched_by: MatchedBy, place: str, country: str) -> str:
    how = _WHAT_THEY_ARE[matched_by].format(column=place, country=country)
    return f"{matched_by.label.capitalize()}: {how}"


class ChoiceForm(forms.Form):
    header = forms.BooleanField(required=False, label="The first line has the names of the columns")
    column = forms.TypedChoiceField(
        coerce=int,
        label="Column to match by",
        error_messages={
            "required": "Choose a column.",
            "invalid_choice": "The file has no such column. Choose another.",
        },
    )
    matched_by = forms.ChoiceField(
        label="What it holds",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what the column holds.",
            "invalid_choice": "Customers cannot be found by that. Choose one of these.",
        },
    )

    def __init__(
        self, data: Any, choice: Choice, titles: Sequence[str], database: CustomerDatabase, **more: Any
    ) -> None:
        super().__init__(data, initial=choice.to_json(), **more)
        self.fields["column"].choices = list(enumerate(titles))  # type: ignore[attr-defined]
        columns = contact_columns(database)
        places = {MatchedBy.KEY: database.customer_key} | {
            by: columns[identifier_of(by)]
            for by in (MatchedBy.EMAIL, MatchedBy.PHONE)
            if identifier_of(by) in columns
        }
        self.fields["matched_by"].choices = [  # type: ignore[attr-defined]
            (by, _told(by, place, database.default_country)) for by, place in places.items()
        ]

    def chosen(self) -> Choice:
        given = self.cleaned_data
        return Choice(given["column"], MatchedBy(given["matched_by"]), given["header"])


class ReadingForm(forms.Form):
    """How the file is read; a change reads it anew."""

    encoding = forms.ChoiceField(
        choices=list(ENCODINGS.items()),
        error_messages={"invalid_choice": "Choose one of these encodings."},
    )
    separator = forms.ChoiceField(
        label="Columns separated by", error_messages={"invalid_choice": "Choose one of these separators."}
    )

    def __init__(self, data: Any, found: Found) -> None:
        initial = {"encoding": encoding_of(found.encoding), "separator": found.separator_in_words}
        super().__init__(data, initial=initial)
        # By name, for a tab is no value that a form field keeps; a first line may have said a separator of its own.
        self.separators = {in_words(one): one for one in (*SEPARATORS, found.separator)}
        self.fields["separator"].choices = [  # type: ignore[attr-defined]
            (name, name.capitalize()) for name in self.separators
        ]

    def wanted(self) -> Wanted:
        return Wanted(self.cleaned_data["encoding"], self.separators[self.cleaned_data["separator"]])


class StoreForm(forms.Form):
    name = forms.CharField(
        strip=False,
        error_messages={
            "required": "Enter a name.",
            "null_characters_not_allowed": "The name has a character that cannot be shown. Type it anew.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    make_segment = forms.BooleanField(
        required=False,
        initial=True,
        label="New segment from this list",
        help_text="Campaigns are made of segments: this makes one of everybody on the list.",
    )
