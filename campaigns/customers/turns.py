"""One at a time: whoever saves, disables or deletes what is made for a customer database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from campaigns.customers.models import CustomerDatabase


@contextmanager
def alone_with(pk: int | None) -> Iterator[None]:
    """A transaction in which nobody else saves, disables or deletes a segment, a list or a campaign of it.

    What is looked at inside (whether something is there, and what uses it) stays so until the transaction ends.
    """
    with transaction.atomic():
        list(CustomerDatabase.objects.select_for_update().filter(pk=pk or 0).values_list("pk"))
        yield
