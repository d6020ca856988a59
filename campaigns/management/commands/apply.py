"""`manage.py apply FILE.yaml`: create or update what a file describes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser

from campaigns.as_files.applying import apply_file
from campaigns.as_files.difference import in_words
from campaigns.as_files.marks import FileProblem
from config.command import PlainCommand


class Command(PlainCommand):
    help = "Create or update what a file describes. Nothing is launched."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.yaml", type=Path)
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="print what would change; store nothing, connect to nothing",
        )

    def handle(self, *, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            applied = apply_file(file, dry_run=dry_run)
        except FileProblem as error:
            raise CommandError(str(error)) from None
        for warning in applied.warnings:
            self.stderr.write(f"Warning: {warning}", self.style.WARNING)
        for line in in_words(applied.changes):
            self.stdout.write(line)
        if dry_run:
            self.stdout.write("This was a dry run: nothing is stored.")
