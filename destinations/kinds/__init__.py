"""The kinds of destinations: a folder each, one line each here."""

from destinations.kind import Kind
from destinations.kinds.attentive_segments.kind import AttentiveSegments
from destinations.kinds.https_upload.kind import HttpsUpload

KINDS: dict[str, Kind] = {
    "attentive_segments": AttentiveSegments(),
    "https_upload": HttpsUpload(),
}
