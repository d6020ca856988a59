"""What our commands have in common: a failure is one plain sentence on the error output and exit code 1."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.db import OperationalError, ProgrammingError, connections


class PlainCommand(BaseCommand):
    """Raise CommandError with the sentence, or call `fail`."""

    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Django would say "CommandError:" first, and end with 2 where an argument is wrong."""
        try:
            # Without Django's own mark of a call from the command line, wrong arguments raise CommandError too.
            options = vars(self.create_parser(argv[0], argv[1]).parse_args(argv[2:]))
            self.execute(*options.pop("args", ()), **options)
        except CommandError as error:
            self.fail(str(error).removeprefix("Error: "))
        except KeyboardInterrupt:
            self.fail("Stopped.")
        finally:
            connections.close_all()

    def execute(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute(*args, **options)
        except (OperationalError, ProgrammingError) as error:
            reason = str(error).strip().splitlines()[0]
            self.fail(
                f"The database does not work ({reason}). Run `manage.py migrate`, or look at DATABASE_URL."
            )
        except ImproperlyConfigured as error:
            self.fail(str(error))

    def fail(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(1)
