"""One pass over a customer database: a draft's audience, its exclusions and its sub-audiences."""

from __future__ import annotations

from campaigns.planning.headcount import Headcount
from campaigns.planning.plain import Draft
from campaigns.planning.world import World


class CountFailed(Exception):
    """There is no count; `message` is one plain sentence that says why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def count(draft: Draft, world: World) -> Headcount:
    raise CountFailed("The customer database cannot be counted yet.")
