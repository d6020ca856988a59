"""Secrets at rest: one JSON object a field, encrypted with keys of our own.

`ENCRYPTION_KEYS` lists texts, newest first: the first one encrypts, all of them decrypt, so that a key can be
rotated by putting a new one in front; a row is written with it when it is next saved.
"""

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


def _fernet() -> MultiFernet:
    keys = [hashlib.sha256(key.encode()).digest() for key in settings.ENCRYPTION_KEYS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


def encrypt(value: Any) -> str:
    """A JSON value as an encrypted text."""
    return _fernet().encrypt(json.dumps(value).encode()).decode()


def decrypt(text: str) -> Any:
    """The JSON value again; ImproperlyConfigured where no key of ours fits."""
    try:
        return json.loads(_fernet().decrypt(text.encode()))
    except InvalidToken:
        raise ImproperlyConfigured(
            "A stored secret cannot be decrypted: ENCRYPTION_KEYS lacks the key it was written with."
        ) from None


class EncryptedJSONField(models.TextField):
    """A JSON value that the database holds only encrypted. It cannot be searched."""

    # For the type checker: what is set and got is any JSON value.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else decrypt(value)

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else encrypt(value)

    def to_python(self, value: Any) -> Any:
        return value
