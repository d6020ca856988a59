"""The clock, and asking workers for what is due and held by nobody, again and again: `manage.py reconcile`."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import OperationalError, close_old_connections

from campaigns.launches.reconcile import reconcile
from campaigns.launches.runs.ticking import tick
from campaigns.segments.about.daily import count_due
from config.command import PlainCommand
from config.logs import log_unexpected


class Command(PlainCommand):
    help = "Launch scheduled campaigns and wake workers for what is due every RECONCILE_SECONDS; count segments daily."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="look once, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            tick()
            reconcile()
            count_due()
            return
        ended = threading.Event()
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: ended.set())
        # Beside, since each takes as long as it takes; daemons, since nobody waits for them at the end.
        for doing, work in {"The clock": tick, "Counting segments": count_due}.items():
            threading.Thread(target=self._again_and_again, args=(ended, doing, work), daemon=True).start()
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

    def _again_and_again(self, ended: threading.Event, doing: str, work: Callable[[], object]) -> None:
        """What goes wrong is tried again, and is in nobody's way."""
        while not ended.wait(settings.RECONCILE_SECONDS):
            close_old_connections()
            try:
                work()
            except Exception as error:  # noqa: BLE001 — the clock's boundary: it has to go on
                log_unexpected(doing, error)
