"""The keys of an uploaded list, where rules name it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from campaigns.segments.rules import RuleError
from campaigns.segments.uploaded.models import UploadedList
from config.artefacts import ArtefactGone, fetch

if TYPE_CHECKING:
    from campaigns.customers.connection import Connection

STORAGE = "lists"


def keys_of(connection: Connection, pk: int) -> Any:
    """An Ibis table with the column `customer_key`, compared with what was stored.

    Of a deleted list too, for a launch keeps what it froze. RuleError where the keys are gone.
    """
    found = UploadedList.objects.filter(pk=pk).first()
    if found is None or not found.keys_path:
        raise RuleError("An uploaded list that the rules name no longer exists. Choose another one.")
    from pyarrow import parquet

    try:
        with fetch(STORAGE, found.keys_path, found.keys_sha256) as path:
            return connection.keys(parquet.read_table(path, columns=["customer_key"]))
    except ArtefactGone:
        raise RuleError(
            f"The keys of the uploaded list “{found}” are missing or were changed. Upload it again."
        ) from None
