"""The documentation says what there is: every setting, every command, every key of a file, every link."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from campaigns.as_files import keys

ROOT = Path(__file__).resolve().parents[1]
OPERATIONS = (ROOT / "docs/operations.md").read_text()


def _section(title: str) -> str:
    return OPERATIONS.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def _first_cells(section: str) -> set[str]:
    return set(re.findall(r"^\| `([^` ]+)", section, re.MULTILINE))


def _settings_asked_for() -> set[str]:
    """The names that config/settings.py asks env() and its like for."""
    tree = ast.parse((ROOT / "config/settings.py").read_text())
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id.startswith("env")
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_every_setting_is_listed_and_no_other():
    assert _first_cells(_section("Settings")) == _settings_asked_for()


def test_the_settings_that_are_numbers_say_their_default():
    from django.conf import settings

    rows = re.findall(r"^\| `([A-Z_]+_SECONDS)` \| (\d+) \|", OPERATIONS, re.MULTILINE)
    source = (ROOT / "config/settings.py").read_text()
    for name, default in rows:
        assert hasattr(settings, name)
        (told,) = re.findall(rf'env_number\("{name}", ([0-9 *]+)\)', source)
        product = 1
        for factor in told.split("*"):
            product *= int(factor)
        assert product == int(default), name
    assert len(rows) >= 9


def test_every_command_is_listed_and_no_other():
    folders = ("campaigns/management/commands", "destinations/management/commands")
    found = {path.stem for folder in folders for path in (ROOT / folder).glob("[a-z]*.py")}
    assert _first_cells(_section("Commands")) == found


@pytest.mark.parametrize(
    ("section", "tables"),
    [
        ("customer_databases", [keys.CUSTOMER_DATABASE, keys.ORDERS, keys.COLUMN]),
        ("credentials", [keys.CREDENTIAL]),
        ("destinations", [keys.DESTINATION, keys.DEFAULT_ATTRIBUTE]),
        ("segments", [keys.SEGMENT]),
        (
            "campaigns",
            [
                keys.CAMPAIGN,
                keys.SUB_AUDIENCE,
                keys.TREATMENT_GROUP,
                keys.ATTRIBUTE,
                keys.SCHEDULE,
                keys.BRAKES,
            ],
        ),
    ],
)
def test_every_key_of_a_file_is_listed_and_no_other(section, tables):
    (row,) = re.findall(rf"^\| `{section}` \| (.*) \|$", OPERATIONS, re.MULTILINE)
    assert set(re.findall(r"`([^`]+)`", row)) == {key for table in tables for key in table}


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=str)
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
