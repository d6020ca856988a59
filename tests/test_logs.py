"""What the log says, and what it leaves out."""

from __future__ import annotations

import logging
from typing import Any

import pytest


@pytest.mark.django_db
def test_a_refused_request_is_one_line(client_of: Any, viewer: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    with caplog.at_level(logging.WARNING, "django.request"):
        assert client_of(viewer).get("/credentials/").status_code == 403
    assert [record.getMessage() for record in caplog.records] == [
        "Forbidden (Permission denied): /credentials/"
    ]
    assert "Traceback" not in caplog.text
