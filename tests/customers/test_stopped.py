"""A query that is stopped is told as one, also while a column's rule is only being set up."""

from types import SimpleNamespace

import duckdb
import ibis
import pytest

from campaigns.customers.contacts import usable
from campaigns.customers.failures import QueryStopped


class Interrupted:
    """An engine that somebody stops at whatever it is asked."""

    def execute(self, sql: str) -> None:
        raise duckdb.InterruptException("INTERRUPT Error: Interrupted!")


def test_setting_up_the_rule_of_a_column_may_be_stopped() -> None:
    connection = SimpleNamespace(duckdb=Interrupted())
    with pytest.raises(QueryStopped):
        usable(connection, ibis.literal("a@example.com"), "email", "US")  # type: ignore[arg-type]
