"""The door to a customer database's settings: opened for real, its catalogue read, then stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction

from campaigns.customers.catalogue import Catalogue, ColumnType, read_catalogue
from campaigns.customers.catalogue import stored as stored_catalogue
from campaigns.customers.connection import CustomerDatabaseError
from campaigns.customers.contacts import has_column
from campaigns.customers.marks import Marks, to_json
from campaigns.customers.models import CustomerDatabase, DefaultAttribute
from campaigns.customers.reading import check_roles
from campaigns.customers.shown import difference
from campaigns.customers.turns import alone_with
from campaigns.customers.uses import uses_of
from config import clock
from config.accounts.models import User
from config.audit.models import record
from config.versions import claim
from destinations.models import Destination

if TYPE_CHECKING:
    from campaigns.segments.models import Segment

LONGEST_NAME = 100
LONGEST_COLUMN = 400
NO_URL = "Enter the URL: files: and a folder, or one such as postgres://…"
NO_KEY = "Enter the column that identifies a customer in every table."
NO_COUNTRY = "Enter a country as two letters, such as US."
# What the columns of orders have to be.
ORDER_TYPES: dict[str, tuple[ColumnType, ...]] = {"amount": ("number",), "ordered_at": ("date", "datetime")}


class DatabaseRefused(Exception):
    """`field` is the setting it is about, `message` one sentence that says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True)
class DatabaseFields:
    """All settings; `orders`: {"table", "amount", "ordered_at"} or {}; `marks`: of all columns, None: as they are."""

    name: str
    url: str
    customer_key: str
    profile_table: str = ""
    contact_table: str = ""
    orders: Mapping[str, str] | None = None
    default_country: str = "US"
    suppression: Segment | None = None
    marks: Marks | None = None


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
    catalogue: Catalogue | None = None,
) -> CustomerDatabase:
    """Store the settings of `database`, or of a new one.

    Raises DatabaseRefused or EditedMeanwhile; then nothing is stored.
    The same form token again gives the database that it made. Without `connect` nothing is opened and the
    catalogue stays. `catalogue`: what the caller has just read at this URL with this key.
    """
    if database is None and (made := _made_by(form_token)):
        if _columns(fields_of(made)) == _columns(fields):
            return made
        # A page that was saved, gone back to and changed: another one, for its work is not to be lost.
        form_token = None
    stored = database or CustomerDatabase(form_token=form_token)
    _refuse_wrong(fields, stored)
    changes = _columns(fields)
    if connect:
        found = _read(CustomerDatabase(**{"column_marks": stored.column_marks, **changes}), catalogue)
        _refuse_wrong_orders(fields, found)
        changes |= _read_now(stored, found)
    if fields.marks is not None:
        _refuse_wrong_marks(fields.marks, found if connect else stored_catalogue(stored))
    return _store(stored, changes, user, expected_version)


def _read_now(database: CustomerDatabase, found: Catalogue) -> dict[str, Any]:
    """What a reading stores. That it found nothing new takes nothing away from what was new before."""
    now = clock.now()
    changes = {"catalogue": found.to_json(), "catalogue_read_at": now}
    if database.catalogue and (new := difference(stored_catalogue(database), found)):
        changes["catalogue_changes"] = {"read_at": now.isoformat(), **new.to_json()}
    return changes


def _made_by(form_token: UUID | None) -> CustomerDatabase | None:
    return CustomerDatabase.objects.filter(form_token=form_token).first() if form_token else None


def _columns(fields: DatabaseFields) -> dict[str, Any]:
    return {
        "name": fields.name.strip(),
        "url": fields.url.strip(),
        "customer_key": fields.customer_key.strip(),
        "profile_table": fields.profile_table,
        "contact_table": fields.contact_table,
        "orders": dict(fields.orders or {}),
        "default_country": fields.default_country.upper(),
        "suppression": fields.suppression,
        **({} if fields.marks is None else {"column_marks": to_json(fields.marks)}),
    }


def is_country(code: str) -> bool:
    import phonenumbers

    return code.upper() in phonenumbers.SUPPORTED_REGIONS


def _refuse_wrong(fields: DatabaseFields, stored: CustomerDatabase) -> None:
    name = fields.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise DatabaseRefused("name", f"Enter a name of 1 to {LONGEST_NAME} characters on one line.")
    if CustomerDatabase.objects.active().filter(name=name).exclude(pk=stored.pk).exists():
        raise DatabaseRefused("name", f"There is a customer database “{name}” already. Choose another name.")
    if not fields.url.strip():
        raise DatabaseRefused("url", NO_URL)
    if not fields.customer_key.strip():
        raise DatabaseRefused("customer_key", NO_KEY)
    if not is_country(fields.default_country):
        raise DatabaseRefused("default_country", NO_COUNTRY)
    if fields.suppression is not None and fields.suppression.customer_database_id != stored.pk:
        raise DatabaseRefused("suppression", "The suppression list is a segment of this customer database.")


