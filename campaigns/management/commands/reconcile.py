"""Ask workers for what is due and held by nobody, again and again: `manage.py reconcile`."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import OperationalError, close_old_connections

from campaigns.launches.reconcile import reconcile
from config.command import PlainCommand


class Command(PlainCommand):
    help = "Wake workers for due launches, files and pre-flights every RECONCILE_SECONDS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="look once, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            reconcile()
            return
        ended = threading.Event()
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: ended.set())
        while not ended.is_set():
            self._look()
            ended.wait(settings.RECONCILE_SECONDS)

    def _look(self) -> None:
        """A database that does not answer is asked again the next time."""
        close_old_connections()
        try:
            reconcile()
        except OperationalError as error:
            self.stderr.write(f"The database does not answer ({type(error).__name__}).")
