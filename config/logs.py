"""What is left out of the log."""

from __future__ import annotations

import logging

from django.core.exceptions import PermissionDenied


class WithoutTracebackOfRefusals(logging.Filter):
    """Somebody asked for what is not theirs: the line tells who refused what, a traceback adds nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            record.exc_info = None
        return True
