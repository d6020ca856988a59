"""What is left out of the log, and how what nobody expected is told there."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from django.core.exceptions import PermissionDenied

logger = logging.getLogger(__name__)


class WithoutTracebackOfRefusals(logging.Filter):
    """Somebody asked for what is not theirs: the line tells who refused what, a traceback adds nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            record.exc_info = None
        return True


def log_unexpected(doing: str, error: Exception) -> None:
    """Where it happened, without its words: an engine's messages quote values."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    logger.error("%s failed: %s at %s", doing, type(error).__name__, places)
