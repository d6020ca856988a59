"""Attentive's contract: names, files, parts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import asyncssh
import pytest
from hypothesis import given
from hypothesis import strategies as st

from destinations.kind import DeliveryError, Group
from destinations.kinds import KINDS
from destinations.kinds.attentive_segments.forms import CredentialForm, SettingsForm
from destinations.kinds.attentive_segments.packing import ROWS_PER_FILE, plan
from destinations.segment_names import template_problem

KIND = KINDS["attentive_segments"]


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("", "SpringSaleGoldTier"),
        ("{{ campaign_name }}", "SpringSale"),
        ("{{ campaign_name }}_{{ group_name }}", "SpringSale_GoldTier"),
        ("{{group_name}}", "GoldTier"),
    ],
)
def test_the_template_makes_the_segment_name(template: str, name: str) -> None:
    assert KIND.segment_name({"segment_name_template": template}, "Spring Sale", "Gold\u00a0 Tier") == name


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ brand }}", "“{{ brand }}” is no variable"),
        ("{{ group_name", "not closed"),
        ("{{ group_name }}/x", "a slash"),
        ("{{ group_name }}\\", "a backslash"),
        ("{{ group_name }},x", "a comma"),
        ('{{ group_name }},"', 'a comma (“,”) and a double quote (“"”) in it'),
        ("always the same", "same name"),
    ],
)
def test_a_template_that_cannot_be_names_its_bad_part(template: str, words: str) -> None:
    assert words in template_problem(template)


@pytest.mark.parametrize("name", ["a,b", 'a"b', "a/b", "a\\b", "a\nb", "_a", "a_", "x" * 241])
def test_names_that_attentive_cannot_carry_are_refused(name: str) -> None:
    assert KIND.name_problem(name)


def test_all_characters_that_a_name_cannot_have_are_told_at_once() -> None:
    assert 'a comma (“,”) or a double quote (“"”). Remove them.' in KIND.name_problem('a,b"')


def test_a_plain_name_may_be_carried() -> None:
    assert KIND.name_problem("SpringSale_GoldTier") == ""


def test_the_file_name_has_domain_local_date_and_number() -> None:
    settings = {"client_domain": "acme", "time_zone": "America/Chicago"}
    day = KIND.day(settings, datetime(2027, 3, 1, 3, 0, tzinfo=UTC))
    assert day == date(2027, 2, 28)
    (spec,) = KIND.plan(settings, [Group(1, "Gold", 5)])
    assert KIND.file_name(settings, spec, day, 7) == "acme_subscriber_segment_20270228_7.csv"
    assert spec.header is None


def _sections(groups: list[Group], **settings: Any) -> list[list[tuple[str, int, int]]]:
    specs = plan(groups, **({"files": "separate", "large_audiences": "numbered_segments"} | settings))
    return [
        [(section.segment_name, section.part, section.parts) for section in spec.sections] for spec in specs
    ]


def test_an_empty_group_makes_no_file() -> None:
    assert _sections([Group(1, "Gold", 0), Group(2, "Silver", 1)]) == [[("Silver", 1, 1)]]


def test_a_large_group_becomes_numbered_segments() -> None:
    assert _sections([Group(1, "Gold", ROWS_PER_FILE + 1)]) == [[("Gold", 1, 2)], [("Gold_2", 2, 2)]]


def test_the_number_of_parts_never_shrinks() -> None:
    assert _sections([Group(1, "Gold", 10, parts=3)]) == [
        [("Gold", 1, 3)],
        [("Gold_2", 2, 3)],
        [("Gold_3", 3, 3)],
    ]


def test_several_files_keep_one_segment_name() -> None:
    found = _sections([Group(1, "Gold", ROWS_PER_FILE * 2)], large_audiences="several_files")
    assert found == [[("Gold", 1, 2)], [("Gold", 2, 2)]]


def test_a_large_group_is_refused_where_the_destination_says_so() -> None:
    with pytest.raises(DeliveryError, match="500,001 rows"):
        _sections([Group(1, "Gold", ROWS_PER_FILE + 1)], large_audiences="refuse")


def test_a_single_file_holds_whole_segments_in_order() -> None:
    groups = [Group(1, "A", 300_000), Group(2, "B", 200_000), Group(3, "C", 1)]
    assert _sections(groups, files="single") == [[("A", 1, 1), ("B", 1, 1)], [("C", 1, 1)]]


@given(st.lists(st.tuples(st.integers(0, 2_000_000), st.integers(1, 4)), max_size=6), st.booleans())
def test_no_file_is_larger_than_attentive_takes(groups: list[tuple[int, int]], single: bool) -> None:
    known = {number: Group(number, f"G{number}", rows, parts) for number, (rows, parts) in enumerate(groups)}
    specs = plan(
        list(known.values()), files="single" if single else "separate", large_audiences="numbered_segments"
    )
    assert all(0 < sum(section.rows for section in spec.sections) <= ROWS_PER_FILE for spec in specs)
    for group in known.values():
        parts = [section.rows for spec in specs for section in spec.sections if section.group_id == group.id]
        assert sum(parts) == group.rows
        assert max(parts, default=0) - min(parts, default=0) <= 1
    names = [section.segment_name for spec in specs for section in spec.sections]
    assert len(names) == len(set(names))


def test_accounts_and_drop_points_tell_places_apart() -> None:
    login = {"hostname": "SFTP.example.com", "port": 22, "username": "acme"}
    settings = {"client_domain": "acme", "remote_folder": "/up\\ loads"}
    assert KIND.account_key(settings, login) == "sftp:acme@sftp.example.com:22"
    assert KIND.drop_point(settings, login) == "sftp:acme@sftp.example.com:22/up loads#acme"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("client_domain", "ac me", "letters, digits"),
        ("remote_folder", "uploads", "starts with /"),
        ("remote_folder", "/a/../b", "no “..”"),
        ("remote_folder", "/my uploads", "Write a space"),
        ("identifier", "", "Choose email or phone"),
        ("segment_name_template", "{{ brand }}", "is no variable"),
    ],
)
def test_settings_that_cannot_work_are_refused(field: str, value: str, words: str) -> None:
    good = {
        "client_domain": "acme",
        "remote_folder": "/uploads",
        "identifier": "email",
        "segment_name_template": "",
        "files": "separate",
        "large_audiences": "refuse",
        "time_zone": "UTC",
        "upload": "rename",
    }
    assert SettingsForm(good).is_valid()
    form = SettingsForm(good | {field: value})
    assert words in str(form.errors[field])


LOGIN = {"hostname": "sftp.example.com", "port": 22, "username": "acme", "passphrase": "an invented one"}


def test_a_login_by_passphrase_or_by_key_is_taken() -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    assert CredentialForm(LOGIN).is_valid()
    assert CredentialForm({**LOGIN, "passphrase": "", "private_key": key}).is_valid()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"private_key": "-----BEGIN OPENSSH PRIVATE KEY-----"}, "cannot be read"),
        ({"hostname": "sftp://sftp.example.com"}, "Write the host alone"),
        ({"hostname": "acme@sftp.example.com"}, "Write the host alone"),
        ({"port": 70_000}, "65535"),
        ({"passphrase": ""}, "Enter the passphrase"),
    ],
)
def test_a_login_that_cannot_work_is_refused_at_its_field(wrong: dict[str, Any], words: str) -> None:
    form = CredentialForm({**LOGIN, **wrong})
    assert not form.is_valid()
    (field,) = form.errors
    assert field in wrong
    assert words in str(form.errors[field])


@pytest.mark.parametrize("form", [CredentialForm, SettingsForm])
def test_every_field_has_its_place_on_the_page(form: Any) -> None:
    placed = [name for _, rows in form.sections for row in rows for name in row]
    assert sorted(placed) == sorted(form.base_fields)
