"""What goes wrong with a customer database, as plain sentences; an engine's own words stay in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from config.accounts.models import User

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
ASK = "Ask an operator to look at it."
DRIVER_MISSING = "The driver for this customer database is missing. Ask an operator to install it."
WRONG_URL = "The URL of the customer database cannot be read. Ask an operator to correct it."


class Told(Exception):
    """One plain sentence without data or secrets: `message` for everybody, `detail` for whoever can mend the cause.

    Only `detail` says where something lies on the server.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail or message

    def to(self, user: User) -> str:
        """What this person is told."""
        return self.detail if user.may_operate else self.message


class CustomerDatabaseError(Told):
    """The customer database cannot be read.

    `field` is the setting that it is about: url, customer_key, profile_table or contact_table.
    """

    def __init__(self, message: str, field: str = "url", *, detail: str = "") -> None:
        super().__init__(message, detail)
        self.field = field


class QueryStopped(CustomerDatabaseError):
    """`interrupt` ended the query."""


class PlanFailed(CustomerDatabaseError):
    """The engine cannot run a query that somebody wrote; `message` has its words, without data."""


def told(ask: Callable[[], Result]) -> Result:
    """The result; whatever an engine's driver raises becomes one plain sentence, its own words only in the log."""
    try:
        return ask()
    except CustomerDatabaseError:
        raise
    except ImportError as error:
        package = error.name or "its driver"
        raise CustomerDatabaseError(
            DRIVER_MISSING,
            detail=f"The driver for this customer database is missing. Install the package {package}.",
        ) from error
    except Exception as error:
        name = type(error).__name__
        logger.info("The customer database failed: %s", name)
        # SQLite has no name of its own for it.
        if name in ("InterruptException", "QueryCanceled") or str(error) == "interrupted":
            raise QueryStopped("The customer database took too long to answer and was stopped.") from error
        message, detail = _sentences(name)
        raise CustomerDatabaseError(message, detail=detail) from error


def _sentences(name: str) -> tuple[str, str]:
    """What everybody is told of a driver's exception, and what operators are."""
    if name in ("BinderException", "CatalogException"):
        found = "The customer database no longer has a column or table that was asked for."
        return f"{found} Ask an operator to read its catalogue again.", f"{found} Read its catalogue again."
    if name in ("IOException", "OperationalError"):
        found = "The customer database cannot be reached."
        return f"{found} {ASK}", f"{found} Look whether it runs and whether its URL is right."
    found = f"The customer database could not answer ({name})."
    return f"{found} {ASK}", f"{found} Look at it, and at the log of Muster."
