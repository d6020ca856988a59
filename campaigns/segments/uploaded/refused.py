"""An upload that cannot become a list."""

from __future__ import annotations


class ListRefused(Exception):
    """`message`: one plain sentence that says what to do; no value of the file stands in it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
