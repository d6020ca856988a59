"""Where a customer database reads from, to be compared: whoever points it elsewhere may exchange all people."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from campaigns.customers.models import CustomerDatabase


def place(database: CustomerDatabase) -> str:
    """SHA-256 of engine, host, path and customer key; a login and its password may change."""
    parts = urlsplit(str(database.url))
    host = parts.netloc.rpartition("@")[2]
    told = [parts.scheme, host, parts.path, parts.query, database.customer_key, database.profile_table]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
