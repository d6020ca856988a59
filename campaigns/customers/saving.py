"""The door to a customer database's settings: opened for real, its catalogue read, then stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from campaigns.customers.catalogue import Catalogue, read_catalogue
from campaigns.customers.connection import CustomerDatabaseError
from campaigns.customers.contacts import has_column
from campaigns.customers.models import CustomerDatabase, DefaultAttribute
from config import clock
from config.accounts.models import User
from config.audit.models import record
from destinations.models import Destination

if TYPE_CHECKING:
    from campaigns.segments.models import Segment

LONGEST_NAME = 100


class DatabaseRefused(Exception):
    """`field` is the setting it is about, `message` one sentence that says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True)
class DatabaseFields:
    """All settings; `orders`: {"table", "amount", "ordered_at"} or {}."""

    name: str
    url: str
    customer_key: str
    profile_table: str = ""
    contact_table: str = ""
    orders: Mapping[str, str] | None = None
    default_country: str = "US"
    suppression: Segment | None = None


def fields_of(database: CustomerDatabase) -> DatabaseFields:
    return DatabaseFields(
        name=database.name,
        url=database.url,
        customer_key=database.customer_key,
        profile_table=database.profile_table,
        contact_table=database.contact_table,
        orders=database.orders,
        default_country=database.default_country,
        suppression=database.suppression,
    )


def save_customer_database(
    fields: DatabaseFields,
    database: CustomerDatabase | None,
    user: User | None,
    expected_version: int | None = None,
    *,
    form_token: UUID | None = None,
    connect: bool = True,
) -> CustomerDatabase:
    """Store the settings of `database`, or of a new one. Raises DatabaseRefused; then nothing is stored.

    The same form token again gives the database that it made. Without `connect` nothing is opened and the
    catalogue stays.
    """
    if database is None and (made := _made_by(form_token)):
        return made
    stored = database or CustomerDatabase(form_token=form_token)
    _refuse_wrong(fields, stored)
    changed = CustomerDatabase(pk=stored.pk, **_columns(fields))
    if connect:
        catalogue = _read(changed)
        _refuse_wrong_orders(fields, catalogue)
        changed.catalogue, changed.catalogue_read_at = catalogue.to_json(), clock.now()
    else:
        changed.catalogue, changed.catalogue_read_at = stored.catalogue, stored.catalogue_read_at
    return _store(stored, changed, user, expected_version)


def _made_by(form_token: UUID | None) -> CustomerDatabase | None:
    return CustomerDatabase.objects.filter(form_token=form_token).first() if form_token else None


def _columns(fields: DatabaseFields) -> dict[str, object]:
    return {
        "name": fields.name.strip(),
        "url": fields.url.strip(),
        "customer_key": fields.customer_key.strip(),
        "profile_table": fields.profile_table,
        "contact_table": fields.contact_table,
        "orders": dict(fields.orders or {}),
        "default_country": fields.default_country.upper(),
        "suppression": fields.suppression,
    }


def _refuse_wrong(fields: DatabaseFields, stored: CustomerDatabase) -> None:
    import phonenumbers

    name = fields.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise DatabaseRefused("name", f"Enter a name of 1 to {LONGEST_NAME} characters on one line.")
    if CustomerDatabase.objects.active().filter(name=name).exclude(pk=stored.pk).exists():
        raise DatabaseRefused("name", f"There is a customer database “{name}” already. Choose another name.")
    if not fields.url.strip():
        raise DatabaseRefused("url", "Enter the URL: files: and a folder, or one such as postgres://…")
    if not fields.customer_key.strip():
        raise DatabaseRefused("customer_key", "Enter the column that identifies a customer in every table.")
    if fields.default_country.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise DatabaseRefused("default_country", "Enter a country as two letters, such as US.")
    if fields.suppression is not None and fields.suppression.customer_database_id != stored.pk:
        raise DatabaseRefused("suppression", "The suppression list is a segment of this customer database.")


def _read(changed: CustomerDatabase) -> Catalogue:
    try:
        return read_catalogue(changed)
    except CustomerDatabaseError as error:
        raise DatabaseRefused(error.field, error.message) from error


def _refuse_wrong_orders(fields: DatabaseFields, catalogue: Catalogue) -> None:
    orders = dict(fields.orders or {})
    if not any(orders.values()):
        return
    table = orders.get("table", "")
    if catalogue.table(table) is None:
        raise DatabaseRefused(
            "orders_table", f"There is no table {table or 'of this name'} with the customer key."
        )
    for key in ("amount", "ordered_at"):
        if not has_column(catalogue, f"{table}.{orders.get(key, '')}"):
            raise DatabaseRefused(f"orders_{key}", f"{table} has no such column. Choose one of its columns.")


def _store(
    stored: CustomerDatabase, changed: CustomerDatabase, user: User | None, expected_version: int | None
) -> CustomerDatabase:
    verb = "edited" if stored.pk else "created"
    names = [*_columns(fields_of(changed)), "catalogue", "catalogue_read_at"]
    for name in names:
        setattr(stored, name, getattr(changed, name))
    stored.updated_at = clock.now()
    try:
        with transaction.atomic():
            if stored.pk:
                _claim(stored, expected_version)
                stored.save(update_fields=[*names, "updated_at"])
            else:
                stored.save()
            record(user, verb, stored)
    except IntegrityError as error:
        if made := _made_by(stored.form_token):
            return made
        raise DatabaseRefused("name", f"There is a customer database “{stored}” already.") from error
    return stored


def _claim(stored: CustomerDatabase, expected_version: int | None) -> None:
    rows = CustomerDatabase.objects.filter(pk=stored.pk)
    if expected_version is not None:
        rows = rows.filter(version=expected_version)
    if not rows.update(version=F("version") + 1):
        raise DatabaseRefused(
            "",
            "Somebody else saved this customer database while you were editing it. Nothing of yours is stored; "
            "open the page again to see theirs.",
        )
    stored.version = CustomerDatabase.objects.values_list("version", flat=True).get(pk=stored.pk)


def refresh_catalogue(database: CustomerDatabase, user: User | None) -> CustomerDatabase:
    """Read the catalogue again. Raises DatabaseRefused; then the old one stays."""
    return save_customer_database(fields_of(database), database, user)


def set_default_attribute(destination: Destination, database: CustomerDatabase, column: str) -> None:
    """Which column feeds the destination's identifier, unless a campaign says otherwise; empty: none.

    Raises DatabaseRefused where the catalogue has no such column.
    """
    from campaigns.customers.catalogue import stored

    if not column:
        DefaultAttribute.objects.filter(destination=destination, customer_database=database).delete()
        return
    if database.catalogue and not has_column(stored(database), column):
        raise DatabaseRefused(
            "default_attributes",
            f"{database} has no column {column}. Choose one such as merged_customers.email.",
        )
    DefaultAttribute.objects.update_or_create(
        destination=destination, customer_database=database, defaults={"column": column}
    )
