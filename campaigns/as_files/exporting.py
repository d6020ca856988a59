"""`export`: everything that is configured, in the form that `apply` reads. No secret is ever in it."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import yaml

from campaigns.as_files.secret import Secret
from campaigns.as_files.sections import SECTIONS

HEADER = """\
# Muster's configuration. `python manage.py apply` reads this file; a key left out keeps what is stored.
"""


def export() -> str:
    """The file's text: all that is not archived, with ids, so that a rename stays a rename."""
    found = {
        key: [section.exported(one) for one in section.all().order_by("pk")]
        for key, section in SECTIONS.items()
    }
    data = _told_apart({key: entries for key, entries in found.items() if entries}, {})
    text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110) if data else ""
    return HEADER + text


def _told_apart(value: Any, taken: dict[str, Secret]) -> Any:
    """Two secrets never get one name: applied again, the one would become the other."""
    if isinstance(value, dict):
        return {key: _told_apart(inner, taken) for key, inner in value.items()}
    if isinstance(value, list):
        return [_told_apart(inner, taken) for inner in value]
    if not isinstance(value, Secret):
        return value
    names = (value.proposal if number == 1 else f"{value.proposal}_{number}" for number in count(1))
    name = next(name for name in names if taken.setdefault(name, value) == value)
    return replace(value, proposal=name)


class _Dumper(yaml.SafeDumper):
    """Lists stand deeper than their key, as people write them; a value that occurs twice is written twice."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _source(dumper: _Dumper, secret: Secret) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", {"env": secret.proposal}, flow_style=True)


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    """A text of several lines as such."""
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(Secret, _source)
_Dumper.add_representer(str, _text)
