"""Make the sample customers: `manage.py sample_data`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from campaigns.customers.sample_data import FOLDER, TODAY, make_sample_data
from config.command import PlainCommand


class Command(PlainCommand):
    help = "Make 50,000 invented customers with 200,000 orders, the same every time, below the data folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=None, help="where to (demo below the data folder)")
        parser.add_argument("--today", type=date.fromisoformat, default=TODAY, help=f"left out: {TODAY}")
        parser.add_argument("--again", action="store_true", help="replace what is there")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"] or Path(settings.DATA_DIR) / FOLDER
        if folder.exists() and not options["again"]:
            self.stderr.write(f"{folder} is there already. Replace it with --again.")
            return
        try:
            make_sample_data(folder, options["today"])
        except OSError as error:
            self.fail(
                f"{folder} cannot be written ({error.strerror}). Make it writable, or name another folder."
            )
