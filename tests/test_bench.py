"""The benches run, and find that a launch brings the very files that plain statements make."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.base import program


def _run(name: str, data: Path, made: str = "customers") -> dict[str, Any]:
    """Run a bench with few customers; what it wrote."""
    command = [sys.executable, "-m", f"bench.{name}", "--customers", "2000", "--threads", "1"]
    surroundings = {**os.environ, "MUSTER_DATA": str(data)}
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=surroundings, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in (data / "bench").iterdir()} == {f"{made}-2000", f"{name}.json"}
    found: dict[str, Any] = json.loads((data / "bench" / f"{name}.json").read_text())
    return found


def test_a_launch_is_measured_against_the_same_files(tmp_path: Path) -> None:
    for name in ("sshd", "sftp", "ssh-keygen"):
        program(name, f"/usr/sbin/{name}")
    found = _run("launch", tmp_path)
    assert (found["customers"], found["files"]) == (2000, 2)
    assert 0 < found["rows"] < 1000
    assert found["ratio"] > 0
    assert found["peak_mib"] > 0


def test_a_size_is_measured_against_the_same_count(tmp_path: Path) -> None:
    found = _run("count", tmp_path)
    assert found["customers"] == 2000
    assert 0 < found["segment"] < 1000
    assert found["ratio"] > 0


def test_a_list_of_phone_numbers_is_measured_against_the_same_customers(tmp_path: Path) -> None:
    found = _run("lists", tmp_path, "phones")
    assert found["customers"] == 2000
    assert 0 < found["matched"] <= 2000
    assert found["ratio"] > 0


def test_a_segment_with_orders_is_measured_against_the_same_question_by_hand(tmp_path: Path) -> None:
    found = _run("segment", tmp_path, "orders")
    assert found["customers"] == 2000
    assert 0 < found["segment"] < 1000
    assert found["ratio"] > 0


def test_the_counts_of_a_campaign_are_measured_against_one_query_by_hand(tmp_path: Path) -> None:
    found = _run("campaign", tmp_path)
    assert found["customers"] == 2000
    assert 0 < found["audience"] < 2000
    assert found["ratio"] > 0


def test_the_editor_takes_as_many_queries_for_sixty_sub_audiences_as_for_two(tmp_path: Path) -> None:
    found = _run("editor", tmp_path)
    assert found["queries"]["open large"] == found["queries"]["open small"]
    assert found["seconds"]["open large"] > found["seconds"]["open small"] > 0


def test_the_list_of_campaigns_takes_as_many_queries_with_more_campaigns(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.campaigns", "--campaigns", "400"]
    surroundings = {**os.environ, "MUSTER_DATA": str(tmp_path)}
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=surroundings, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "bench" / "campaigns.json").read_text())
    assert found["constant_queries"]
    assert {page["queries"] for page in found["pages"].values()} == {found["pages"]["first page"]["queries"]}
