"""The kinds of destinations: a folder each, one line each here."""

from destinations.kind import Kind
from destinations.kinds.attentive_segments.kind import AttentiveSegments

KINDS: dict[str, Kind] = {
    "attentive_segments": AttentiveSegments(),
}
