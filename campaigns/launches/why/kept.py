"""What a launch keeps of everybody it considered, so that it can say later why somebody is (not) in the list.

`audience` as audience.py wrote it, and `values_<n>` of each column that could not be read in the same pass (`key`,
`value`, `cut`, as recipients.py wrote it). Who got which group stands in the launch's own history.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from campaigns.launches.audience import AUDIENCE, ValueColumn
from campaigns.launches.workshop import WORK

PEOPLE = "people"


def keep_people(folder: Path, columns: Sequence[ValueColumn]) -> dict[str, Path]:
    """Move them out of what a build throws away; {name: path}."""
    (folder / PEOPLE).mkdir()
    written = {name: folder / WORK / f"{name}.parquet" for name in (AUDIENCE, *(one.file for one in columns))}
    return {name: path.rename(folder / PEOPLE / path.name) for name, path in written.items() if path.exists()}
