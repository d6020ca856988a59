"""`manage.py export`: everything that is configured, as a file that `apply` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser

from campaigns.as_files.exporting import export
from config.command import PlainCommand


class Command(PlainCommand):
    help = "Write everything that is configured as a file that apply reads, without secrets."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "-o", "--output", metavar="FILE", type=Path, help="instead of the standard output"
        )

    def handle(self, *, output: Path | None, **options: Any) -> None:
        text = export()
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            reason = (error.strerror or "unwritable").lower()
            raise CommandError(f"{output} cannot be written ({reason}). Choose another file.") from None
