"""Attentive's upload against a real SFTP server."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from config import clock
from destinations.kind import (
    Absent,
    Confirmed,
    DeliveryError,
    DeliveryUnknown,
    HostKeyChanged,
    NameTaken,
    Parcel,
    Unknown,
)
from destinations.kinds import KINDS
from tests.fakes import SftpFarSide

KIND = KINDS["attentive_segments"]
SETTINGS = {"client_domain": "acme", "remote_folder": "/uploads", "identifier": "email"}
NAME = "acme_subscriber_segment_20270301_1.csv"


@pytest.fixture
def far_side(tmp_path: Path) -> Iterator[SftpFarSide]:
    (tmp_path / "root" / "uploads").mkdir(parents=True)
    with SftpFarSide(tmp_path / "root") as server:
        yield server


@pytest.fixture
def parcel(far_side: SftpFarSide, tmp_path: Path) -> Parcel:
    path = tmp_path / "list.csv"
    path.write_bytes(b"".join(b"person%d@example.com,Spring_Gold\n" % number for number in range(50_000)))
    return Parcel(
        path=path,
        name=NAME,
        size=path.stat().st_size,
        rows=50_000,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        token=2,
        first_attempt=True,
        deadline=clock.now() + timedelta(seconds=30),
        settings=SETTINGS,
        credential=far_side.credential,
        host_key=far_side.fingerprint,
    )


def _check(far_side: SftpFarSide, host_key: str = "", **credential: Any) -> Any:
    return KIND.check(SETTINGS, far_side.credential | credential, host_key)


def test_a_good_connection_passes_every_step_and_leaves_nothing(far_side: SftpFarSide) -> None:
    result = _check(far_side)
    assert result.ok
    assert [step.title for step in result.steps] == ["Login", "Host key", "Folder", "Probe file"]
    assert result.host_key == far_side.fingerprint
    assert list((far_side.root / "uploads").iterdir()) == []


def test_a_wrong_passphrase_is_told_without_naming_it(far_side: SftpFarSide) -> None:
    result = _check(far_side, passphrase="something else")
    assert "refused this user name and passphrase" in result.message
    assert "something else" not in result.message
    assert result.field == "passphrase"


def test_a_refused_port_is_told(far_side: SftpFarSide) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        result = _check(far_side, port=free.getsockname()[1])
    assert "refused the connection" in result.message
    assert result.field == "port"


def test_a_host_that_the_setting_does_not_name_is_never_connected_to(far_side: SftpFarSide) -> None:
    result = _check(far_side, hostname="sftp.example.com")
    assert "is not among ALLOWED_DESTINATION_HOSTS" in result.message
    assert result.field == "hostname"


def test_an_unknown_host_is_told(
    far_side: SftpFarSide, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.ALLOWED_DESTINATION_HOSTS = ["sftp.example.com"]

    async def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror("no such host")

    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.getaddrinfo", nowhere)
    result = _check(far_side, hostname="sftp.example.com")
    assert "no host sftp.example.com" in result.message
    assert result.field == "hostname"


def test_a_hostname_that_no_look_up_takes_is_an_unknown_host(far_side: SftpFarSide, settings: Any) -> None:
    settings.ALLOWED_DESTINATION_HOSTS = [f"{'x' * 80}.example.com"]
    assert "There is no host" in _check(far_side, hostname=f"{'x' * 80}.example.com").message


def test_a_login_by_key_alone_names_the_key(far_side: SftpFarSide) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    result = _check(far_side, passphrase="", private_key=key)
    assert result.field == "private_key"
    assert "PRIVATE KEY" not in result.message


def test_a_key_that_cannot_be_read_is_told(far_side: SftpFarSide) -> None:
    result = _check(far_side, private_key="no key at all")
    assert "cannot be read" in result.message
    assert result.field == "private_key"


def test_a_missing_folder_is_told(far_side: SftpFarSide) -> None:
    (far_side.root / "uploads").rmdir()
    result = _check(far_side)
    assert "no folder /uploads" in result.message
    assert result.field == "remote_folder"


def test_a_read_only_folder_is_told(far_side: SftpFarSide) -> None:
    far_side.read_only = True
    result = _check(far_side)
    assert "may not write into /uploads" in result.message
    assert result.field == "remote_folder"


def test_an_account_that_may_not_remove_is_told(far_side: SftpFarSide) -> None:
    far_side.refuses_removal = True
    assert "may not remove files in /uploads" in _check(far_side).message


def test_a_probe_file_that_was_left_behind_is_not_in_the_way(far_side: SftpFarSide) -> None:
    far_side.refuses_removal = True
    _check(far_side)
    far_side.refuses_removal = False
    assert _check(far_side).ok


def test_an_account_that_may_not_rename_is_offered_the_other_way(far_side: SftpFarSide) -> None:
    far_side.refuses_rename = True
    result = _check(far_side)
    assert "upload directly" in result.message
    assert result.field == "upload"
    assert list((far_side.root / "uploads").iterdir()) == []
    assert KIND.check(SETTINGS | {"upload": "directly"}, far_side.credential).ok


def test_a_changed_host_key_is_told_and_nobody_logs_in(far_side: SftpFarSide, parcel: Parcel) -> None:
    other = "SHA256:" + "A" * 43
    result = _check(far_side, host_key=other)
    assert "another host key" in result.message
    assert (result.field, result.host_key) == ("host_key", far_side.fingerprint)
    with pytest.raises(HostKeyChanged) as caught:
        KIND.send(replace(parcel, host_key=other))
    assert caught.value.permanent


def test_a_file_arrives_whole_under_its_name_alone(far_side: SftpFarSide, parcel: Parcel) -> None:
    sent: list[int] = []
    answer = KIND.send(replace(parcel, progress=sent.append))
    assert answer == Confirmed("same size there")
    (file,) = (far_side.root / "uploads").iterdir()
    assert file.name == NAME
    assert hashlib.sha256(file.read_bytes()).hexdigest() == parcel.sha256
    assert sent[-1] == parcel.size
    assert all(not name.endswith(".csv") for name in far_side.opened)


def test_leftovers_of_older_attempts_are_removed(far_side: SftpFarSide, parcel: Parcel) -> None:
    older = far_side.root / "uploads" / f".{NAME}.1.part"
    older.write_text("half")
    KIND.send(parcel)
    assert not older.exists()


def test_somebody_elses_file_under_our_name_is_left_alone(far_side: SftpFarSide, parcel: Parcel) -> None:
    foreign = far_side.root / "uploads" / NAME
    foreign.write_text("theirs")
    with pytest.raises(NameTaken):
        KIND.send(parcel)
    assert foreign.read_text() == "theirs"


def test_a_lost_answer_is_unknown_and_the_look_up_finds_the_file(
    far_side: SftpFarSide, parcel: Parcel
) -> None:
    far_side.loses_the_answer_to_rename = True
    with pytest.raises(DeliveryUnknown):
        KIND.send(parcel)
    assert KIND.look_up(parcel) == Confirmed("same size there")


def test_sending_again_after_a_lost_answer_brings_no_second_copy(
    far_side: SftpFarSide, parcel: Parcel
) -> None:
    far_side.loses_the_answer_to_rename = True
    with pytest.raises(DeliveryUnknown):
        KIND.send(parcel)
    far_side.loses_the_answer_to_rename = False
    opened = len(far_side.opened)
    assert KIND.send(replace(parcel, token=3, first_attempt=False)) == Confirmed("same size there")
    assert len(far_side.opened) == opened


def test_what_was_never_renamed_is_absent(far_side: SftpFarSide, parcel: Parcel) -> None:
    (far_side.root / "uploads" / f".{NAME}.2.part").write_text("half")
    assert KIND.look_up(parcel) == Absent()


def test_the_last_look_stops_before_the_final_name(far_side: SftpFarSide, parcel: Parcel) -> None:
    def superseded() -> None:
        raise DeliveryError("A newer launch has begun to send this list.", permanent=True)

    with pytest.raises(DeliveryError, match="newer launch"):
        KIND.send(replace(parcel, last_look=superseded))
    assert not (far_side.root / "uploads" / NAME).exists()


def test_directly_uploaded_files_carry_their_name_from_the_start(
    far_side: SftpFarSide, parcel: Parcel
) -> None:
    far_side.refuses_rename = True
    directly = replace(parcel, settings=SETTINGS | {"upload": "directly"})
    assert KIND.send(directly) == Confirmed("same size there")
    assert [Path(name).name for name in far_side.opened] == [NAME]


def test_a_deadline_that_has_passed_sends_nothing(far_side: SftpFarSide, parcel: Parcel) -> None:
    with pytest.raises(DeliveryError, match="longer than it may"):
        KIND.send(replace(parcel, deadline=clock.now()))
    assert list((far_side.root / "uploads").iterdir()) == []


# What the far side may refuse, and what it may never answer ------------------------------------------------


def _leave(far_side: SftpFarSide) -> list[str]:
    return sorted(path.name for path in (far_side.root / "uploads").iterdir())


class Stop(Exception):
    """As a person's cancelling, or a lost lease, comes out of the parcel's calls."""


def _stop(*_: object) -> None:
    raise Stop


@pytest.mark.parametrize("call", ["progress", "last_look"])
def test_who_stops_a_sending_finds_nothing_of_it_there(
    far_side: SftpFarSide, parcel: Parcel, call: str
) -> None:
    with pytest.raises(Stop):
        KIND.send(replace(parcel, **{call: _stop}))
    assert _leave(far_side) == []


def test_a_folder_that_may_not_be_listed_takes_files_all_the_same(
    far_side: SftpFarSide, parcel: Parcel
) -> None:
    far_side.refuses_listing = True
    (far_side.root / "uploads" / f".{NAME}.1.part").write_text("half")
    assert KIND.look_up(parcel) == Absent()
    assert KIND.send(parcel) == Confirmed("same size there")
    assert _leave(far_side) == [NAME]


def test_what_may_not_be_looked_at_after_the_renaming_is_confirmed(
    far_side: SftpFarSide, parcel: Parcel
) -> None:
    def hide() -> None:
        far_side.refuses_stat = True

    assert KIND.send(replace(parcel, last_look=hide)) == Confirmed("it may not be looked at")


def test_what_may_not_be_looked_at_cannot_be_looked_up(far_side: SftpFarSide, parcel: Parcel) -> None:
    far_side.refuses_stat = True
    assert isinstance(KIND.look_up(parcel), Unknown)


def test_a_server_that_is_full_is_not_called_a_broken_connection(
    far_side: SftpFarSide, parcel: Parcel
) -> None:
    far_side.is_full = True
    with pytest.raises(DeliveryError, match="no room left"):
        KIND.send(parcel)


@pytest.mark.parametrize("step", ["stat", "close"])
def test_a_server_that_falls_silent_before_the_renaming_is_sent_to_again(
    far_side: SftpFarSide, parcel: Parcel, settings: Any, step: str
) -> None:
    settings.STALL_SECONDS = 0.3
    far_side.hangs_at = step
    with pytest.raises(DeliveryError, match="stopped answering") as error:
        KIND.send(parcel)
    assert not isinstance(error.value, DeliveryUnknown)


def test_a_renaming_that_nobody_answers_is_unknown(
    far_side: SftpFarSide, parcel: Parcel, settings: Any
) -> None:
    settings.STALL_SECONDS = 0.3
    far_side.hangs_at = "rename"
    with pytest.raises(DeliveryUnknown):
        KIND.send(parcel)


def test_a_deadline_that_passes_while_the_file_is_renamed_is_unknown(
    far_side: SftpFarSide, parcel: Parcel
) -> None:
    far_side.hangs_at = "rename"
    with pytest.raises(DeliveryUnknown):
        KIND.send(replace(parcel, deadline=clock.now() + timedelta(seconds=1)))
    assert _leave(far_side) == [NAME]


def test_a_deadline_that_passes_after_the_renaming_was_answered_is_confirmed(
    far_side: SftpFarSide, parcel: Parcel
) -> None:
    def hang() -> None:
        far_side.hangs_at = "stat"

    deadline = clock.now() + timedelta(seconds=1)
    assert isinstance(KIND.send(replace(parcel, last_look=hang, deadline=deadline)), Confirmed)


def test_a_session_that_ends_without_a_word_while_the_file_is_renamed_is_unknown(
    far_side: SftpFarSide, parcel: Parcel
) -> None:
    far_side.ends_the_session_at_rename = True
    with pytest.raises(DeliveryUnknown):
        KIND.send(parcel)


# Upload directly ------------------------------------------------------------------------------------------


@pytest.fixture
def direct(parcel: Parcel) -> Parcel:
    return replace(parcel, settings=SETTINGS | {"upload": "directly"})


def _cut_short(far_side: SftpFarSide) -> None:
    (far_side.root / "uploads" / NAME).write_text("half")


def test_a_first_direct_upload_leaves_a_foreign_file_alone(far_side: SftpFarSide, direct: Parcel) -> None:
    _cut_short(far_side)
    with pytest.raises(NameTaken):
        KIND.send(direct)
    assert (far_side.root / "uploads" / NAME).read_text() == "half"


def test_even_one_that_came_up_at_the_last_moment(far_side: SftpFarSide, direct: Parcel) -> None:
    with pytest.raises(NameTaken):
        KIND.send(replace(direct, last_look=lambda: _cut_short(far_side)))
    assert (far_side.root / "uploads" / NAME).read_text() == "half"


def test_what_a_broken_direct_upload_left_there_is_written_again(
    far_side: SftpFarSide, direct: Parcel
) -> None:
    _cut_short(far_side)
    assert KIND.look_up(direct) == Absent()
    assert KIND.send(replace(direct, first_attempt=False)) == Confirmed("same size there")
    assert (far_side.root / "uploads" / NAME).stat().st_size == direct.size


def test_what_a_broken_direct_upload_left_and_is_gone_is_unknown(
    far_side: SftpFarSide, direct: Parcel
) -> None:
    assert isinstance(KIND.look_up(direct), Unknown)
    with pytest.raises(DeliveryUnknown):
        KIND.send(replace(direct, first_attempt=False))
    assert far_side.opened == []


def test_a_direct_upload_that_was_never_opened_says_so(far_side: SftpFarSide, direct: Parcel) -> None:
    far_side.read_only = True
    with pytest.raises(DeliveryError, match="may not write") as error:
        KIND.send(direct)
    assert error.value.untouched
