"""Adding and editing a customer database: looked into first, then its tables are chosen, then it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ImproperlyConfigured
from django.http import QueryDict

from campaigns.customers.catalogue import Catalogue, read_catalogue, stored
from campaigns.customers.connection import CustomerDatabaseError
from campaigns.customers.forms import DatabaseForm
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.proposals import proposals
from campaigns.customers.saving import DatabaseRefused, save_customer_database
from campaigns.customers.shown import has_secret
from config.accounts.models import User
from config.requests import Request, form_token
from config.secrets import decrypt, encrypt
from config.versions import EditedMeanwhile


@dataclass
class Editing:
    """The page as it stands: what was typed, what the customer database answered, and what came of saving."""

    form: DatabaseForm
    catalogue: Catalogue
    token: UUID
    version: int
    kept_url: str = ""
    proposed: bool = False
    meanwhile: str = ""

    @property
    def is_known(self) -> bool:
        return bool(self.catalogue.tables)


def shown(database: CustomerDatabase | None) -> Editing:
    """The form nobody has sent yet."""
    catalogue = stored(database) if database else Catalogue(())
    form = DatabaseForm(None, catalogue, database, database.url if database else "")
    return Editing(form, catalogue, uuid4(), database.version if database else 0)


def posted(request: Request, database: CustomerDatabase | None) -> tuple[Editing, CustomerDatabase | None]:
    """The page again, and what was stored: nothing, where only looking was asked for or something is wrong."""
    post = request.POST
    url = _url(post, request.user, database)
    verb, _, version = post.get("action", "").partition(":")
    catalogue, trouble = _looked_into(
        url, post.get("customer_key", "").strip(), database, saves=verb != "look"
    )
    proposed = proposals(catalogue) if database is None and "profile_table" not in post else {}
    form = DatabaseForm(_with(post, proposed), catalogue, database, url)
    editing = Editing(form, catalogue, form_token(post) or uuid4(), number(post.get("version", "")))
    editing.proposed = bool(proposed)
    if has_secret(url) and (database is None or url != database.url):
        editing.kept_url = encrypt({"url": url, "user": request.user.pk})
    form.full_clean()
    if trouble is not None and trouble.field not in form.errors:
        form.add_error(trouble.field, trouble.detail)
    if verb not in ("save", "overwrite") or form.errors:
        return editing, None
    expected = number(version) if verb == "overwrite" else editing.version
    return editing, _saved(editing, database, request.user, expected)


def _url(post: QueryDict, user: User, database: CustomerDatabase | None) -> str:
    """What was typed now, else what was typed before and kept, else what is stored."""
    typed = post.get("url", "").strip()
    return typed or _kept(post.get("kept_url", ""), user) or (database.url if database else "")


def _kept(text: str, user: User) -> str:
    """A URL with a secret goes through the browser only encrypted, and comes back for the same person alone."""
    try:
        kept: dict[str, Any] = decrypt(text) if text else {}
    except ImproperlyConfigured:
        return ""
    return str(kept["url"]) if kept.get("user") == user.pk else ""


def _looked_into(
    url: str, customer_key: str, database: CustomerDatabase | None, *, saves: bool
) -> tuple[Catalogue, CustomerDatabaseError | None]:
    """What the form names, opened for real; what is only looked at needs no values."""
    if not url or not customer_key:
        return Catalogue(()), None
    marks = database.column_marks if database else {}
    meant = CustomerDatabase(url=url, customer_key=customer_key, column_marks=marks)
    try:
        return read_catalogue(meant, with_values=saves), None
    except CustomerDatabaseError as error:
        return Catalogue(()), error


def _with(post: QueryDict, proposed: dict[str, str]) -> QueryDict:
    data = post.copy()
    data.update(proposed)
    return data


def _saved(
    editing: Editing, database: CustomerDatabase | None, user: User, expected: int
) -> CustomerDatabase | None:
    try:
        return save_customer_database(
            editing.form.chosen(),
            database,
            user,
            expected if database else None,
            form_token=editing.token,
            catalogue=editing.catalogue,
        )
    except EditedMeanwhile as error:
        editing.meanwhile = error.message
    except DatabaseRefused as error:
        editing.form.add_error(error.field or None, error.message)
    return None


def number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
