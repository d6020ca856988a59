"""What goes wrong with a customer database, as plain sentences; an engine's own words stay in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

logger = logging.getLogger(__name__)
Result = TypeVar("Result")


class CustomerDatabaseError(Exception):
    """The customer database cannot be read. `message`: one sentence without data or secrets.

    `field` is the setting that it is about: url, customer_key, profile_table or contact_table.
    """

    def __init__(self, message: str, field: str = "url") -> None:
        super().__init__(message)
        self.message = message
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
            f"The driver for this customer database is missing. Install the package {package}."
        ) from error
    except Exception as error:
        name = type(error).__name__
        logger.info("The customer database failed: %s", name)
        # SQLite has no name of its own for it.
        if name in ("InterruptException", "QueryCanceled") or str(error) == "interrupted":
            raise QueryStopped("The customer database took too long to answer and was stopped.") from error
        raise CustomerDatabaseError(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    name = type(error).__name__
    if name in ("BinderException", "CatalogException"):
        return "The customer database no longer has a column or table that was asked for. Read its catalogue again."
    if name in ("IOException", "OperationalError"):
        return "The customer database cannot be reached. Look whether it runs and whether its URL is right."
    return f"The customer database could not answer ({name}). Ask an operator to look at it."
