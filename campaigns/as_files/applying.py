"""`apply`: a file becomes what it describes, whole or not at all. Nothing is ever launched."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.db import transaction

from campaigns.as_files.difference import Change
from campaigns.as_files.keys import Entry, parse
from campaigns.as_files.marks import FileProblem, read
from campaigns.as_files.section import Run, Section
from campaigns.as_files.sections import SECTIONS


@dataclass(frozen=True)
class Applied:
    changes: list[Change]
    warnings: list[FileProblem]


def apply_file(path: Path, *, dry_run: bool = False, environment: Mapping[str, str] | None = None) -> Applied:
    """Create and update what the file at `path` describes. FileProblem says what is wrong, and where.

    With `dry_run` nothing is stored and nothing is connected to. `environment`: where `{env: NAME}` looks, else the
    process's own.
    """
    run = Run(
        connects=not dry_run,
        folder=path.parent,
        environment=os.environ if environment is None else environment,
    )
    try:
        sections = parse(read(_text(path)))
        with transaction.atomic():
            changes = _apply(sections, run)
            transaction.set_rollback(dry_run)
    except FileProblem as error:
        error.file = str(path)
        raise
    for warning in run.warnings:
        warning.file = str(path)
    return Applied(changes, run.warnings)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FileProblem("The file is not in UTF-8. Save it so.") from None
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise FileProblem(f"The file cannot be read ({reason}). Correct the path.") from None


@dataclass(frozen=True)
class _Stored:
    section: Section[Any]
    entry: Entry
    change: Change
    one: Any

    def whole_change(self) -> Change:
        """Read again, for what was stored later may have changed it as well."""
        return replace(self.change, after=self.section.exported(self.section.known().get(pk=self.one.pk)))


def _apply(sections: Mapping[str, Sequence[Entry]], run: Run) -> list[Change]:
    stored = [
        item
        for key, section in SECTIONS.items()
        for item in _apply_section(section, sections.get(key, ()), run)
    ]
    for item in stored:
        item.section.finish(item.entry, item.change, item.one, run)
    return [item.whole_change() for item in stored]


def _apply_section(section: Section[Any], entries: Sequence[Entry], run: Run) -> Iterator[_Stored]:
    matched = section.match(entries, run)
    meant = {id(entries[place]): one for place, one in matched.items()}
    for entry in section.ordered(entries, matched):
        yield _store(section, entry, meant.get(id(entry)), run)


def _store(section: Section[Any], entry: Entry, before: Any, run: Run) -> _Stored:
    """Stored without asking anybody first: what changes nothing is taken back, what does is connected to."""
    shown = section.exported(before) if before is not None else None
    told = len(run.warnings)
    with transaction.atomic():
        one = section.store(entry, before, run, connect=False)
        change = Change(section.word, entry.name, shown, section.exported(_again(section, one)))
        asks = bool(change) and section.connects and run.connects
        transaction.set_rollback(asks or not change)
    if asks:
        del run.warnings[told:]
        one = section.store(entry, _again(section, before), run, connect=True)
    return _Stored(section, entry, change, one)


def _again(section: Section[Any], one: Any) -> Any:
    return section.known().get(pk=one.pk) if one is not None else None
