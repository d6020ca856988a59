"""A sending runs in a thread of its own; what it asks its parcel is answered where the sending was started."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from queue import SimpleQueue
from typing import Any, TypeVar

from config import clock
from destinations.kind import DeliveryError, Parcel

Result = TypeVar("Result")
Work = Callable[[Parcel], Coroutine[Any, Any, Result]]
Ask = tuple[Callable[..., None], tuple[Any, ...], "Future[None]"]


class Halted(Exception):
    """One of the parcel's own calls raised: nothing is wrong with the far side, the sending is to stop."""

    def __init__(self, reason: BaseException) -> None:
        super().__init__()
        self.reason = reason


def by_the_deadline(parcel: Parcel, work: Work[Result]) -> Result:
    """Run it until the parcel's deadline; the parcel's calls are made here, where a database may be asked.

    Inside the work they raise Halted, so that it can clear up; here the call's own exception comes out.
    """
    asks: SimpleQueue[Ask | None] = SimpleQueue()

    def relay(function: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: Any) -> None:
            answer: Future[None] = Future()
            asks.put((function, arguments, answer))
            if (reason := answer.exception()) is not None:
                raise Halted(reason)

        return call

    relayed = replace(parcel, progress=relay(parcel.progress), last_look=relay(parcel.last_look))
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(lambda: asyncio.run(_timed(parcel, work(relayed))))
        done.add_done_callback(lambda _: asks.put(None))
        while (ask := asks.get()) is not None:
            _answer(*ask)
        try:
            return done.result()
        except Halted as halted:
            raise halted.reason from None


def _answer(function: Callable[..., None], arguments: tuple[Any, ...], answer: Future[None]) -> None:
    try:
        function(*arguments)
        answer.set_result(None)
    except BaseException as error:  # noqa: BLE001 — raised again where the sending was started
        answer.set_exception(error)


async def _timed(parcel: Parcel, work: Coroutine[Any, Any, Result]) -> Result:
    left = (parcel.deadline - clock.now()).total_seconds()
    try:
        async with asyncio.timeout(max(left, 0.0)):
            return await work
    except TimeoutError:
        raise DeliveryError("Sending took longer than it may. It is tried again.") from None
