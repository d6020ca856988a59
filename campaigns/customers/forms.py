"""What an operator fills in for a customer database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.urls import reverse

from campaigns.customers.catalogue import Catalogue
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.saving import (
    LONGEST_NAME,
    NO_COUNTRY,
    NO_KEY,
    NO_URL,
    ORDER_TYPES,
    DatabaseFields,
    is_country,
)
from campaigns.customers.shown import has_secret, listed, shown_url

NONE = ("", "none")


class DatabaseForm(forms.Form):
    """The choices of tables are known once the database was looked into."""

    name = forms.CharField(max_length=LONGEST_NAME, error_messages={"required": "Enter a name."})
    url = forms.CharField(
        label="URL",
        max_length=2000,
        error_messages={"required": NO_URL},
        help_text="A folder of Parquet or CSV files: files:/data/customers. Or duckdb:///data/shop.duckdb, "
        "postgres://reader@db.example.com/shop, or any other that Ibis knows. It is kept encrypted.",
    )
    customer_key = forms.CharField(
        max_length=200,
        error_messages={"required": NO_KEY},
        help_text="The column that identifies a customer in every table, such as customer_id.",
    )
    default_country = forms.CharField(
        # Long enough for a name, which is refused: cut to two letters it could be another country's code.
        max_length=100,
        initial="US",
        error_messages={"required": NO_COUNTRY},
        help_text="For phone numbers without a country code: two letters.",
    )
    profile_table = forms.ChoiceField(
        required=False,
        help_text="One row per customer. Its customers are everybody; without it, those of all tables are.",
    )
    contact_table = forms.ChoiceField(
        required=False, help_text="Where names, e-mail addresses and phones are."
    )
    orders_table = forms.ChoiceField(required=False, label="Orders")
    orders_amount = forms.ChoiceField(required=False, label="Amount of an order")
    orders_ordered_at = forms.ChoiceField(required=False, label="Time of an order")
    suppression = forms.CharField(
        required=False,
        label="Suppression list",
        help_text="A segment whose members are excluded from every campaign; empty for none.",
    )

    def __init__(self, data: Any, catalogue: Catalogue, database: CustomerDatabase | None, url: str) -> None:
        """`url`: what was typed or is stored. One with a secret is never sent to a browser again."""
        hides = has_secret(url)
        if data is not None:
            data = {**data.dict(), "url": "" if hides else url}
        super().__init__(data, initial=_initial(database) if database else None)
        self.whole_url = url
        if hides:
            self.fields["url"].required = False
            self.fields["url"].help_text = f"Now {shown_url(url)}, with a secret. Empty keeps it."
        self._offer(catalogue)
        self.database = database
        if database is None:
            del self.fields["suppression"]
        else:
            self.fields["suppression"].widget.attrs = _searched(database)

    def _offer(self, catalogue: Catalogue) -> None:
        """The tables and columns that fit each setting."""
        single = [table.name for table in catalogue.tables if not table.many]
        many = [table.name for table in catalogue.tables if table.many]
        self._choose("profile_table", single)
        if many:
            left_out = f"Not offered, for a customer has several rows there: {listed(many)}."
            self.fields["profile_table"].help_text += f" {left_out}"
        self._choose("contact_table", [*single, *many])
        self._choose("orders_table", [*many, *single])
        for key, types in ORDER_TYPES.items():
            columns = {
                column.name for table in catalogue.tables for column in table.columns if column.type in types
            }
            self._choose(f"orders_{key}", sorted(columns))

    def _choose(self, name: str, values: Iterable[str]) -> None:
        """What is stored, or was sent, stays to be chosen, so that its error has a field."""
        field = self.fields[name]
        sent = str(self.data.get(name) or self.initial.get(name) or "")
        offered = [*values]
        if sent and sent not in offered:
            offered.append(sent)
        field.choices = [NONE, *((value, value) for value in offered)]  # type: ignore[attr-defined]

    def clean_default_country(self) -> str:
        """Told with everything else, though the database was not looked into yet."""
        code = str(self.cleaned_data["default_country"])
        if not is_country(code):
            raise forms.ValidationError(NO_COUNTRY)
        return code

    def clean_suppression(self) -> Any:
        """The segment of that name; None where it is left empty."""
        name = self.cleaned_data["suppression"]
        if not name or self.database is None:
            return None
        found = self.database.segments.filter(archived_at=None, name=name).first()
        if found is None:
            raise forms.ValidationError(
                "No segment of this customer database is called that. Choose another."
            )
        return found

    def chosen(self) -> DatabaseFields:
        """The settings as filled in."""
        given = self.cleaned_data
        orders = {key: given[f"orders_{key}"] for key in ("table", "amount", "ordered_at")}
        return DatabaseFields(
            name=given["name"],
            url=self.whole_url,
            customer_key=given["customer_key"],
            profile_table=given["profile_table"],
            contact_table=given["contact_table"],
            orders=orders if any(orders.values()) else {},
            default_country=given["default_country"],
            suppression=given.get("suppression"),
        )


def _searched(database: CustomerDatabase) -> dict[str, str]:
    """What segment.js makes a list of found segments of."""
    return {
        "class": "combo",
        "role": "combobox",
        "aria-autocomplete": "list",
        "aria-expanded": "false",
        "aria-controls": "found",
        "autocomplete": "off",
        "placeholder": "none",
        "data-from": f"{reverse('segment_offered')}?customer_database={database.pk}",
    }


def _initial(database: CustomerDatabase) -> dict[str, Any]:
    return {
        "name": database.name,
        "url": "" if has_secret(database.url) else database.url,
        "customer_key": database.customer_key,
        "default_country": database.default_country,
        "profile_table": database.profile_table,
        "contact_table": database.contact_table,
        "suppression": str(database.suppression or ""),
        **{f"orders_{key}": value for key, value in database.orders.items()},
    }
