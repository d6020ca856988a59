"""The sandbox's servers: SFTP as Attentive has it, and a place for HTTPS uploads; on loopback alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from destinations.sandbox import account
from destinations.sandbox.http import UploadServer
from destinations.sandbox.sftp import SftpServer


@contextmanager
def running() -> Iterator[None]:
    """Both servers, in threads of this process, until the block ends. OSError where a port is taken."""
    account.make_folders()
    with (
        SftpServer(account.sftp_account(), settings.SANDBOX_SFTP_PORT),
        UploadServer(
            account.http_uploads(), account.HTTP_PATH, account.bearer_token(), settings.SANDBOX_HTTP_PORT
        ),
    ):
        yield
