"""What does not fit on the disk is refused before it is written."""

import re
import shutil
from types import SimpleNamespace

import pytest

from campaigns.launches.build import BuildError
from tests.launches.launching import campaign, destination, everyone_else, group, launch, people

MEGABYTE = 1024 * 1024
ALL = campaign(everyone_else(group(1, 1000), group(2, 9000, 1)), destinations=[destination(1)])


def refusal(folder, customers, free, monkeypatch, stages):
    """(megabytes needed, megabytes free) as the refusal says them; nothing may be left of the build."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    with pytest.raises(BuildError) as refused:
        launch(ALL, customers, folder, progress=stages.append)
    assert list((folder / "launch1").iterdir()) == []
    told = re.fullmatch(
        r"The disk is too full to build the files: ([\d,]+) MB are needed and ([\d,]+) MB are free\."
        r" Free some space, then launch again\.",
        refused.value.message,
    )
    assert told, refused.value.message
    return tuple(int(number.replace(",", "")) for number in told.groups())


def test_a_full_disk_is_refused_before_customers_are_read(tmp_path, monkeypatch):
    stages: list[str] = []
    assert refusal(tmp_path, people(1, 2), 50 * MEGABYTE, monkeypatch, stages) == (200, 50)
    assert stages == []


def test_more_customers_than_the_disk_holds_are_refused_before_they_are_assigned(tmp_path, monkeypatch):
    stages: list[str] = []
    needed, free = refusal(tmp_path, people(*range(20_000)), 201 * MEGABYTE, monkeypatch, stages)
    assert free == 201
    assert needed > free
    assert stages == ["Reading the customer database"]


def test_what_fits_on_the_disk_is_built(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=201 * MEGABYTE))
    assert len(launch(ALL, people(1, 2), tmp_path).files) == 1
