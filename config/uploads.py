"""Files that people send: only those of marketers, only up to a size, and on their way below the data folder."""

from __future__ import annotations

from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest

from config.scratch import scratch_folder


def limit_in_bytes() -> int:
    return int(settings.LIST_MEGABYTES * 1_000_000)


def is_over_limit(request: HttpRequest) -> bool:
    """Whether its size is why there is no file: one that is too large is skipped, the rest of the form is read."""
    return int(request.META.get("CONTENT_LENGTH") or 0) > limit_in_bytes()


class _Upload(TemporaryUploadedFile):
    """For Muster's own account alone; gone once it is closed."""

    def __init__(self, *details: Any) -> None:
        kept = NamedTemporaryFile(suffix=".upload", dir=scratch_folder())  # noqa: SIM115
        UploadedFile.__init__(self, kept, *details)


class UploadWithinLimit(TemporaryFileUploadHandler):
    """Skips a file as soon as it is too large, or when nobody who may upload one sends it."""

    limit = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        user = getattr(self.request, "user", None)
        self.limit = limit_in_bytes() if getattr(user, "may_market", False) else 0
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = _Upload(self.file_name, self.content_type, 0, self.charset, self.content_type_extra)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > self.limit:
            raise SkipFile
        super().receive_data_chunk(raw_data, start)
