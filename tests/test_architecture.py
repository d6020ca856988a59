"""Which part may know of which: imports go one way, and each outside library has one user."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# From the top down: each may import those below it, never one above it.
INSIDE_CAMPAIGNS = ("home", "as_files", "launches", "planning", "segments", "customers")
# Which of ours a package of the first rank may import.
MAY_USE = {
    "config": {"config"},
    "destinations": {"destinations", "config"},
    "campaigns": {"campaigns", "destinations", "config"},
}
# Django finds these by name: the one place that knows of every package.
ASSEMBLY = ("config/urls.py", "campaigns/models.py")
# Libraries that one place talks through.
ONLY_USERS = {
    "asyncssh": ("destinations/transport/", "destinations/sandbox/"),
    "requests": ("destinations/transport/",),
    # Only customers connects; the other two make expressions that it runs.
    "ibis": ("campaigns/customers/", "campaigns/segments/", "campaigns/planning/counting.py"),
    "phonenumbers": ("campaigns/customers/",),
    "email_validator": ("campaigns/customers/",),
}
# Django's start must not wait for them.
HEAVY = ("ibis", "duckdb", "asyncssh", "pyarrow")


@dataclass(frozen=True)
class Import:
    path: str  # of the importing file, below the root
    line: int
    module: str
    names: tuple[str, ...]
    is_at_top: bool

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.module} ({', '.join(self.names)})"


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in MAY_USE:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def imports() -> list[Import]:
    return [found for path, tree in sources() for found in _imports(path, tree)]


def _imports(path: str, tree: ast.Module) -> Iterator[Import]:
    top = {id(node) for node in tree.body}
    only_types = {id(inner) for node in ast.walk(tree) if _asks_for_types(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in only_types:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(path, node.lineno, alias.name, (), id(node) in top)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: relative imports hide where things come from"
            names = tuple(alias.name for alias in node.names)
            yield Import(path, node.lineno, node.module or "", names, id(node) in top)


def _asks_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


ALL = imports()


def test_the_first_rank_imports_downwards():
    wrong = [
        str(found)
        for found in ALL
        if found.module.split(".")[0] in MAY_USE
        and found.module.split(".")[0] not in MAY_USE[found.path.split("/")[0]]
        and found.path not in ASSEMBLY
    ]
    assert not wrong


def test_the_packages_of_campaigns_import_downwards():
    wrong = [
        str(found)
        for found in ALL
        if found.path not in ASSEMBLY and _rank(found.module.split(".")) < _rank(found.path.split("/"))
    ]
    assert not wrong


def _rank(parts: list[str]) -> int:
    """0 is the top. Above it stand the commands and what Django asks an app for, below it the other apps."""
    if parts[0] != "campaigns":
        return len(INSIDE_CAMPAIGNS)
    package = parts[1] if len(parts) > 1 else ""
    return INSIDE_CAMPAIGNS.index(package) if package in INSIDE_CAMPAIGNS else -1


def test_home_and_files_do_not_know_each_other():
    pair = {"home": "as_files", "as_files": "home"}
    wrong = [
        str(found)
        for found in ALL
        for here, there in pair.items()
        if found.path.startswith(f"campaigns/{here}/") and found.module.startswith(f"campaigns.{there}")
    ]
    assert not wrong


def test_nobody_imports_what_is_private_to_another_module():
    ours = [found for found in ALL if found.module.split(".")[0] in MAY_USE]
    wrong = [
        str(found)
        for found in ours
        if any(name.startswith("_") for name in (*found.names, *found.module.split(".")))
    ]
    assert not wrong


@pytest.mark.parametrize("library", ONLY_USERS)
def test_a_library_has_one_place_that_talks_through_it(library):
    wrong = [
        str(found)
        for found in ALL
        if found.module.split(".")[0] == library and not found.path.startswith(ONLY_USERS[library])
    ]
    assert not wrong


def test_only_customers_opens_databases_with_ibis():
    """Segments compile rules to expressions; they connect to nothing."""
    calls = [
        f"{path}:{node.lineno}"
        for path, tree in sources()
        if not path.startswith("campaigns/customers/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "connect"
        and "ibis" in ast.unparse(node.value).split(".")
    ]
    assert not calls


@pytest.mark.parametrize("module", ["config.urls", "campaigns.models", "destinations.kinds"])
def test_django_starts_without_the_heavy_libraries(module):
    """What `manage.py` imports before it knows the command; seconds that every command would wait."""
    import subprocess
    import sys

    code = (
        "import django, importlib, sys; django.setup(); "
        f"importlib.import_module({module!r}); print(*(set({HEAVY!r}) & set(sys.modules)))"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings", "PATH": "", "MUSTER_DATA": "/nonexistent"}
    environment |= {"SECRET_KEY": "a", "ENCRYPTION_KEYS": "b"}
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == []


def test_nothing_outside_the_kinds_asks_which_kind_it_is():
    wrong = [
        f"{path}:{node.lineno} {ast.unparse(node)}"
        for path, tree in sources()
        if not path.startswith("destinations/kinds/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and _names_a_kind(node)
    ]
    assert not wrong


def _names_a_kind(node: ast.Compare) -> bool:
    """`….kind == "attentive_segments"`, `kind in ("https_upload", …)`."""
    texts = {inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant)}
    return bool(texts & _kinds())


def _kinds() -> set[str]:
    return {path.name for path in (ROOT / "destinations/kinds").iterdir() if (path / "kind.py").exists()}


def test_every_kind_has_its_files():
    kinds = [
        path for path in (ROOT / "destinations/kinds").iterdir() if path.is_dir() and path.name[0] != "_"
    ]
    assert kinds
    for kind in kinds:
        assert {"__init__.py", "kind.py", "forms.py", "README.md"} <= {path.name for path in kind.iterdir()}


def test_every_kind_is_in_the_dict():
    from destinations.kinds import KINDS

    assert set(KINDS) == _kinds()
    assert all(name == kind.name for name, kind in KINDS.items())


def test_no_module_grows_beyond_what_one_reads_at_once():
    long = {
        path: lines for path, _ in sources() if (lines := len((ROOT / path).read_text().splitlines())) >= 400
    }
    assert not long