def _refuse_wrong_marks(marks: Marks, catalogue: Catalogue) -> None:
    keys = {f"{table.name}.{table.key}" for table in catalogue.tables}
    for column, mark in marks.items():
        if len(column) > LONGEST_COLUMN or "." not in column:
            raise DatabaseRefused(
                f"columns.{column}", "Write a column as table.column, such as customer_360.city."
            )
        for sentence in mark.problems.values():
            raise DatabaseRefused(f"columns.{column}", f"{column}: {sentence}")
        if mark.hidden and column in keys:
            raise DatabaseRefused(f"columns.{column}", f"{column} is the customer key, which stays visible.")


def _read(changed: CustomerDatabase, known: Catalogue | None) -> Catalogue:
    try:
        if known is None:
            return read_catalogue(changed)
        found = replace(known, profile_table=changed.profile_table)
        check_roles(found, changed.customer_key, changed.contact_table)
        return found
    except CustomerDatabaseError as error:
        raise DatabaseRefused(error.field, error.detail) from error


def _refuse_wrong_orders(fields: DatabaseFields, catalogue: Catalogue) -> None:
    orders = dict(fields.orders or {})
    if not any(orders.values()):
        return
    name = orders.get("table", "")
    table = catalogue.table(name)
    if table is None:
        told = (
            f"There is no table {name} with the customer key." if name else "Choose the table of the orders."
        )
        raise DatabaseRefused("orders_table", told)
    for key, types in ORDER_TYPES.items():
        column = table.column(orders.get(key, ""))
        if column is None:
            raise DatabaseRefused(f"orders_{key}", f"{name} has no such column. Choose one of its columns.")
        if column.unusable:
            told = f"{name}.{column.name} cannot be used, for {column.unusable}. Choose another column."
            raise DatabaseRefused(f"orders_{key}", told)
        if column.type not in types:
            told = f"{name}.{column.name} is no {' or '.join(types)}. Choose another column."
            raise DatabaseRefused(f"orders_{key}", told)


def _store(
    stored: CustomerDatabase, changes: Mapping[str, Any], user: User | None, expected_version: int | None
) -> CustomerDatabase:
    verb = "edited" if stored.pk else "created"
    try:
        with transaction.atomic():
            active = CustomerDatabase.objects.active()
            found = claim(active, stored.pk, expected_version) if stored.pk else stored
            _refuse_deleted(found, changes["suppression"])
            columns = _newly_marked(found, changes)
            for name, value in changes.items():
                setattr(found, name, value)
            # Without the values of what became personal or hidden.
            found.catalogue = stored_catalogue(found).to_json() if found.catalogue else {}
            found.updated_at = clock.now()
            found.save()
            record(user, verb, found, version=found.version, **({"columns": columns} if columns else {}))
    except IntegrityError as error:
        if stored.pk is None and (made := _made_by(stored.form_token)):
            return made
        name = changes["name"]
        raise DatabaseRefused(
            "name", f"There is a customer database “{name}” already. Choose another name."
        ) from error
    return found


def _refuse_deleted(database: CustomerDatabase, suppression: Segment | None) -> None:
    """Asked while the row is held, so that the segment stays until this is stored."""
    if suppression is None or suppression.pk == database.suppression_id:
        return
    if not database.segments.filter(pk=suppression.pk, archived_at=None).exists():
        raise DatabaseRefused("suppression", f"“{suppression}” no longer exists. Choose another segment.")


def _newly_marked(database: CustomerDatabase, changes: Mapping[str, Any]) -> list[str]:
    """The columns of which something else is said now."""
    before, after = database.column_marks, changes.get("column_marks", database.column_marks)
    return sorted(column for column in {*before, *after} if before.get(column) != after.get(column))


def refresh_catalogue(database: CustomerDatabase, user: User | None) -> CustomerDatabase:
    """Read the catalogue again. Raises DatabaseRefused; then the old one stays."""
    found = _read(database, None)
    changes = _read_now(database, found)
    # No edit: who edits the settings meanwhile is not disturbed, and what was read by other settings is dropped.
    rows = CustomerDatabase.objects.active().filter(pk=database.pk, version=database.version)
    if not rows.update(**changes):
        raise DatabaseRefused("", f"“{database}” was edited while its catalogue was read. Read it again.")
    database.refresh_from_db()
    record(user, "read the catalogue of", database)
    return database


def archive_customer_database(database: CustomerDatabase, user: User | None) -> None:
    """Nobody is offered it any more. Raises DatabaseRefused while campaigns or segments read from it."""
    with alone_with(database.pk):
        found = CustomerDatabase.objects.get(pk=database.pk)
        if uses_of(found):
            raise DatabaseRefused("", f"“{found}” is in use, so it stays.")
        found.archived_at = clock.now()
        found.save(update_fields=["archived_at"])
        record(user, "archived", found)


# Default attributes -------------------------------------------------------------------------------------


def set_default_attribute(destination: Destination, database: CustomerDatabase, column: str) -> None:
    """Which column feeds the destination's identifier, unless a campaign says otherwise; empty: none.

    Raises DatabaseRefused where the catalogue has no such column.
    """
    if not column:
        DefaultAttribute.objects.filter(destination=destination, customer_database=database).delete()
        return
    if database.catalogue and not has_column(stored_catalogue(database), column):
        raise DatabaseRefused(
            "default_attributes",
            f"{database} has no column {column}. Choose one such as merged_customers.email.",
        )
    DefaultAttribute.objects.update_or_create(
        destination=destination, customer_database=database, defaults={"column": column}
    )
