"""Which files a list of groups becomes. Pure; Attentive: 500,000 rows a file."""

from __future__ import annotations

from collections.abc import Sequence

from destinations.kind import DeliveryError, FileSpec, Group, Section, part_sizes

ROWS_PER_FILE = 500_000


def plan(groups: Sequence[Group], *, files: str, large_audiences: str) -> list[FileSpec]:
    """One spec per file; an empty group gets none, since nobody says what an empty file does there."""
    pieces = [piece for group in groups if group.rows for piece in _pieces(group, large_audiences)]
    if files == "single":
        return _packed(pieces)
    return [FileSpec((section,)) for section in pieces]


def _pieces(group: Group, large_audiences: str) -> list[Section]:
    """The group's sections: one that has to be cut gives several."""
    needed = -(-group.rows // ROWS_PER_FILE)
    if needed > 1 and large_audiences == "refuse":
        raise DeliveryError(
            f"{group.segment_name} has {group.rows:,} rows, and this destination takes {ROWS_PER_FILE:,}. "
            "Split the group, or let the destination cut large audiences.",
            permanent=True,
        )
    numbered = large_audiences == "numbered_segments"
    # Never fewer parts than before: else the last of them would keep people who left.
    parts = max(needed, group.parts) if numbered else needed
    return [
        Section(
            group_id=group.id,
            segment_name=f"{group.segment_name}_{part}" if numbered and part > 1 else group.segment_name,
            rows=rows,
            part=part,
            parts=parts,
        )
        for part, rows in enumerate(part_sizes(group.rows, parts), 1)
    ]


def _packed(pieces: Sequence[Section]) -> list[FileSpec]:
    """Whole sections in order, as many as fit into a file."""
    files: list[list[Section]] = []
    room = 0
    for section in pieces:
        if not files or section.rows > room:
            files.append([])
            room = ROWS_PER_FILE
        files[-1].append(section)
        room -= section.rows
    return [FileSpec(tuple(sections)) for sections in files]
