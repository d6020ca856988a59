"""`manage.py demo`: what the first start sets up; afterwards only the sandbox's ports are followed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import CommandError

from campaigns.as_files.demo import is_wanted, make_demo
from campaigns.as_files.marks import FileProblem
from config.command import PlainCommand
from destinations.sandbox.following import follow_the_ports


class Command(PlainCommand):
    help = "Make sample customers, and objects that send to the sandbox, where nothing is set up yet."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION or not settings.SANDBOX:
            return
        follow_the_ports()
        if not is_wanted():
            return
        try:
            make_demo()
        except FileProblem as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"The sandbox does not start ({error.strerror or error}).") from None
