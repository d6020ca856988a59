"""The kinds of destinations: a folder each, one line each here. `docs/add-a-kind.md` lists a kind's files."""

from destinations.kind import Kind

KINDS: dict[str, Kind] = {}
