"""What our commands have in common: a failure is one plain sentence on the error output and exit code 1."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand
from django.db import OperationalError, ProgrammingError


class PlainCommand(BaseCommand):
    requires_system_checks: list[str] = []

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
