"""The customers of base.py and files that a marketer uploads about them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from campaigns.customers.models import CustomerDatabase
from campaigns.segments.uploaded.matching import Choice
from campaigns.segments.uploaded.models import MatchedBy, Matching, PendingUpload, UploadedList
from campaigns.segments.uploaded.proposing import Proposal
from campaigns.segments.uploaded.storing import keep_upload, match_upload, store
from campaigns.segments.uploaded.working import work
from config.accounts.models import User

Upload = Callable[..., PendingUpload]


@pytest.fixture
def upload(customer_database: CustomerDatabase, marketer: User) -> Upload:
    """`upload("email\\nperson1@example.com\\n")`, kept for the marketer."""

    def keep(text: str | bytes, file_name: str = "vip.csv", **more: Any) -> PendingUpload:
        data = text if isinstance(text, bytes) else text.encode()
        return keep_upload(
            more.pop("user", marketer),
            more.pop("database", customer_database),
            io.BytesIO(data),
            file_name,
            **more,
        )

    return keep


@pytest.fixture
def stored(upload: Upload, marketer: User) -> Callable[..., UploadedList]:
    """`stored("email\\n…", "VIP")`, matched as it is proposed or by a `choice` of (column, kind, header)."""

    def make(text: str | bytes, name: str = "VIP", choice: Any = None, **more: Any) -> UploadedList:
        pending = upload(text, **more)
        match_upload(pending, chosen(pending, choice))
        return store(pending, name, marketer)

    return make


def chosen(pending: PendingUpload, choice: tuple[int, str, bool] | None = None) -> Choice:
    if choice is None:
        return Proposal.from_json(pending.proposal).choice()
    return Choice(choice[0], MatchedBy(choice[1]), choice[2])


def work_off() -> None:
    """What the workers would do."""
    for pending in PendingUpload.objects.filter(state=Matching.WAITING):
        work(str(pending.pk))


@pytest.fixture
def client(client_of: Callable[[User], Client], marketer: User) -> Client:
    return client_of(marketer)
