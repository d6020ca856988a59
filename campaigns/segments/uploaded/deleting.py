"""Deleting an uploaded list. One in use stays.

What nobody has (values of people who are no customers) goes at once. The keys go too, unless a segment, a sub-audience
or a launch ever named the list: then they stay, so that what was launched can be looked into and launched again.
"""

from __future__ import annotations

from django.db.models import TextField
from django.db.models.functions import Cast

from campaigns.customers.models import CustomerDatabase
from campaigns.customers.turns import alone_with
from campaigns.segments.uploaded.keys import STORAGE
from campaigns.segments.uploaded.models import UploadedList
from campaigns.segments.uploaded.refused import ListRefused
from campaigns.segments.uses import uses_of_list
from config import clock
from config.accounts.models import User
from config.artefacts import drop
from config.audit.models import record

# The ways from a customer database to rules, by reverse relations: whatever was archived or removed since counts too.
_RULES = (
    "segments__rules",
    "segments__versions__rules",
    "campaigns__sub_audiences__rules",
    "campaigns__launches__frozen",
)


def delete(one: UploadedList, user: User) -> None:
    """Archive it and remove what nothing needs. Raises ListRefused where it is in use."""
    with alone_with(one.customer_database_id):
        if uses_of_list(one):
            raise ListRefused(f"“{one}” is in use. Take it out of what uses it first.")
        one.archived_at = clock.now()
        one.save(update_fields=["archived_at"])
        record(user, "deleted", one)
    remove_files(one)


def remove_files(one: UploadedList) -> None:
    """What nothing needs of a deleted list. Cut short, it begins anew."""
    if one.keys_path and not was_named(one):
        drop(STORAGE, one.keys_path)
        one.keys_path = ""
    if one.unmatched_path:
        drop(STORAGE, one.unmatched_path)
        one.unmatched_path = ""
    one.save(update_fields=["keys_path", "unmatched_path"])


def was_named(one: UploadedList) -> bool:
    """Whether any rules that are kept name it. Told by their text, which may take 3 for 31: then the keys stay."""
    database = CustomerDatabase.objects.filter(pk=one.customer_database_id)
    return any(
        database.annotate(text=Cast(way, TextField())).filter(text__contains=f'"list": {one.pk}').exists()
        for way in _RULES
    )
