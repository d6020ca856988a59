"""What tests of more than one part need."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def program(name: str, *places: str) -> str:
    """The path of a program, looked for on the path and in `places`.

    Without it the test is skipped, and says what is missing; with REQUIRE_SERVICES=1 it fails instead.
    """
    found = shutil.which(name) or next((place for place in places if Path(place).exists()), None)
    return found or missing(f"{name} is not installed")


def missing(reason: str) -> NoReturn:
    tell = pytest.fail if os.environ.get("REQUIRE_SERVICES") == "1" else pytest.skip
    tell(reason)
