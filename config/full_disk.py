"""Whether the disk is why something failed, whoever says so: Python, pyarrow, DuckDB or SQLite."""

from __future__ import annotations

import errno

FULL = (
    "Muster's disk is full, so nothing of this was kept. Ask an operator to free some space, then try again."
)
_NUMBERS = (errno.ENOSPC, errno.EDQUOT)
_WORDS = ("no space left", "disk is full", "disk quota exceeded", "max_temp_directory_size")


def is_disk_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in _NUMBERS:
        return True
    said = str(error).lower()
    return any(words in said for words in _WORDS)
