"""Two people at the same time, on the real database, without luck."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections

# How long the other one has to get through; whoever waits for our transaction does not.
SECONDS = 0.5


@contextmanager
def meanwhile(statement: str, act: Callable[[], Any]) -> Iterator[Callable[[], Any]]:
    """Right before our first SQL with `statement` in it, somebody else begins to `act`, on a connection of their own.

    Yields a call that gives what `act` gave, or raises what it raised, for after the block. The test needs
    django_db(transaction=True).
    """
    begun: list[Future[Any]] = []

    def other() -> Any:
        try:
            return act()
        finally:
            connections.close_all()

    def before(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if statement in sql and not begun:
            begun.append(pool.submit(other))
            wait(begun, SECONDS)
        return execute(sql, params, many, context)

    with ThreadPoolExecutor(1) as pool, connection.execute_wrapper(before):
        yield lambda: begun[0].result()
    assert begun, f"no SQL had {statement!r} in it"
