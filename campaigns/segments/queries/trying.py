"""What the customer database itself says of a query before it is stored: it plans it, and reads no row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.conf import settings

from campaigns.customers.catalogue import stored
from campaigns.customers.connection import PlanFailed, open_database
from campaigns.segments.contexts import context_of
from campaigns.segments.queries.parsing import QueryProblem, line_of
from config import clock

if TYPE_CHECKING:
    from campaigns.customers.models import CustomerDatabase


def plan_problem(database: CustomerDatabase, sql: str) -> QueryProblem | None:
    """Why the customer database cannot run a query that passed the check; None where it can.

    Raises CustomerDatabaseError where it gives no answer, also after COUNT_SECONDS.
    """
    with open_database(database) as connection, connection.limited(settings.COUNT_SECONDS):
        connection.lock()
        context = context_of(connection, stored(database), clock.now(), {})
        try:
            connection.plan(context.query(sql), sql)
        except PlanFailed as error:
            return QueryProblem(error.message, _line(error.message, sql))
    return None


def _line(message: str, sql: str) -> int:
    """Where the first name stands that the message quotes; what runs has other lines than what was written."""
    quoted = re.findall(r"""["'`]([^"'`]+)["'`]""", message)
    return next((line for word in quoted if (line := line_of(word, sql))), 0)
