"""Whether a draft's brakes can be judged: what tells the age of the customer data has to be there."""

from __future__ import annotations

from campaigns.customers.freshness import tellers
from campaigns.planning.brakes import FILES, brakes_problem
from campaigns.planning.plain import Draft, Problem
from campaigns.planning.world import World


def check_brakes(draft: Draft, world: World, errors: list[Problem]) -> None:
    problem = brakes_problem(draft.brakes) or _age_problem(draft, world)
    if problem:
        errors.append(Problem(("brakes",), problem))


def _age_problem(draft: Draft, world: World) -> str:
    by = draft.brakes.get("data_by")
    if by is None or world.database is None or by in tellers(world.database):
        return ""
    if by == FILES:
        return f"{world.database} is not read from files, so they cannot tell how old it is. Choose a column."
    return f"{by} is no date or time of {world.database}. Choose another column for the age of the data."
