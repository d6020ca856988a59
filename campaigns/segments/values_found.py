"""The values that an attribute has in the customer database, for the pickers of the editor."""

from __future__ import annotations

from campaigns.customers.connection import CustomerDatabaseError
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.values import search_values
from campaigns.segments.sizing import SizeUnknown


def values_found(
    database: CustomerDatabase, attribute: str, text: str, limit: int, *, sees_personal_data: bool
) -> list[str]:
    """Values that hold the text in any case, the most frequent first. Raises SizeUnknown, also after COUNT_SECONDS.

    Whoever may not see personal data is refused where the values are.
    """
    try:
        return search_values(database, attribute, text, limit, sees_personal_data=sees_personal_data)
    except CustomerDatabaseError as error:
        raise SizeUnknown(error.message) from error
