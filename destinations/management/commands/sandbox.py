"""A stand-in for an Attentive account on this machine, for trying Muster: `manage.py sandbox`."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.conf import settings

from config.command import PlainCommand


class Command(PlainCommand):
    help = "Run the sandbox's SFTP and HTTP servers until they are stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        from destinations.sandbox.server import running

        if not settings.SANDBOX:
            self.fail("The sandbox is off. Set SANDBOX=1, but not in production.")
        ended = threading.Event()
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: ended.set())
        try:
            with running():
                ended.wait()
        except OSError as error:
            ports = f"{settings.SANDBOX_SFTP_PORT} and {settings.SANDBOX_HTTP_PORT}"
            self.fail(f"The sandbox needs the ports {ports} ({error.strerror}). Choose another PORT.")
