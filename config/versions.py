"""Nobody overwrites what they have not seen: who saves says which version was read."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import F, Model, QuerySet

Row = TypeVar("Row", bound=Model)


class EditedMeanwhile(Exception):
    """Somebody else saved it since it was read."""

    def __init__(self, name: str, by: str) -> None:
        self.message = (
            f"{by} saved “{name}” while you were editing it. "
            "Nothing of yours is stored, and nothing of theirs is lost."
        )
        super().__init__(self.message)


def claim(rows: QuerySet[Row], pk: int, expected_version: int | None) -> Row:
    """Raise the version, if it is still the expected one (None: whatever it is). Raises EditedMeanwhile.

    This locks the row until the transaction ends.
    """
    found = rows.filter(pk=pk)
    if expected_version is not None:
        found = found.filter(version=expected_version)
    claimed = found.update(version=F("version") + 1)
    stored = rows.model._default_manager.get(pk=pk)
    if not claimed:
        editor = getattr(stored, "edited_by", None)
        raise EditedMeanwhile(str(stored), editor.display_name if editor else "Somebody else")
    return stored
