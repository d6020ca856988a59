"""A storage that is no folder: its files have no path, as those in a bucket have none."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible


@deconstructible
class Bucket(Storage):
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        try:
            return File(io.BytesIO(self.files[name]), name)
        except KeyError as error:
            raise FileNotFoundError(name) from error

    def _save(self, name: str, content: Any) -> str:
        self.files[name] = content.read()
        return name

    def delete(self, name: str) -> None:
        self.files.pop(name, None)

    def exists(self, name: str) -> bool:
        return name in self.files
