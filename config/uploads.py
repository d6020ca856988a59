"""Files that people send: only those of marketers, only up to a size, and on their way below the data folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest

from config.full_disk import is_disk_full
from config.scratch import scratch_folder

_NO_ROOM = "muster.no_room"  # where a request says that a file found no room


def limit_in_bytes() -> int:
    return int(settings.LIST_MEGABYTES * 1_000_000)


def is_over_limit(request: HttpRequest) -> bool:
    """Whether its size is why there is no file: one that is too large is skipped, the rest of the form is read."""
    return int(request.META.get("CONTENT_LENGTH") or 0) > limit_in_bytes()


def found_no_room(request: HttpRequest) -> bool:
    """Whether a full disk is why there is no file."""
    return _NO_ROOM in request.META


class _Upload(TemporaryUploadedFile):
    """For Muster's own account alone; gone once it is closed."""

    def __init__(self, *details: Any) -> None:
        kept = NamedTemporaryFile(suffix=".upload", dir=scratch_folder())  # noqa: SIM115
        UploadedFile.__init__(self, kept, *details)

    def close(self) -> None:
        """What could not be written cannot be written now."""
        try:
            super().close()
        except OSError as error:
            if not is_disk_full(error):
                raise


class UploadWithinLimit(TemporaryFileUploadHandler):
    """Skips a file as soon as it is too large, or when nobody who may upload one sends it."""

    limit = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        user = getattr(self.request, "user", None)
        self.limit = limit_in_bytes() if getattr(user, "may_market", False) else 0
        FileUploadHandler.new_file(self, *args, **kwargs)
        with self._skipped_without_room():
            self.file = _Upload(self.file_name, self.content_type, 0, self.charset, self.content_type_extra)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > self.limit:
            raise SkipFile
        with self._skipped_without_room():
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        try:
            with self._skipped_without_room():
                return super().file_complete(file_size)
        except SkipFile:  # nobody waits for it any more
            self.file.close()
        return None

    @contextmanager
    def _skipped_without_room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not is_disk_full(error):
                raise
            assert self.request is not None
            self.request.META[_NO_ROOM] = True
            raise SkipFile from error
