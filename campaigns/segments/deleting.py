"""Deleting a segment. One in use stays; the others are archived, for launches name them."""

from __future__ import annotations

from campaigns.customers.turns import alone_with
from campaigns.segments.models import Segment
from campaigns.segments.uses import Uses, uses_of
from config import clock
from config.accounts.models import User
from config.audit.models import record


def delete(segment: Segment, user: User) -> Uses:
    """What uses it, which is why it stays; where nothing does, it is deleted."""
    with alone_with(segment.customer_database_id):
        uses = uses_of(segment)
        rows = Segment.objects.active().filter(pk=segment.pk)
        if not uses and rows.update(archived_at=clock.now()):
            record(user, "deleted", segment)
    return uses
