"""Whether anybody works, asked of a real Redis and a real worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq import Worker

from campaigns.launches import workers
from config import bundled_redis

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30


def wait_for(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("redis") / "redis.sock"
    server = bundled_redis.find_server()
    assert server is not None
    with subprocess.Popen(bundled_redis.command(server, path), stdout=subprocess.DEVNULL) as process:
        wait_for(lambda: bundled_redis.answers(path))
        yield path
        process.terminate()


@pytest.fixture
def worker(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[subprocess.Popen[bytes]]:
    redis = Redis(unix_socket_path=str(socket))
    monkeypatch.setattr("django_rq.get_connection", lambda: redis)
    environment = os.environ | {"REDIS_URL": f"unix://{socket}", "MUSTER_DATA": str(tmp_path / "data")}
    command = [sys.executable, "manage.py", "rqworker", "default", "-v", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        # Idle: it listens to signals by now.
        wait_for(lambda: any(one.get_state() == "idle" for one in Worker.all(connection=redis)))
        yield process
        process.kill()


def test_a_worker_that_was_killed_counts_until_it_is_silent_for_too_long(
    worker: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert workers.workers_running() == 1
    monkeypatch.setattr(workers, "LONGEST_SILENCE", timedelta(milliseconds=1))
    wait_for(lambda: workers.workers_running() == 0)


def test_a_worker_that_left_in_order_counts_no_more(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    worker.wait()
    assert workers.workers_running() == 0


def test_without_redis_nobody_can_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gone = Redis(unix_socket_path=str(tmp_path / "gone.sock"))
    monkeypatch.setattr("django_rq.get_connection", lambda: gone)
    assert workers.workers_running() is None
