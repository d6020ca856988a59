"""What holds a scheduled run for a person, each off until set; pure.

Brakes are `{}` or some of `{"smallest": 1000, "largest": 50000, "change": 25, "data_age": 24, "data_by": "files"}`:
customers of the audience, percent against the last launch, and hours since the customer data changed. `data_by`
says what tells that: `files`, or a column of dates ("orders.ordered_at") whose latest value counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FILES = "files"
PROPOSED_CHANGE = 25
PROPOSED_HOURS = 24
_MOST = {"smallest": 10**12, "largest": 10**12, "change": 1000, "data_age": 24 * 365}
_WORDS = {
    "smallest": "the smallest audience, as a number of customers",
    "largest": "the largest audience, as a number of customers",
    "change": "the change against the last launch, in whole percent",
    "data_age": "the age of the customer data, in whole hours",
}


def brakes_problem(brakes: Mapping[str, Any]) -> str:
    """Why these are no brakes, as a sentence; empty when they are."""
    unknown = sorted(set(brakes) - {*_MOST, "data_by"})
    if unknown:
        return f"There is no brake “{unknown[0]}”. Remove it."
    for name, most in _MOST.items():
        if name in brakes and not _is_between(brakes[name], 1, most):
            return f"Say {_WORDS[name]}: 1 to {most:,}."
    if brakes.get("smallest", 0) > brakes.get("largest", most_customers()):
        return "The smallest audience is larger than the largest. Exchange them."
    if ("data_age" in brakes) != ("data_by" in brakes):
        return "Say both how old the customer data may be and what tells its age."
    by = brakes.get("data_by", FILES)
    if not isinstance(by, str) or (by != FILES and "." not in by):
        return "What tells the age of the customer data is “files” or a column such as orders.ordered_at."
    return ""


def most_customers() -> int:
    return _MOST["largest"]


def _is_between(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def in_words(brakes: Mapping[str, Any]) -> list[str]:
    """Each that is set, as words for a list: “audience of at least 1,000”."""
    told = []
    if "smallest" in brakes:
        told.append(f"audience of at least {brakes['smallest']:,}")
    if "largest" in brakes:
        told.append(f"audience of at most {brakes['largest']:,}")
    if "change" in brakes:
        told.append(f"at most {brakes['change']} % more or less than the last launch")
    if "data_age" in brakes:
        by = "its files" if brakes["data_by"] == FILES else f"the latest {brakes['data_by']}"
        told.append(f"customer data at most {brakes['data_age']:,} hours old, by {by}")
    return told
